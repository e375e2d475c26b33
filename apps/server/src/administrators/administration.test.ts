import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBrowser, joinAsAdministrator, PASSWORD, totpCode } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

type Organization = Awaited<ReturnType<TestServer['createOrganization']>>;
type Administrator = Awaited<ReturnType<typeof joinAsAdministrator>>;

let server: TestServer;
let acme: Organization;
let other: Organization;
let ada: Administrator;
let base: string;

const join = (userName: string, roleId: string, organizationId: string | null = acme.id) =>
  joinAsAdministrator(server, { organizationId, roleId, userName });
const makeRole = async (permissions: object, name = 'Role'): Promise<string> =>
  (await ada.post(`${base}/roles`, { name, permissions })).body.id;

beforeEach(async () => {
  server = await createTestServer();
  acme = await server.createOrganization('acme.com');
  other = await server.createOrganization('other.com');
  base = `/organizations/${acme.id}`;
  ada = await join('ada@acme.com', 'full');
});
afterEach(() => server.close());

describe('an invitation', () => {
  test('makes an administrator of the organization, who sets up a second factor first', async () => {
    const { status, body } = await ada.post(`${base}/invitations`, { userName: 'Bob@acme.com', roleId: 'view' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ userName: 'Bob@acme.com', roleId: 'view', createdBy: `administrator:${ada.id}` });
    expect(Date.parse(body.expiresAt) - server.now()).toBe(7 * 86_400_000);
    const [link, token = ''] = body.link.split('#');
    expect(link).toBe('https://id.acme.com/accept-invitation');
    expect(JSON.stringify((await ada.get(`${base}/invitations`)).body)).not.toContain(token);

    const bob = createBrowser(server);
    const joined = await bob.post('/console/accept-invitation', { token, displayName: 'Bob', password: PASSWORD });
    expect(joined.body).toMatchObject({
      state: 'second_factor_enrolment',
      administrator: { displayName: 'Bob', organizationId: acme.id },
    });
    expect((await ada.get(`${base}/invitations`)).body.items).toEqual([]);
    expect((await ada.get(`${base}/administrators`)).body.items).toMatchObject([
      { userName: 'ada@acme.com', roleId: 'full', hasTotp: true, hasPasskey: false },
      { userName: 'Bob@acme.com', roleId: 'view', hasTotp: false, lastSignedInAt: null },
    ]);
    expect((await bob.get(`${base}/users`)).body.code).toBe('signed_out');
  });

  test('is good once, for seven days, until it is withdrawn or made anew', async () => {
    const invite = async () =>
      (await ada.post(`${base}/invitations`, { userName: 'bob@acme.com', roleId: 'view' })).body as { id: string; link: string };
    const accept = async ({ link }: { link: string }) => {
      const token = link.split('#')[1];
      const answer = await createBrowser(server).post('/console/accept-invitation', {
        token,
        displayName: '',
        password: PASSWORD,
      });
      return answer.body.code ?? answer.status;
    };
    const first = await invite();
    const second = await invite();
    expect(await accept(first)).toBe('invitation_spent');
    expect((await ada.request('DELETE', `${base}/invitations/${second.id}`)).status).toBe(204);
    expect(await accept(second)).toBe('invitation_spent');
    const third = await invite();
    server.wait(7 * 86_400_000);
    expect(await accept(third)).toBe('invitation_spent');
    ada = await join('eve@acme.com', 'full');
    const fourth = await invite();
    expect(await Promise.all([accept(fourth), accept(fourth)])).toEqual(expect.arrayContaining([201, 'invitation_spent']));
    expect((await ada.post(`${base}/invitations`, { userName: 'BOB@acme.com', roleId: 'view' })).body.code).toBe(
      'user_name_taken',
    );
  });

  test('tells the invited person only that the name is taken elsewhere on the server', async () => {
    await join('bob@other.com', 'full', other.id);
    const { status, body } = await ada.post(`${base}/invitations`, { userName: 'bob@other.com', roleId: 'view' });
    expect(status).toBe(201);
    const answer = await createBrowser(server).post('/console/accept-invitation', {
      token: body.link.split('#')[1],
      displayName: '',
      password: PASSWORD,
    });
    expect(answer.body.code).toBe('user_name_taken');
  });
});

