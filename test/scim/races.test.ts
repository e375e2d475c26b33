import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';
import { openScim, type ScimEndpoint } from '../kit/scim.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

const clients = Array.from({ length: 64 }, (_, client) => client);

describe.each(engines)('64 clients at once (%s)', (engine) => {
  let server: TestServer;
  let scim: ScimEndpoint;
  beforeAll(async () => {
    server = await createTestServer(engine === 'sqlite' ? {} : { databaseUrl: await createTestDatabase() });
    scim = await openScim(server, await server.createOrganization('acme.com'));
  });
  afterAll(() => server.close());

  test('who add different members to one group lose none', { timeout: 60_000 }, async () => {
    const users = await Promise.all(clients.map((n) => scim.make('Users', scim.user(`member${n}@acme.com`))));
    const group = await scim.make('Groups', scim.group('Everybody'));
    const answers = await Promise.all(
      users.map(({ id }) =>
        scim.call('PATCH', `/Groups/${group.id}`, scim.patch({ op: 'add', path: 'members', value: [{ value: id }] })),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(clients.map(() => 204));
    const { members } = (await scim.call('GET', `/Groups/${group.id}`)).body;
    expect(members.map(({ value }: { value: string }) => value).toSorted()).toEqual(users.map(({ id }) => id).toSorted());
  });

  test('who replace a user by the same If-Match: exactly one does', { timeout: 60_000 }, async () => {
    const user = await scim.make('Users', scim.user('contested@acme.com'));
    const answers = await Promise.all(
      clients.map((n) =>
        scim.call('PUT', `/Users/${user.id}`, scim.user('contested@acme.com', { title: `title ${n}` }), {
          'if-match': user.meta.version,
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(63);
    const [winner] = answers.filter(({ status }) => status === 200);
    expect((await scim.call('GET', `/Users/${user.id}`)).body.title).toBe(winner?.body.title);
  });

  test('who make one user name make one user, and the count of all says so', { timeout: 60_000 }, async () => {
    const before = (await scim.call('GET', '/Users?count=0')).body.totalResults;
    const answers = await Promise.all(clients.map(() => scim.call('POST', '/Users', scim.user('once@acme.com'))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.scimType === 'uniqueness')).toHaveLength(63);
    expect((await scim.call('GET', '/Users?count=0')).body.totalResults).toBe(before + 1);
  });

  test('who rename different users to one name: one has it', { timeout: 60_000 }, async () => {
    const users = await Promise.all(clients.slice(0, 16).map((n) => scim.make('Users', scim.user(`other${n}@acme.com`))));
    const rename = scim.patch({ op: 'replace', path: 'userName', value: 'Wanted@acme.com' });
    const answers = await Promise.all(users.map(({ id }) => scim.call('PATCH', `/Users/${id}`, rename)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
  });
});
