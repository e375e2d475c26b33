import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';
import { openScim, type ScimEndpoint } from '../kit/scim.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

/** What a client's maker has documented that it sends, and what it expects. `{name}` is the id that an earlier answer had. */
interface Exchange {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly request?: object;
  readonly status: number;
  /** What the answer has, at least. */
  readonly body?: object;
  readonly absent?: readonly string[];
  readonly keep?: string;
}

const read = (client: string): readonly Exchange[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${client}.json`, import.meta.url), 'utf8'));

describe.each(engines)('documented exchanges (%s)', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(engine === 'sqlite' ? {} : { databaseUrl: await createTestDatabase() });
  });
  afterAll(() => server.close());

  describe.each([
    ['entra', 'standard'],
    ['entra', 'entra'],
    ['okta', 'standard'],
    ['okta', 'okta'],
  ] as const)('of %s, in the dialect %s', (client, dialect) => {
    let scim: ScimEndpoint;
    const ids = new Map<string, string>();
    const filled = (text: string): string => [...ids].reduce((all, [name, id]) => all.replaceAll(`{${name}}`, id), text);

    beforeAll(async () => {
      scim = await openScim(server, await server.createOrganization(`${client}-${dialect}-${engine}.com`), { dialect });
    });

    test.each(read(client))('$name', async ({ method, path, request, status, body, absent = [], keep }) => {
      const sent = request === undefined ? undefined : filled(JSON.stringify(request));
      const answer = await scim.call(method, filled(path), sent, { 'content-type': 'application/scim+json; charset=utf-8' });
      expect([answer.status, answer.text.slice(0, answer.status === status ? 0 : 500)]).toEqual([status, '']);
      if (body !== undefined) expect(answer.body).toMatchObject(JSON.parse(filled(JSON.stringify(body))));
      for (const name of absent) expect(answer.body).not.toHaveProperty(name);
      if (status === 204) expect(answer.text).toBe('');
      else expect(answer.headers['content-type']).toContain('application/scim+json');
      if (keep !== undefined) ids.set(keep, answer.body.id);
    });
  });
});