describe('roles', () => {
  test('the built-in ones stay; others allow what they say', async () => {
    const { items } = (await ada.get(`${base}/roles`)).body;
    expect(items).toMatchObject([
      { id: 'full', builtIn: true, permissions: { devices: 'full', backup: 'none', operator: 'none' } },
      { id: 'view', builtIn: true, permissions: { devices: 'view' } },
    ]);
    for (const id of ['full', 'view']) {
      expect((await ada.request('PUT', `${base}/roles/${id}`, { name: 'x', permissions: {} })).body.code).toBe('role_built_in');
      expect((await ada.request('DELETE', `${base}/roles/${id}`)).body.code).toBe('role_built_in');
    }
    const role = await ada.post(`${base}/roles`, { name: 'Help desk', permissions: { directory: 'full', devices: 'view' } });
    expect(role.body).toMatchObject({ builtIn: false, permissions: { directory: 'full', devices: 'view', settings: 'none' } });
    expect((await ada.post(`${base}/roles`, { name: 'help DESK', permissions: {} })).body.code).toBe('role_name_taken');
    expect((await ada.post(`${base}/roles`, { name: 'x', permissions: { operator: 'view' } })).body.code).toBe('invalid_request');
    expect((await ada.post(`${base}/roles`, { name: 'x', permissions: { all: 'full' } })).body.code).toBe('invalid_request');
  });

  test('hold for the next request after they were changed', async () => {
    const roleId = await makeRole({ directory: 'view' });
    const bob = await join('bob@acme.com', 'view');
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { roleId });
    expect((await bob.get('/console/session')).body.permissions).toMatchObject({ directory: 'view', devices: 'none' });
    expect((await bob.get(`${base}/users`)).status).toBe(200);
    expect((await bob.get(`${base}/devices`)).body).toMatchObject({
      code: 'permission_needed',
      detail: expect.stringContaining('devices: view'),
    });
    await ada.request('PUT', `${base}/roles/${roleId}`, { name: 'Role', permissions: { devices: 'view' } });
    expect((await bob.get(`${base}/users`)).body.code).toBe('permission_needed');
    expect((await bob.get(`${base}/devices`)).status).toBe(200);
    expect((await ada.request('DELETE', `${base}/roles/${roleId}`)).body.code).toBe('role_in_use');
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { roleId: 'view' });
    expect((await ada.request('DELETE', `${base}/roles/${roleId}`)).status).toBe(204);
    expect((await ada.request('PATCH', `${base}/administrators/${bob.id}`, { roleId })).body.code).toBe('role_unknown');
  });

  test('nobody hands out, changes or takes away more than they may do (escalation)', async () => {
    const roleId = await makeRole({ administrators: 'full', 'api-keys': 'full', devices: 'view' });
    const bob = await join('bob@acme.com', 'view');
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { roleId });
    const codeOf = async (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      (await bob.request(method, `${base}${path}`, body)).body.code;
    expect(await codeOf('PATCH', `/administrators/${bob.id}`, { roleId: 'full' })).toBe('role_exceeds_own');
    expect(await codeOf('PATCH', `/administrators/${ada.id}`, { roleId: 'view' })).toBe('role_exceeds_own');
    expect(await codeOf('DELETE', `/administrators/${ada.id}`)).toBe('role_exceeds_own');
    expect(await codeOf('POST', '/invitations', { userName: 'eve@acme.com', roleId: 'full' })).toBe('role_exceeds_own');
    expect(await codeOf('POST', '/roles', { name: 'Mine', permissions: { devices: 'full' } })).toBe('role_exceeds_own');
    expect(await codeOf('PUT', `/roles/${roleId}`, { name: 'Mine', permissions: { settings: 'view' } })).toBe('role_exceeds_own');
    expect(await codeOf('POST', '/api-keys', { description: 'x' })).toBe('scope_exceeds_own');
    expect(await codeOf('POST', '/api-keys', { description: 'x', scopes: ['devices:write'] })).toBe('scope_exceeds_own');
    expect(await codeOf('POST', '/api-keys', { description: 'x', scopes: ['devices:read'] })).toBeUndefined();
    expect(await codeOf('POST', '/invitations', { userName: 'eve@acme.com', roleId })).toBeUndefined();
  });
});

