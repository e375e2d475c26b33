import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScimError } from '../errors.ts';
import type { Filter } from './filter.ts';
import { parseFilter, parsePath } from './parse.ts';
import { printFilter, printPath } from './print.ts';
import { anyFilter } from './test-filters.ts';

/** Without positions, which printing moves. */
const bare = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, part) => (key === 'at' ? undefined : part)));

const refusal = (read: () => unknown): ScimError => {
  try {
    read();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was read.');
};

describe('filters (RFC 7644 §3.4.2.2)', () => {
  it.each([
    'userName eq "bjensen"',
    'name.familyName co "O\'Malley"',
    'userName sw "J"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
    'title pr',
    'meta.lastModified gt "2011-05-13T04:42:34Z"',
    'meta.lastModified ge "2011-05-13T04:42:34Z"',
    'meta.lastModified lt "2011-05-13T04:42:34Z"',
    'meta.lastModified le "2011-05-13T04:42:34Z"',
    'title pr and userType eq "Employee"',
    'title pr or userType eq "Intern"',
    'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
    'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
    'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    'userType eq "Employee" and (emails.type eq "work")',
    'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
    'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
  ])("reads the RFC's own example: %s", (text) => {
    expect(bare(parseFilter(printFilter(parseFilter(text))))).toEqual(bare(parseFilter(text)));
  });

  it('binds not before and before or', () => {
    const filter = parseFilter('a pr or not (b pr) and c pr');
    expect(filter).toMatchObject({ kind: 'or', filters: [{ kind: 'present' }, { kind: 'and', filters: [{ kind: 'not' }, {}] }] });
    expect(parseFilter('(a pr or b pr) and c pr')).toMatchObject({ kind: 'and', filters: [{ kind: 'or' }, {}] });
  });

  it("tells the URN of a schema from the name behind it, whose dot is not the URN's", () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    expect(parseFilter(`${urn}:manager.value eq "7"`)).toMatchObject({ attribute: { urn, name: 'manager', sub: 'value' } });
    expect(parsePath(urn)).toMatchObject({
      attribute: { urn: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0', name: 'User' },
    });
  });

  it('reads every kind of value', () => {
    const values = ['"a\\"\\\\\\u00e9 "', 'TRUE', 'false', 'null', '-1.5e3', '0'];
    expect(values.map((value) => parseFilter(`a eq ${value}`))).toMatchObject(
      ['a"\\é ', true, false, null, -1500, 0].map((value) => ({ value })),
    );
  });

  it('prints what it reads as the same filter, whatever the filter', () => {
    fc.assert(
      fc.property(anyFilter, (filter: Filter) => {
        expect(bare(parseFilter(printFilter(filter)))).toEqual(bare(filter));
      }),
    );
  });

  it('throws its own error for any text, or none', () => {
    const token = fc.constantFrom(
      'a',
      'urn:x:y',
      'eq',
      'pr',
      'not',
      'and',
      'or',
      '(',
      ')',
      '[',
      ']',
      '.',
      '"b"',
      '"',
      '1',
      'null',
      '\\',
    );
    const text = fc.oneof(
      fc.array(token).map((tokens) => tokens.join(' ')),
      fc.array(token).map((tokens) => tokens.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (written) => {
        for (const parse of [parseFilter, parsePath]) {
          try {
            parse(written);
          } catch (error) {
            expect(error).toBeInstanceOf(ScimError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['userName eq', 12],
    ['userName zz "a"', 10],
    ['userName eq "abc', 13],
    ['(userName eq "a"', 17],
    ['userName', 9],
    ['and userName eq "a"', 5],
    ['userName eq "a" or', 19],
    ['emails[type eq "work"', 22],
    ['userName eq abc', 13],
    ['not userName eq "a"', 1],
    ['title pr "x"', 10],
    ['userName eq "a" )', 17],
    ["userName eq 'a'", 13],
    ['userName eq"a"', 12],
    ['userName eq "\\q"', 13],
    ['emails[a[b pr]]', 9],
    ['a.b.c pr', 1],
    ['x:y pr', 1],
    ['a eq 1e999', 6],
    ['a eq 01', 6],
    ['', 1],
  ])('says where %s goes wrong', (text, character) => {
    const error = refusal(() => parseFilter(text));
    expect(error).toMatchObject({ code: 'invalidFilter', status: 400 });
    expect(error.detail).toContain(`at character ${character},`);
  });

  it('understands what Entra ID sends: unquoted texts where the dialect lets them, and never else', () => {
    const options = { dialect: 'entra' } as const;
    expect(parseFilter('externalId eq jyoung', options)).toMatchObject({ value: 'jyoung' });
    expect(parseFilter('name.FamilyName eq 007 and (emails.Value co example.com)', options)).toMatchObject({
      filters: [{ value: '007' }, { value: 'example.com' }],
    });
    expect(parseFilter('active eq true', options)).toMatchObject({ value: true });
    expect(refusal(() => parseFilter('externalId eq jyoung', { dialect: 'okta' })).detail).toContain('double quotes');
  });

  it('understands a sub-attribute after brackets', () => {
    expect(bare(parseFilter('emails[type eq "work"].value eq "x"'))).toEqual(
      bare(parseFilter('emails[type eq "work" and value eq "x"]')),
    );
  });
});

describe('paths (RFC 7644 §3.5.2)', () => {
  it.each([
    'members',
    'name.familyName',
    'addresses[type eq "work"]',
    'members[value eq "2819c223-7f76-453a-919d-413861904646"]',
    'members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName',
  ])("reads the RFC's own example: %s", (text) => {
    expect(printPath(parsePath(text))).toBe(text);
  });

  it.each(['', 'a b', 'a[b pr', 'a[b pr].', 'a[b pr].c.d', 'a[b pr] c', 'a.b.c', '[a pr]', 'a[]'])('refuses %j', (text) => {
    expect(refusal(() => parsePath(text)).code).toBe('invalidPath');
  });
});

describe('attacks', () => {
  it('parenthesis bomb: nesting is bounded', () => {
    for (const text of ['('.repeat(30_000), `${'not ('.repeat(1000)}a pr`, `${'('.repeat(1000)}a pr${')'.repeat(1000)}`]) {
      expect(refusal(() => parseFilter(text)).detail).toContain('deeper than 32');
    }
  });

  it('long filter: clauses and characters are bounded, and 5,000 clauses are no deep recursion where they are let', () => {
    const clauses = Array.from({ length: 5000 }, (_, i) => `userName eq "${i}"`).join(' or ');
    expect(refusal(() => parseFilter(clauses)).detail).toContain('at most 65536');
    const limits = { maxLength: 1_000_000, maxDepth: 32, maxTerms: 1000 };
    expect(refusal(() => parseFilter(clauses, { limits })).detail).toContain('more than 1000 comparisons');
    expect(parseFilter(clauses, { limits: { ...limits, maxTerms: 5000 } })).toMatchObject({ kind: 'or' });
  });

  it('a text of quotes and backslashes is read in one pass', () => {
    expect(parseFilter(`a eq "${'\\\\'.repeat(30_000)}"`)).toMatchObject({ value: '\\'.repeat(30_000) });
    expect(refusal(() => parseFilter(`a eq "${'\\\\'.repeat(30_000)}`)).detail).toContain('closing quote');
  });

  it.each([
    '__proto__',
    'constructor',
    'PROTOTYPE',
    'a.__proto__',
    'urn:a:__proto__:b',
    'urn:a:b:constructor',
    'a[constructor eq "x"]',
  ])('name of the prototype chain is refused: %s', (name) => {
    expect(refusal(() => parseFilter(`${name} pr`)).code).toBe('invalidFilter');
    expect(refusal(() => parsePath(name)).code).toBe('invalidPath');
  });
});
