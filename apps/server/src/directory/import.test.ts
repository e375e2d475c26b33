import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
// Missing before the first test.
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape, and a wrong guess fails them
type Body = any;

const call = async (method: 'GET' | 'POST', path: string, body?: object | string): Promise<{ status: number; body: Body }> => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${acme.id}${path}`,
    headers: { authorization: `Bearer ${key}`, ...(typeof body === 'string' ? { 'content-type': 'text/csv' } : {}) },
    ...(body === undefined ? {} : { payload: body }),
  });
  const isJson = String(answer.headers['content-type']).includes('json');
  return { status: answer.statusCode, body: isJson ? answer.json() : answer.body };
};

/** Uploads and waits for the preview. */
const preview = async (text: string, existing: 'override' | 'error' = 'error'): Promise<Body> => {
  const { status, body } = await call('POST', `/imports?existing=${existing}&fileName=users.csv`, text);
  if (status !== 202) return { status, ...body };
  await server.runImports();
  return (await call('GET', `/imports/${body.id}`)).body;
};
const apply = async (id: string, options: object = {}): Promise<Body> => {
  const { status, body } = await call('POST', `/imports/${id}/apply`, options);
  if (status !== 202) return { status, ...body };
  await server.runImports();
  return (await call('GET', `/imports/${id}`)).body;
};
const users = async (): Promise<Body[]> => (await call('GET', '/users?limit=200')).body.items;
const names = async (): Promise<string[]> => (await users()).map(({ userName }) => userName);
const many = (count: number): string =>
  `userName,groups\n${Array.from({ length: count }, (_, n) => `u${n}@acme.com,Staff`).join('\n')}`;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  // A domain has one organization: the one of the test before gives it back.
  await acme?.storage.transaction((store) => store.removeDomain('acme.com'));
  acme = await server.createOrganization('acme.com');
  key = await acme.createApiKey();
});

describe('an import', () => {
  test('is previewed without a change, then applied whole: added, changed, deleted, audited', async () => {
    const old = await acme.createUser('old@acme.com');
    await acme.createUser('gone@acme.com');
    const job = await preview(
      'action,userName,displayName,department,groups\n+,new@acme.com,New,Sales,Staff; Crew\n,OLD@acme.com,Old,Sales,\n-,gone@acme.com,,,\n',
      'override',
    );
    expect(job).toMatchObject({
      state: 'ready',
      rows: 3,
      counts: { add: 1, modify: 1, delete: 1, error: 0 },
      newGroups: ['Staff', 'Crew'],
      newDepartments: ['Sales'],
    });
    const lines = (await call('GET', `/imports/${job.id}/lines?change=add`)).body;
    expect(lines).toEqual({
      items: [
        {
          line: 2,
          change: 'add',
          userName: 'new@acme.com',
          wants: { displayName: 'New', department: 'Sales', groups: ['Staff', 'Crew'] },
          problems: [],
        },
      ],
      next: null,
    });
    expect(await names()).toEqual(['gone@acme.com', 'old@acme.com']);
    expect((await call('GET', '/groups')).body.total).toBe(0);

    expect(await apply(job.id)).toMatchObject({ state: 'applied', counts: { skipped: 0 } });
    expect(await users()).toMatchObject([
      { userName: 'new@acme.com', displayName: 'New', department: { name: 'Sales' }, source: 'csv' },
      { userName: 'OLD@acme.com', displayName: 'Old', department: { name: 'Sales' }, source: 'api', id: old },
    ]);
    const [made] = await users();
    expect((await call('GET', `/users/${made.id}`)).body.groups.map(({ name }: Body) => name)).toEqual(['Crew', 'Staff']);
    const events = (await acme.audit()).filter(({ correlationId }) => correlationId === job.id);
    expect(events.map(({ action }) => action).toSorted()).toEqual([
      'department.created',
      'group.created',
      'group.created',
      'import.applied',
      'user.changed',
      'user.created',
      'user.deleted',
    ]);
    expect(events.find(({ action }) => action === 'user.changed')?.details).toMatchObject({
      before: { displayName: 'old@acme.com', department: null },
      after: { displayName: 'Old', department: 'Sales' },
    });
    expect(await apply(job.id)).toMatchObject({ status: 409, code: 'import_not_ready' });
  });

  test('says line, column and how to mend it, to be downloaded; it is applied without those only if asked', async () => {
    await acme.createUser('there@acme.com');
    const text = 'userName,email\nthere@acme.com,\nj@else.com,nonsense\nnew@acme.com,\n"new@acme.com",x@y.example\n';
    const job = await preview(text);
    expect(job).toMatchObject({ state: 'ready', counts: { add: 1, error: 3 } });
    const lines = (await call('GET', `/imports/${job.id}/errors`)).body.trim().split('\r\n');
    expect(lines).toEqual([
      'line,column,message,userName',
      expect.stringMatching(/^2,userName,.*already.*"override".*there@acme.com$/),
      expect.stringMatching(/^3,userName,else.com is not a domain/),
      expect.stringMatching(/^3,email,/),
      expect.stringMatching(/^5,userName,Line 4 is about the same user/),
    ]);
    expect(await apply(job.id)).toMatchObject({ status: 409, code: 'import_has_errors' });
    expect(await apply(job.id, { skipErrors: true })).toMatchObject({ state: 'applied' });
    expect(await names()).toEqual(['new@acme.com', 'there@acme.com']);
  });

  test.each([
    ['no header', ''],
    ['no line', 'userName\n'],
    ['an unknown column', 'userName,shoes\nj@acme.com,9\n'],
    ['a quote that is never closed', 'userName,displayName\nj@acme.com,"Jane\n'],
    ['UTF-16', '\u0000u\u0000s'],
  ])('with %s is refused, and nothing of it stays', async (_, text) => {
    expect(await preview(text)).toMatchObject({ status: 400, code: 'csv_invalid' });
    await server.runImports();
    expect((await call('GET', '/imports')).body.items).toMatchObject([{ state: 'failed', reason: 'upload_refused' }]);
  });

  test('cancelled half-way leaves nothing, and until then nobody sees any of it', async () => {
    const job = await preview(many(450));
    await call('POST', `/imports/${job.id}/apply`);
    const { read } = acme.storage;
    // Half of it is prepared, as by a node that was killed then.
    let stop = false;
    const { runImports } = await import('./run-imports.ts');
    const { defaultLimits } = await import('@latchkey/directory');
    let made = 0;
    const newId = (prefix: string): string => `${prefix}_${String(++made).padStart(32, '0')}`;
    const needs = { storage: server.storage, limits: defaultLimits, newId, randomId: () => 'one', now: server.now };
    await runImports(needs, () => {
      const before = stop;
      stop = made > 150;
      return before;
    });
    expect(made).toBeGreaterThan(150);
    expect((await call('GET', `/imports/${job.id}`)).body).toMatchObject({ state: 'preparing' });
    expect(await names()).toEqual([]);
    expect(await read.findUserByName('u0@acme.com')).toBeUndefined();
    expect((await call('GET', '/users?q=u')).body).toMatchObject({ total: 0 });

    // What happens now comes first: a sign-in or an administrator makes that very user.
    expect((await call('POST', '/users', { userName: 'u3@acme.com' })).status).toBe(201);
    expect((await call('POST', `/imports/${job.id}/cancel`)).body).toMatchObject({ state: 'cancelling' });
    await server.runImports();
    expect((await call('GET', `/imports/${job.id}`)).body).toMatchObject({ state: 'cancelled' });
    expect(await names()).toEqual(['u3@acme.com']);
    expect((await call('GET', '/groups')).body.total).toBe(0);
    expect(await read.listLines(job.id, { after: 0, limit: 9 })).toEqual([]);
    expect(await read.wasUserDeleted('u0@acme.com')).toBe(false);
  });

  test('that a dead node has left is gone on with, when its lease is over, to the same end', async () => {
    const job = await preview(many(250));
    await call('POST', `/imports/${job.id}/apply`);
    const { runImports } = await import('./run-imports.ts');
    const { defaultLimits } = await import('@latchkey/directory');
    const { newId } = await import('../ids.ts');
    for (let round = 0; round < 30; round++) {
      let steps = 0;
      const needs = { storage: server.storage, limits: defaultLimits, newId, randomId: () => `node ${round}`, now: server.now };
      await runImports(needs, () => ++steps > 1);
      server.wait(30_000);
    }
    expect((await call('GET', `/imports/${job.id}`)).body).toMatchObject({ state: 'applied' });
    expect((await call('GET', '/users')).body.total).toBe(250);
    const created = (await acme.audit()).filter(({ action }) => action === 'user.created');
    expect(created).toHaveLength(250);
    expect(await acme.storage.read.listGroupsOfUser(String(created[0]?.subject.slice(5)))).toMatchObject([{ name: 'Staff' }]);
  });

  test('cannot be called off once it is decided; one is carried out at a time', async () => {
    const [first, second] = [await preview(many(2)), await preview('userName\nx@acme.com\n')];
    await call('POST', `/imports/${first.id}/apply`);
    expect(await apply(second.id)).toMatchObject({ status: 409, code: 'import_running' });
    await server.runImports();
    expect(await call('POST', `/imports/${first.id}/cancel`)).toMatchObject({ status: 409, body: { code: 'import_decided' } });
    expect(await apply(second.id)).toMatchObject({ state: 'applied' });
  });

  test('that is never decided on lapses', async () => {
    const job = await preview(many(2));
    server.wait(7 * 86_400_000);
    await server.runImports();
    key = await acme.createApiKey();
    expect((await call('GET', `/imports/${job.id}`)).body).toMatchObject({ state: 'failed', reason: 'expired' });
  });
});

test('an export is taken back unchanged, whatever the names are', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'É', "'", '=', '-', ';', '\\', ',', '"', ' ', '@', '+'), maxLength: 8 });
  const line = word.map((text) => text.trim().normalize('NFC'));
  const person = fc.record({ displayName: line, comments: line, groups: fc.array(line, { maxLength: 3 }), department: line });
  await fc.assert(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 4 }), async (people) => {
      await acme.storage.transaction((store) => store.removeDomain('acme.com'));
      acme = await server.createOrganization('acme.com');
      key = await acme.createApiKey();
      const idOf = async (path: string, name: string): Promise<string[]> => {
        if (name === '') return [];
        const made = await call('POST', path, { name });
        return [
          made.status === 201 ? made.body.id : (await call('GET', `${path}?name=${encodeURIComponent(name)}`)).body.items[0].id,
        ];
      };
      for (const [index, { displayName, comments, groups, department }] of people.entries()) {
        const ids = (await Promise.all(groups.map((name) => idOf('/groups', name)))).flat();
        const [dep = null] = await idOf('/departments', department);
        const made = await call('POST', '/users', {
          userName: `-u${index}@acme.com`,
          displayName,
          comments,
          groups: ids,
          department: dep,
        });
        expect(made.status).toBe(201);
      }
      const { body: text } = await call('GET', '/users/export');
      const job = await preview(text, 'override');
      expect(job).toMatchObject({ state: 'ready', counts: { add: 0, modify: 0, none: people.length, error: 0 } });
      await call('POST', `/imports/${job.id}/cancel`);
      await server.runImports();
    }),
    { numRuns: 15 },
  );
});