describe('administrators', () => {
  test('the last one with full access stays, over all ways to go', async () => {
    const bob = await join('bob@acme.com', 'full');
    const codes = async (id: string) => [
      (await ada.request('PATCH', `${base}/administrators/${id}`, { roleId: 'view' })).body.code,
      (await ada.request('PATCH', `${base}/administrators/${id}`, { state: 'disabled' })).body.code,
      (await ada.request('DELETE', `${base}/administrators/${id}`)).body.code,
    ];
    expect((await ada.request('PATCH', `${base}/administrators/${bob.id}`, { state: 'disabled' })).status).toBe(200);
    expect(await codes(ada.id)).toEqual(Array.from({ length: 3 }, () => 'last_full_administrator'));
    expect((await ada.request('PATCH', `${base}/administrators/${bob.id}`, { state: 'active' })).status).toBe(200);
    const both = await Promise.all(
      [ada.id, bob.id].map((id) => ada.request('PATCH', `${base}/administrators/${id}`, { roleId: 'view' })),
    );
    expect(both.map(({ status }) => status).sort()).not.toEqual([200, 200]);
  });

  test('the last operator stays', async () => {
    const operator = await join('root@acme.com', 'full', null);
    const path = `/operator/administrators/${operator.id}`;
    expect((await operator.request('DELETE', path)).body.code).toBe('last_full_administrator');
    await join('second@acme.com', 'full', null);
    expect((await operator.request('DELETE', path)).status).toBe(204);
    expect((await operator.get('/organizations')).body.code).toBe('signed_out');
  });

  test('who is disabled is out at once, and looks like nobody at the door', async () => {
    const bob = await join('bob@acme.com', 'view');
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { state: 'disabled' });
    expect((await bob.get(`${base}/users`)).body.code).toBe('signed_out');
    const { body } = await bob.post('/console/sign-in', { userName: bob.userName, password: PASSWORD });
    expect(body.code).toBe('sign_in_refused');
    expect((await acme.audit()).at(-1)).toMatchObject({ reason: 'administrator_disabled', actor: `administrator:${bob.id}` });
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { state: 'active' });
    expect((await bob.post('/console/sign-in', { userName: bob.userName, password: PASSWORD })).body.state).toBe('second_factor');
  });

  test('of a suspended organization are out at once', async () => {
    const key = await server.createOperatorKey();
    await ada.post(`/organizations/${acme.id}/suspend`, {}, { authorization: `Bearer ${key}` });
    expect((await ada.get(`${base}/users`)).body.code).toBe('signed_out');
    const { body } = await ada.post('/console/sign-in', { userName: ada.userName, password: PASSWORD });
    expect(body.code).toBe('organization_suspended');
  });

  test('every act of theirs is in the audit, under their id', async () => {
    const roleId = await makeRole({ devices: 'view' });
    const bob = await join('bob@acme.com', 'view');
    await ada.request('PATCH', `${base}/administrators/${bob.id}`, { roleId });
    await ada.request('DELETE', `${base}/administrators/${bob.id}`);
    server.wait(60_000);
    await ada.post('/console/re-authenticate', { password: PASSWORD, totp: totpCode(ada.secret, server.now()) });
    await ada.post('/console/sign-out');
    const events = (await acme.audit()).filter(({ actor }) => actor === `administrator:${ada.id}`);
    expect(events.map(({ action }) => action)).toEqual([
      'administrator.joined',
      'administrator.totp_added',
      'administrator.signed_in',
      'role.created',
      'administrator.changed',
      'administrator.removed',
      'administrator.re_authentication',
      'administrator.signed_out',
    ]);
    expect(events.at(-4)).toMatchObject({
      subject: `administrator:${bob.id}`,
      details: { userName: 'bob@acme.com', before: { roleId: 'view', state: 'active' }, after: { roleId, state: 'active' } },
    });
  });
});

