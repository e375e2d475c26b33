import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

const day = 24 * 3_600_000;

let server: TestServer;
let operator: string;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
  operator = await server.createOperatorKey();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`org${count}.example`);
  key = await acme.createApiKey();
});

const call = async (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH',
  path: string,
  more: { readonly as?: string; readonly glass?: string; readonly body?: object } = {},
) => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${acme.id}${path}`,
    headers: {
      authorization: `Bearer ${more.as ?? operator}`,
      ...(more.glass === undefined ? {} : { 'latchkey-break-glass': more.glass }),
    },
    ...(more.body === undefined ? {} : { payload: more.body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
};
const operatorsLog = async () => (await server.storage.server.searchAuditEvents({ order: 'newest', limit: 5 })).items;

describe('deleting an organization', () => {
  test('suspends it at once, and removes nothing for 7 days', async () => {
    const device = server.createDevice();
    const id = await acme.createUser(`j@${acme.domain}`);
    expect(await call('DELETE', '')).toMatchObject({
      status: 202,
      body: { state: 'suspended', deletesAt: new Date(server.now() + 7 * day).toISOString() },
    });
    expect(await call('GET', '/users', { as: key })).toMatchObject({ status: 403, body: { code: 'organization_suspended' } });
    expect(await device.enroll((await acme.createToken()).text, `j@${acme.domain}`)).toMatchObject({ kind: 'refused' });
    server.wait(7 * day - 1);
    await server.doWhatIsDue();
    expect(await acme.storage.read.findUser(id)).toBeDefined();
    expect(await server.storage.server.findDomain(acme.domain)).toBeDefined();
  });

  test('asked for twice does not begin the 7 days anew', async () => {
    const { body } = await call('DELETE', '');
    server.wait(day);
    expect((await call('DELETE', '')).body).toEqual(body);
  });

  test('is called off by resuming it', async () => {
    await call('DELETE', '');
    expect(await call('POST', '/resume')).toMatchObject({ status: 200, body: { state: 'active', deletesAt: null } });
    server.wait(8 * day);
    await server.doWhatIsDue();
    expect((await call('GET', '/users', { as: key })).status).toBe(200);
    expect((await acme.audit()).map(({ action }) => action).slice(-3)).toEqual([
      'organization.deletion_scheduled',
      'organization.resumed',
      'organization.deletion_cancelled',
    ]);
  });

  test('removes everything of it after 7 days, once by several nodes; the domain is free, the operators know', async () => {
    for (let n = 0; n < 30; n += 1) await acme.createUser(`u${n}@${acme.domain}`);
    await call('DELETE', '');
    server.wait(7 * day);
    await Promise.all([server.doWhatIsDue(), server.doWhatIsDue(), server.doWhatIsDue()]);
    expect(await server.storage.server.findOrganization(acme.id)).toBeUndefined();
    expect((await acme.storage.read.searchUsers({ limit: 10 })).items).toEqual([]);
    expect(await acme.audit()).toEqual([]);
    expect(await server.storage.server.findDomain(acme.domain)).toBeUndefined();
    expect((await server.app.inject({ url: '/api/v1/whoami', headers: { authorization: `Bearer ${key}` } })).statusCode).toBe(
      401,
    );
    expect(await call('GET', '')).toMatchObject({ status: 404 });
    const log = await operatorsLog();
    expect(log.filter(({ subject }) => subject === `organization:${acme.id}`).map(({ action }) => action)).toEqual([
      'organization.deleted',
      'organization.deletion_scheduled',
    ]);
  });

  test('is for operators only', async () => {
    expect(await call('DELETE', '', { as: key })).toMatchObject({ status: 403, body: { code: 'operator_needed' } });
  });
});

describe('break-glass', () => {
  test("an operator's key alone reads no data of an organization", async () => {
    expect(await call('GET', '/users')).toMatchObject({ status: 403, body: { code: 'organization_key_needed' } });
  });

  test('with a reason it reads, and both logs say who, what and why, before anything is handed out', async () => {
    await acme.createUser(`j@${acme.domain}`);
    const { status, body } = await call('GET', '/users?limit=1', { glass: 'Ticket 4711: user cannot sign in' });
    expect({ status, users: body.items.length }).toEqual({ status: 200, users: 1 });
    const event = {
      actor: expect.stringMatching(/^api-key:key_/),
      action: 'organization.break_glass',
      outcome: 'success',
      subject: `organization:${acme.id}`,
      details: {
        reason: 'Ticket 4711: user cannot sign in',
        method: 'GET',
        path: `/api/v1/organizations/${acme.id}/users`,
      },
    };
    expect((await acme.audit()).at(-1)).toMatchObject(event);
    expect((await operatorsLog())[0]).toMatchObject(event);
  });

  test('opens every route that reads', async () => {
    for (const path of ['/devices', '/device-tokens', '/settings/active', '/settings/versions', '/audit', '/applications']) {
      expect({ path, status: (await call('GET', path, { glass: 'test' })).status }).toEqual({ path, status: 200 });
    }
  });

  test.each([
    ['POST', '/users', { userName: 'a@b.example' }],
    ['PUT', '/settings/draft', { identityProviders: [], defaultIdp: null }],
    ['POST', '/settings/activate', {}],
    ['PUT', '/domains/a.example', undefined],
  ] as const)('does not let an operator change anything: %s %s', async (method, path, body) => {
    const before = (await acme.audit()).length;
    expect(await call(method, path, { glass: 'test', ...(body === undefined ? {} : { body }) })).toMatchObject({
      status: 403,
      body: { code: 'break_glass_reads_only' },
    });
    expect((await acme.audit()).length).toBe(before);
  });

  test.each(['', '   ', 'x'.repeat(201), 'caf\u00e9'])('the reason %j is refused', async (glass) => {
    expect(await call('GET', '/users', { glass })).toMatchObject({ status: 400, body: { code: 'break_glass_reason_invalid' } });
  });

  test('leaves no trace in the draft that is looked at', async () => {
    expect((await call('GET', '/settings/draft', { glass: 'test' })).status).toBe(200);
    expect((await call('GET', '/settings/draft', { as: key })).body.editors).toEqual([]);
  });

  test('of an organization that does not exist is 404', async () => {
    const answer = await server.app.inject({
      url: `/api/v1/organizations/org_${'0'.repeat(32)}/users`,
      headers: { authorization: `Bearer ${operator}`, 'latchkey-break-glass': 'test' },
    });
    expect(answer.statusCode).toBe(404);
  });

  test("gives another organization's key nothing", async () => {
    const other = await server.createOrganization(`other${count}.example`);
    const answer = await call('GET', '/users', { as: await other.createApiKey(), glass: 'test' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'organization_unknown' } });
    expect((await acme.audit()).some(({ action }) => action === 'organization.break_glass')).toBe(false);
  });
});
