import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
// Missing before the first test.
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape, and a wrong guess fails them
type Body = any;

const call = async (
  method: NonNullable<InjectOptions['method']>,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly body: Body; readonly etag: string }> => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${acme.id}${path}`,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? undefined : answer.json(),
    etag: String(answer.headers.etag),
  };
};

const createUser = async (userName: string, more: object = {}): Promise<Body> =>
  (await call('POST', '/users', { userName: `${userName}@acme.com`, ...more })).body;
const createSet = async (path: 'groups' | 'departments', name: string): Promise<string> =>
  (await call('POST', `/${path}`, { name })).body.id;

/** A user of a source that this API does not write for. */
const userOf = async (source: 'scim:entra' | 'jit:device', userName: string): Promise<string> => {
  const id = await acme.createUser(userName);
  const user = await acme.storage.read.findUser(id);
  if (user === undefined) throw new Error('it was just made');
  await acme.storage.transaction((store) => store.saveUser({ ...user, source, revision: 2 }, 1));
  return id;
};

const lastEvent = async () => (await acme.audit()).at(-1);

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

describe('users', () => {
  test('are made with everything, shown, found and audited', async () => {
    const department = await createSet('departments', 'Sales');
    const group = await createSet('groups', 'Staff');
    const made = await call('POST', '/users', {
      userName: 'J.Doe@ACME.com',
      displayName: ' Jane Doe ',
      email: 'jane@mail.example',
      comments: 'two\r\nlines',
      department,
      groups: [group, group],
    });
    expect(made).toMatchObject({ status: 201, etag: '"1"' });
    expect(made.body).toMatchObject({
      userName: 'J.Doe@acme.com',
      displayName: 'Jane Doe',
      email: 'jane@mail.example',
      comments: 'two\nlines',
      department: { id: department, name: 'Sales' },
      groups: [{ id: group, name: 'Staff' }],
      state: 'active',
      source: 'api',
      readOnly: [],
    });
    expect((await call('GET', `/users/${made.body.id}`)).body).toEqual(made.body);
    for (const query of ['q=JANE', 'q=j.d', `department=${department}`, `group=${group}`, 'source=api', 'state=active']) {
      const { body } = await call('GET', `/users?${query}`);
      expect(body).toMatchObject({ items: [{ id: made.body.id, department: { name: 'Sales' } }], next: null, total: 1 });
    }
    expect((await call('GET', '/users?q=nobody')).body).toEqual({ items: [], next: null, total: 0, totalIsEstimate: false });
    expect(await lastEvent()).toMatchObject({
      action: 'user.created',
      details: { before: null, after: { department: 'Sales', groups: ['Staff'] } },
    });
  });

  test.each([
    ['a foreign domain', { userName: 'j@else.com' }, 400, 'domain_not_proved'],
    ['128 characters', { userName: `${'a'.repeat(119)}@acme.com` }, 400, 'user_name_invalid'],
    ['an e-mail address that is none', { userName: 'j@acme.com', email: 'jane' }, 400, 'email_invalid'],
    ['comments of 10,241 characters', { userName: 'j@acme.com', comments: 'x'.repeat(10_241) }, 400, 'comments_invalid'],
    [
      'a department that is not there',
      { userName: 'j@acme.com', department: `dep_${'0'.repeat(32)}` },
      400,
      'department_unknown',
    ],
    ['a group that is not there', { userName: 'j@acme.com', groups: [`grp_${'0'.repeat(32)}`] }, 404, 'group_unknown'],
    [
      '129 groups',
      { userName: 'j@acme.com', groups: Array.from({ length: 129 }, (_, n) => `grp_${String(n).padStart(32, '0')}`) },
      400,
      'too_many_groups',
    ],
  ])('are refused with %s', async (_, body, status, code) => {
    expect(await call('POST', '/users', body)).toMatchObject({ status, body: { code } });
    expect((await call('GET', '/users')).body.total).toBe(0);
  });

  test('change by PATCH what is given, only as they were looked at, with before and after', async () => {
    const [sales, support] = [await createSet('departments', 'Sales'), await createSet('departments', 'Support')];
    const staff = await createSet('groups', 'Staff');
    const { id } = await createUser('jane', { department: sales, comments: 'kept' });
    await createUser('taken');
    const change = { displayName: 'Jane', department: support, groups: [staff], userName: 'jane.doe@acme.com' };
    const changed = await call('PATCH', `/users/${id}`, change, { 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, etag: '"2"' });
    // F41: the second department takes the place of the first.
    expect(changed.body).toMatchObject({ department: { name: 'Support' }, comments: 'kept', groups: [{ name: 'Staff' }] });
    expect(await lastEvent()).toMatchObject({
      action: 'user.changed',
      details: { before: { department: 'Sales', groups: [] }, after: { department: 'Support', groups: ['Staff'] } },
    });
    const late = await call('PATCH', `/users/${id}`, { displayName: 'X' }, { 'if-match': '"1"' });
    expect(late).toMatchObject({ status: 412, body: { code: 'user_changed' } });
    expect(await call('DELETE', `/users/${id}`, undefined, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect(await call('PATCH', `/users/${id}`, { userName: 'TAKEN@acme.com' })).toMatchObject({ status: 409 });
    expect((await call('PATCH', `/users/${id}`, { department: null, groups: [] })).body).toMatchObject({
      department: null,
      groups: [],
    });
    expect((await call('PATCH', `/users/${id}`, {})).etag).toBe('"3"');
  });

  test('of a provisioning source are read-only here, but for comments and for keeping them out', async () => {
    const id = await userOf('scim:entra', 'jane@acme.com');
    const shown = await call('GET', `/users/${id}`);
    expect(shown.body.readOnly).toEqual(['userName', 'displayName', 'email', 'department', 'state', 'existence']);
    expect(await call('PATCH', `/users/${id}`, { displayName: 'X' })).toMatchObject({
      status: 409,
      body: { code: 'owned_elsewhere', owner: 'scim:entra', fields: ['displayName'] },
    });
    expect((await call('PATCH', `/users/${id}`, { comments: 'mine' })).status).toBe(200);
    expect((await call('POST', `/users/${id}/disable`)).body).toMatchObject({ state: 'disabled', disabledBy: 'api' });
    expect((await call('POST', `/users/${id}/enable`)).body).toMatchObject({ state: 'active', disabledBy: null });
    await acme.storage.transaction((store) =>
      store.changeUserState(id, 'active', { state: 'disabled', at: 1, by: 'scim:entra' }),
    );
    expect(await call('POST', `/users/${id}/enable`)).toMatchObject({ status: 409, body: { fields: ['state'] } });
    expect(await call('DELETE', `/users/${id}`)).toMatchObject({ status: 409, body: { owner: 'scim:entra' } });
    expect(await call('POST', `/users/${id}/adopt`)).toMatchObject({ status: 409, body: { owner: 'scim:entra' } });
  });

  test('of JIT can be taken over, and are then changed here', async () => {
    const id = await userOf('jit:device', 'jane@acme.com');
    expect(await call('PATCH', `/users/${id}`, { displayName: 'Jane' })).toMatchObject({
      status: 409,
      body: { owner: 'jit:device' },
    });
    expect((await call('POST', `/users/${id}/adopt`)).body).toMatchObject({ source: 'api', readOnly: [] });
    expect(await lastEvent()).toMatchObject({ action: 'user.adopted', details: { before: 'jit:device', after: 'api' } });
    expect((await call('PATCH', `/users/${id}`, { displayName: 'Jane' })).body.displayName).toBe('Jane');
  });

  test('who are deleted are in no list and no group; the name can be given again', async () => {
    const group = await createSet('groups', 'Staff');
    const { id } = await createUser('jane', { groups: [group] });
    expect((await call('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await call('GET', `/users/${id}`)).status).toBe(404);
    expect((await call('GET', `/users?group=${group}`)).body.total).toBe(0);
    expect((await createUser('jane')).id).not.toBe(id);
  });

  test('are listed page by page, in the order of their names', async () => {
    for (const name of ['c', 'a', 'd', 'b']) await createUser(name);
    const first = await call('GET', '/users?limit=3');
    expect(first.body).toMatchObject({ total: 4, totalIsEstimate: false });
    const second = await call('GET', `/users?limit=3&cursor=${first.body.next}`);
    expect(second.body).toEqual({ items: [expect.anything()], next: null });
    const names = [...first.body.items, ...second.body.items].map(({ userName }: Body) => userName[0]);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    for (const cursor of ['AAAA', 'W10', Buffer.from('[0,{}]').toString('base64url')]) {
      expect(await call('GET', `/users?cursor=${cursor}`)).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } });
    }
  });
});

describe('groups and departments', () => {
  test('are made, renamed and deleted; a name is taken in any case', async () => {
    const made = await call('POST', '/groups', { name: 'Staff', comments: 'all of us' });
    expect(made).toMatchObject({ status: 201, etag: '"1"', body: { source: 'api', system: false, readOnly: [] } });
    expect(await call('POST', '/groups', { name: 'STAFF' })).toMatchObject({ status: 409, body: { code: 'group_name_taken' } });
    expect(await call('POST', '/groups', { name: 'x'.repeat(129) })).toMatchObject({ status: 400 });
    const path = `/groups/${made.body.id}`;
    expect(await call('PATCH', path, { name: 'Crew' }, { 'if-match': '"7"' })).toMatchObject({ status: 412 });
    expect(await call('PATCH', path, { name: 'Crew' }, { 'if-match': '"1"' })).toMatchObject({ status: 200, etag: '"2"' });
    expect(await lastEvent()).toMatchObject({ details: { before: { name: 'Staff' }, after: { name: 'Crew' } } });
    expect((await call('GET', '/groups?name=crew')).body.items).toHaveLength(1);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('POST', '/departments', { name: 'Sales' })).body.system).toBeUndefined();
  });

  test('the system group keeps its name and stays', async () => {
    const operator = await server.createOperatorKey();
    const made = await server.app.inject({
      method: 'POST',
      url: '/api/v1/organizations',
      headers: { authorization: `Bearer ${operator}` },
      payload: { name: 'With a system group' },
    });
    const { items } = await server.storage.organization(made.json().id).read.groups.search({ limit: 9 });
    expect(items).toMatchObject([{ name: 'Service Admin', system: true }]);
    const [group] = items;
    if (group === undefined) throw new Error('it is there');
    await acme.storage.transaction((store) => store.groups.insert({ ...group, id: `grp_${'1'.repeat(32)}` }));
    const path = `/groups/grp_${'1'.repeat(32)}`;
    expect(await call('DELETE', path)).toMatchObject({ status: 409, body: { code: 'system_group' } });
    expect(await call('PATCH', path, { name: 'Mine' })).toMatchObject({ status: 409, body: { code: 'system_group' } });
    expect((await call('PATCH', path, { comments: 'ours' })).status).toBe(200);
  });

  test('members are put in and taken out, up to the limit of groups of a user', async () => {
    const group = await createSet('groups', 'Staff');
    const { id } = await createUser('jane');
    const path = `/groups/${group}/members/${id}`;
    expect((await call('PUT', path)).status).toBe(204);
    expect((await call('PUT', path)).status).toBe(204);
    expect(await lastEvent()).toMatchObject({ action: 'group.member_added', details: { before: [], after: ['Staff'] } });
    expect((await call('GET', `/users/${id}`)).etag).toBe('"2"');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', `/users/${id}`)).body.groups).toEqual([]);
    const many: string[] = [];
    for (let n = 0; n < 128; n++) many.push(await createSet('groups', `group ${n}`));
    expect((await call('PATCH', `/users/${id}`, { groups: many })).status).toBe(200);
    // F42
    expect(await call('PUT', path)).toMatchObject({ status: 400, body: { code: 'too_many_groups' } });
  });

  test('of a provisioning source keep their members', async () => {
    const id = `grp_${'2'.repeat(32)}`;
    const times = { revision: 1, createdAt: 1, updatedAt: 1 };
    await acme.storage.transaction((store) =>
      store.groups.insert({ id, name: 'Synced', comments: '', source: 'scim:entra', system: false, ...times }),
    );
    const { id: user } = await createUser('jane');
    for (const [method, path, body] of [
      ['PUT', `/groups/${id}/members/${user}`],
      ['PATCH', `/users/${user}`, { groups: [id] }],
      ['PATCH', `/groups/${id}`, { name: 'Mine' }],
      ['DELETE', `/groups/${id}`],
    ] as const) {
      expect(await call(method, path, body)).toMatchObject({
        status: 409,
        body: { code: 'owned_elsewhere', owner: 'scim:entra' },
      });
    }
  });

  test('who was in what is deleted is let go of in the background', async () => {
    const department = await createSet('departments', 'Sales');
    const group = await createSet('groups', 'Staff');
    const { id } = await createUser('jane', { department, groups: [group] });
    await call('DELETE', `/departments/${department}`);
    await call('DELETE', `/groups/${group}`);
    expect((await call('GET', `/users/${id}`)).body).toMatchObject({ department: null, groups: [] });
    expect((await call('GET', `/users?group=${group}`)).body.total).toBe(0);
    await server.doWhatIsDue();
    expect(await server.storage.server.listDeletedUserSets(9)).toEqual([]);
    expect((await acme.storage.read.findUser(id))?.departmentId).toBeUndefined();
  });
});
