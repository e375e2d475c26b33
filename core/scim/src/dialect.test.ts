import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DialectName, deviationsOf, dialectNames, type QuirkName, quirks, understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import { parseFilter } from './filter/parse.ts';
import { resolveFilter } from './filter/resolve.ts';
import { messageUrns } from './names.ts';
import { applyPatch } from './patch.ts';
import { readPatch } from './patch-request.ts';
import { project, readProjection } from './projection.ts';
import { readResource } from './resource.ts';
import { groupType, userType } from './resource-types.ts';
import type { Resource } from './schema.ts';

/** A message that a client sends or documents, and what it means. One of resource, patch, filter and attributes is given. */
interface Fixture {
  readonly from: string;
  readonly type: 'User' | 'Group';
  readonly resource?: unknown;
  readonly patch?: readonly unknown[];
  readonly filter?: string;
  readonly attributes?: readonly string[];
  readonly before?: Resource;
  readonly after?: unknown;
  readonly rows?: unknown;
  /** With what it is refused in a dialect that does not know the habit. */
  readonly refused?: string;
}

const folder = new URL('fixtures/quirks/', import.meta.url);
const fixtures = globSync('*.json', { cwd: folder }).map((file) => {
  const fixture: Fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  // The test below fails if the name is no quirk's.
  return { file, quirk: basename(file).split('.')[0] as QuirkName, fixture };
});

const understand = ({ type: name, resource, patch, filter, attributes, before = {} }: Fixture, dialect: DialectName): unknown => {
  const type = name === 'User' ? userType : groupType;
  if (resource !== undefined) return { after: readResource(resource, type, dialect) };
  if (filter !== undefined) {
    expect(evaluateFilter(resolveFilter(parseFilter(filter, { dialect }), type), before)).toBe(true);
    return {};
  }
  if (attributes !== undefined) return { after: project(before, readProjection({ attributes }, type, dialect)) };
  const message = { schemas: [messageUrns.patchOp], Operations: patch };
  const { resource: after, rows } = applyPatch(before, readPatch(message, type, dialect));
  return { after, rows };
};

describe("clients' habits", () => {
  it('each has a message that shows it, and each message a habit', () => {
    const shown = new Set(fixtures.map(({ quirk }) => quirk));
    expect([...shown].sort()).toEqual(Object.keys(quirks).sort());
  });

  const cases = fixtures.flatMap((each) => dialectNames.map((dialect) => ({ ...each, dialect })));

  it.each(cases.filter(({ quirk, dialect }) => understands(dialect, quirk)))(
    '$dialect understands $file',
    ({ fixture, dialect }) => {
      expect(understand(fixture, dialect)).toEqual({ after: fixture.after, rows: fixture.rows });
    },
  );

  it.each(cases.filter(({ quirk, dialect }) => !understands(dialect, quirk)))(
    '$dialect refuses $file',
    ({ fixture, dialect }) => {
      try {
        understand(fixture, dialect);
      } catch (error) {
        expect(error).toBeInstanceOf(ScimError);
        expect(error).toMatchObject({ code: fixture.refused });
        return;
      }
      throw new Error('It was understood.');
    },
  );

  it('that contradict no clause are understood in every dialect; standard has no others, nor has Okta', () => {
    expect(deviationsOf('standard')).toEqual([]);
    expect(deviationsOf('okta')).toEqual([]);
    expect(deviationsOf('entra').map(({ quirk, clause }) => `${quirk}: ${clause}`)).toEqual([
      'replaceCreatesElement: RFC 7644 §3.5.2.3: noTarget',
      'emptyOperations: RFC 7644 §3.5.2: one or more operations',
      'unquotedLiterals: RFC 7644 §3.4.2.2: compValue is JSON',
    ]);
    expect(deviationsOf('onelogin').map(({ quirk }) => quirk)).toEqual(['oldSchemas']);
  });
});