describe('what is dangerous', () => {
  const dangerous = (): readonly (readonly ['POST' | 'PUT' | 'PATCH' | 'DELETE', string, object?])[] => [
    ['POST', `${base}/api-keys`, { description: 'x' }],
    ['POST', `${base}/invitations`, { userName: 'eve@acme.com', roleId: 'view' }],
    ['POST', `${base}/roles`, { name: 'x', permissions: {} }],
    ['PUT', `${base}/roles/rol_1`, { name: 'x', permissions: {} }],
    ['DELETE', `${base}/roles/rol_1`],
    ['PATCH', `${base}/administrators/${ada.id}`, { roleId: 'view' }],
    ['DELETE', `${base}/administrators/${ada.id}`],
    ['POST', '/console/totp'],
    ['POST', '/console/passkeys/options'],
    ['POST', '/console/recovery-codes'],
    ['DELETE', '/console/totp'],
    ['DELETE', '/console/passkeys/pky_1'],
  ];

  test('needs both factors, shown in the last ten minutes', async () => {
    server.wait(10 * 60_000);
    for (const [method, path, body] of dangerous()) {
      expect([path, (await ada.request(method, path, body)).body.code]).toEqual([path, 'reauthentication_needed']);
    }
    // What is not dangerous goes on.
    expect((await ada.post(`${base}/users`, { userName: 'x@acme.com' })).status).toBe(201);
    const totp = totpCode(ada.secret, server.now());
    expect((await ada.post('/console/re-authenticate', { password: 'wrong horse battery', totp })).body.code).toBe(
      'password_wrong',
    );
    expect((await ada.post('/console/re-authenticate', { password: PASSWORD, totp: '000000' })).body.code).toBe(
      'second_factor_wrong',
    );
    const expiresAt = (await ada.get('/console/session')).body.expiresAt;
    const { body } = await ada.post('/console/re-authenticate', { password: PASSWORD, totp });
    // It does not make the session longer.
    expect(body).toMatchObject({ state: 'signed_in', expiresAt });
    for (const [method, path, asked] of dangerous()) {
      expect((await ada.request(method, path, asked)).body.code).not.toBe('reauthentication_needed');
    }
  });

  test('deleting an organization and breaking the glass are', async () => {
    const operator = await join('root@acme.com', 'full', null);
    server.wait(10 * 60_000);
    const glass = { 'latchkey-break-glass': 'case 17' };
    expect((await operator.request('DELETE', base)).body.code).toBe('reauthentication_needed');
    expect((await operator.post('/api-keys', { description: 'x' })).body.code).toBe('reauthentication_needed');
    expect((await operator.get(`${base}/users`, glass)).body.code).toBe('reauthentication_needed');
    await operator.post('/console/re-authenticate', { password: PASSWORD, totp: totpCode(operator.secret, server.now()) });
    expect((await operator.get(`${base}/users`)).body.code).toBe('organization_key_needed');
    expect((await operator.get(`${base}/users`, glass)).status).toBe(200);
    expect((await acme.audit()).at(-1)).toMatchObject({
      action: 'organization.break_glass',
      actor: `administrator:${operator.id}`,
    });
    const viewer = await join('viewer@acme.com', 'view', null);
    expect((await viewer.get(`${base}/users`, glass)).body.code).toBe('permission_needed');
  });
});

describe("one's own account", () => {
  test('a new password ends every other session', async () => {
    const elsewhere = createBrowser(server);
    elsewhere.setCookie(ada.cookie());
    const change = (current: string, next: string) => ada.post('/console/password', { current, new: next });
    expect((await change(PASSWORD, 'short')).body.code).toBe('password_unusable');
    expect((await change('wrong horse battery', 'elf baum seele licht')).body.code).toBe('password_wrong');
    expect((await change(PASSWORD, 'elf baum seele licht')).body.state).toBe('signed_in');
    expect((await elsewhere.get(`${base}/users`)).body.code).toBe('signed_out');
    expect((await ada.get(`${base}/users`)).status).toBe(200);
    const signIn = (password: string) => elsewhere.post('/console/sign-in', { userName: ada.userName, password });
    expect((await signIn(PASSWORD)).body.code).toBe('sign_in_refused');
    expect((await signIn('elf baum seele licht')).body.state).toBe('second_factor');
  });

  test('new recovery codes take the place of the old ones', async () => {
    const { recoveryCodes } = (await ada.post('/console/recovery-codes')).body;
    await ada.post('/console/sign-in', { userName: ada.userName, password: PASSWORD });
    const use = async (code: string | undefined) => (await ada.post('/console/sign-in/recovery-code', { code })).body;
    expect((await use(ada.recoveryCodes[0])).code).toBe('second_factor_wrong');
    expect((await use(recoveryCodes[0])).state).toBe('signed_in');
  });
});

describe('who has lost the second factor', () => {
  test('sets it up anew after a reset, is out until then, and it is in the audit', async () => {
    const bob = await join('bob@acme.com', 'full');
    const reset = await ada.post(`${base}/administrators/${bob.id}/reset-second-factor`);
    expect(reset.body).toMatchObject({ id: bob.id, hasTotp: false, hasPasskey: false });
    expect((await bob.get(`${base}/users`)).body.code).toBe('signed_out');
    bob.setCookie(undefined);
    const signedIn = await bob.post('/console/sign-in', { userName: bob.userName, password: PASSWORD });
    expect(signedIn.body.state).toBe('second_factor_enrolment');
    expect((await bob.get(`${base}/users`)).body.code).toBe('signed_out');
    expect((await bob.post('/console/sign-in/recovery-code', { code: bob.recoveryCodes[0] })).body.code).toBe('signed_out');
    expect((await acme.audit()).findLast(({ action }) => action === 'administrator.second_factor_reset')).toMatchObject({
      actor: `administrator:${ada.id}`,
      subject: `administrator:${bob.id}`,
      details: { userName: 'bob@acme.com', totp: true, passkeys: [] },
    });
  });

  test('is not oneself, not somebody who may do more, and both factors are asked for', async () => {
    expect((await ada.post(`${base}/administrators/${ada.id}/reset-second-factor`)).body.code).toBe('own_second_factor');
    const eve = await join('eve@acme.com', await makeRole({ administrators: 'full' }));
    for (const act of ['reset-second-factor', 'end-sessions']) {
      expect((await eve.post(`${base}/administrators/${ada.id}/${act}`)).body.code).toBe('role_exceeds_own');
    }
    server.wait(11 * 60_000);
    expect((await ada.post(`${base}/administrators/${eve.id}/reset-second-factor`)).body.code).toBe('reauthentication_needed');
  });

  test('signing somebody out everywhere ends their sessions, not their account', async () => {
    const bob = await join('bob@acme.com', 'view');
    expect((await ada.post(`${base}/administrators/${bob.id}/end-sessions`)).status).toBe(204);
    expect((await bob.get(`${base}/users`)).body.code).toBe('signed_out');
    bob.setCookie(undefined);
    const { body } = await bob.post('/console/sign-in', { userName: bob.userName, password: PASSWORD });
    expect(body.state).toBe('second_factor');
  });
});

test('a role says how many have it', async () => {
  const roleId = await makeRole({ devices: 'view' });
  await join('bob@acme.com', roleId);
  const { items } = (await ada.get(`${base}/roles`)).body;
  const counts = items.map(({ id, administrators }: { id: string; administrators: number }) => [id, administrators]);
  expect(counts).toEqual([
    ['full', 1],
    ['view', 0],
    [roleId, 1],
  ]);
  expect((await ada.request('PUT', `${base}/roles/${roleId}`, { name: 'x', permissions: {} })).body.administrators).toBe(1);
});
