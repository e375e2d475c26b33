import { formatDeviceToken, signJws } from '@latchkey/device';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDeviceKey } from '../../../../test/kit/device.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`acme${count}.example`);
});

const name = (login: string): string => `${login}@${acme.domain}`;
const lastEvent = async () => (await acme.audit()).at(-1);

describe('enrollment (device-binding §4)', () => {
  test('an automatic token registers the device, which learns what it must pin; the audit has it before the answer', async () => {
    const token = await acme.createToken();
    const device = server.createDevice({ parameters: { serial: 'SN-1', machineId: 'm-1' } });
    const answer = await device.enroll(token.text, name('j.doe'));
    expect(answer).toMatchObject({
      kind: 'enrolled',
      status: 'registered',
      organization: acme.id,
      device: { jkt: device.key.jkt, userName: name('j.doe'), evidence: 'E0', state: 'registered' },
      joinState: { counter: 0 },
      idp: { entityId: `${server.origin}/saml/${acme.id}/idp/metadata`, ssoUrl: `${server.origin}/saml/${acme.id}/idp/sso` },
      renewAfter: 900,
      keepaliveAfter: 300,
    });
    if (answer.kind !== 'enrolled') return;
    expect(answer.idp.certificates).toHaveLength(2);
    expect(await lastEvent()).toMatchObject({
      action: 'device.enrolled',
      outcome: 'success',
      actor: `device:${answer.device.id}`,
      details: { state: 'registered', userName: name('j.doe'), tokenId: token.id, parameters: { serial: 'SN-1' } },
    });
    expect(JSON.stringify(await acme.audit())).not.toContain(token.text);
    expect((await acme.storage.read.findDeviceTokenById(token.id))?.enrollments).toBe(1);
  });

  test('enrolling makes no account: that is the first assertion’s to do', async () => {
    await server.createDevice().enroll((await acme.createToken()).text, name('j.doe'));
    expect(await acme.storage.read.findUserByName(name('j.doe'))).toBeUndefined();
  });

  test('a token for approval leaves the device pending without join state; approved, it is handed out once at a keepalive', async () => {
    const device = server.createDevice();
    const answer = await device.enroll((await acme.createToken({ enrollment: 'approval' })).text, name('j.doe'));
    expect(answer).toMatchObject({ kind: 'enrolled', status: 'pending', retryAfter: expect.any(Number) });
    expect(answer).not.toHaveProperty('joinState');
    expect(await device.signIn()).toMatchObject({ kind: 'refused', step: 'prove', code: 'device_pending' });
    expect(await device.keepalive()).toMatchObject({ status: 'pending', retryAfter: expect.any(Number) });
    expect(await acme.changeDevice(device.state.deviceId, 'approve')).toMatchObject({ kind: 'changed' });
    expect(await device.keepalive()).toMatchObject({ status: 'registered', joinState: { counter: 0 } });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    expect(await device.keepalive()).not.toHaveProperty('joinState');
  });

  test('a denied device is told so, and the same machine does not come back by itself', async () => {
    const token = await acme.createToken({ enrollment: 'approval' });
    const device = server.createDevice({ parameters: { machineId: 'm-denied' } });
    await device.enroll(token.text, name('j.doe'));
    await acme.changeDevice(device.state.deviceId, 'deny');
    expect(await device.keepalive()).toMatchObject({ status: 'denied' });
    expect(await device.enroll(token.text, name('j.doe'))).toMatchObject({ kind: 'refused', status: 403, code: 'device_denied' });
    const again = server.createDevice({ parameters: { machineId: 'm-denied' } });
    expect(await again.enroll((await acme.createToken()).text, name('j.doe'))).toMatchObject({ status: 'pending' });
  });

  test('a lost answer: the same message again, and a new message by the same key, get the same device and count once', async () => {
    const token = await acme.createToken({ maxEnrollments: 1 });
    const device = server.createDevice();
    const message = await device.enrollmentMessage(token.text, name('j.doe'));
    const first = await device.sendEnrollment(message);
    expect(await device.sendEnrollment(message)).toEqual(first);
    expect(await device.enroll(token.text, name('j.doe'))).toEqual(first);
    expect((await acme.storage.read.findDeviceTokenById(token.id))?.enrollments).toBe(1);
    expect((await acme.audit()).filter(({ action }) => action === 'device.enrolled')).toHaveLength(1);
  });

  test('after a sign-in a repeated enrollment hands out no join state: a twin must not catch up', async () => {
    const token = await acme.createToken();
    const device = server.createDevice();
    await device.enroll(token.text, name('j.doe'));
    await device.signIn();
    expect(await device.enroll(token.text, name('j.doe'))).not.toHaveProperty('joinState');
  });

  test('the same key cannot enroll for another user', async () => {
    const token = await acme.createToken();
    const device = server.createDevice();
    await device.enroll(token.text, name('j.doe'));
    expect(await device.enroll(token.text, name('ceo'))).toMatchObject({ kind: 'refused', status: 403, code: 'user_change' });
  });
});

describe('enrollment is refused, with its own code in answer and audit', () => {
  const refusedWith = async (code: string, device = server.createDevice(), token?: string, user = name('j.doe')) => {
    const answer = await device.enroll(token ?? (await acme.createToken()).text, user);
    expect(answer).toMatchObject({ kind: 'refused', code, title: expect.stringMatching(/^[A-Z].*\.$/) });
    if (answer.kind !== 'refused') return;
    expect(await lastEvent()).toMatchObject({
      action: 'device.enrollment_refused',
      outcome: 'refused',
      reason: code,
      correlationId: answer.correlationId,
    });
    expect(await acme.storage.read.findDeviceByKey(device.key.jkt)).toBeUndefined();
  };

  test('a revoked token', async () => {
    const token = await acme.createToken();
    await acme.revokeToken(token.id);
    await refusedWith('token_revoked', undefined, token.text);
  });

  test('an expired token', async () => {
    const token = await acme.createToken({ expiresAt: server.now() });
    await refusedWith('token_expired', undefined, token.text);
  });

  test('a spent token', async () => {
    const token = await acme.createToken({ maxEnrollments: 1 });
    await server.createDevice().enroll(token.text, name('first'));
    await refusedWith('token_spent', undefined, token.text);
  });

  test('a token that is spent by many at once enrolls as many as it may', async () => {
    const token = await acme.createToken({ maxEnrollments: 3 });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => server.createDevice().enroll(token.text, name(`u${index}`))),
    );
    expect(answers.filter(({ kind }) => kind === 'enrolled')).toHaveLength(3);
    expect(answers.filter((answer) => answer.kind === 'refused' && answer.code === 'token_spent')).toHaveLength(5);
  });

  test('a user name outside the token’s domains', async () => {
    await acme.grantDomain(`other${count}.example`);
    const token = await acme.createToken({ domains: [`other${count}.example`] });
    await refusedWith('token_domain', undefined, token.text);
  });

  test('a user name outside the organization’s proved domains', async () => {
    await refusedWith('domain_not_proved', undefined, undefined, 'j.doe@nobody.example');
  });

  test('a user name of another organization’s domain', async () => {
    const other = await server.createOrganization(`foreign${count}.example`);
    await refusedWith('domain_not_proved', undefined, undefined, `j.doe@${other.domain}`);
  });

  test('settings that were never activated for the domain: saved is not active', async () => {
    await acme.activate({ identityProviders: [], defaultIdp: null });
    await refusedWith('domain_not_proved');
  });

  test('a disabled IdP', async () => {
    await acme.activateDeviceIdp({ status: 'disabled' });
    await refusedWith('idp_disabled');
  });

  test('a domain whose people sign in elsewhere', async () => {
    await acme.activate({
      identityProviders: [
        {
          kind: 'saml',
          id: 'entra',
          name: 'Entra',
          status: 'enabled',
          domains: 'any',
          autoProvisioning: false,
          signInUrl: 'https://login.example/',
        },
      ],
      defaultIdp: 'entra',
    });
    await refusedWith('external_idp');
  });

  test('an unknown user with auto-provisioning off', async () => {
    await acme.activateDeviceIdp({ autoProvisioning: false });
    await refusedWith('user_unknown');
    await acme.createUser(name('known'));
    expect(await server.createDevice().enroll((await acme.createToken()).text, name('known'))).toMatchObject({
      status: 'registered',
    });
  });

  test('a disabled user', async () => {
    await acme.changeUser(await acme.createUser(name('j.doe')), 'active', 'disabled');
    await refusedWith('user_disabled');
  });

  test('a suspended organization', async () => {
    await acme.storage.transaction((store) => store.setOrganizationState('suspended'));
    await refusedWith('organization_suspended');
  });

  test('a serial number that a live device has; both stay as they are', async () => {
    const parameters = { serial: 'SN-claimed' };
    const holder = server.createDevice({ parameters });
    await holder.enroll((await acme.createToken()).text, name('holder'));
    await refusedWith('serial_claimed', server.createDevice({ parameters }));
    expect(await holder.signIn()).toMatchObject({ kind: 'signed_in' });
  });
});

describe('who comes back needs approval (device-binding §4.5)', () => {
  const pendingAgain = async (parameters: Record<string, string>, user: string, why: string) => {
    const device = server.createDevice({ parameters });
    expect(await device.enroll((await acme.createToken()).text, user)).toMatchObject({ status: 'pending' });
    expect(await lastEvent()).toMatchObject({ action: 'device.enrolled', details: { state: 'pending', why } });
    return device;
  };
  const enrolled = async (parameters: Record<string, string>, user = name('j.doe')) => {
    const device = server.createDevice({ parameters });
    await device.enroll((await acme.createToken()).text, user);
    return device;
  };

  test.each([
    ['a removed machine, by its machine id', { machineId: 'm-2', hostName: 'x' }, { machineId: 'm-2', hostName: 'y' }],
    ['a removed machine, by its serial number', { serial: 'SN-2', hostName: 'x' }, { serial: 'SN-2', hostName: 'y' }],
  ])('%s', async (_, before, after) => {
    const device = await enrolled(before);
    await acme.changeDevice(device.state.deviceId, 'remove_now');
    await pendingAgain(after, name('somebody.else'), 'removed_needs_approval');
  });

  test('a machine that unenrolled itself', async () => {
    const device = await enrolled({ machineId: 'm-3' });
    expect(await device.unenroll()).toMatchObject({ status: 'removed' });
    await pendingAgain({ machineId: 'm-3' }, name('j.doe'), 'removed_needs_approval');
  });

  test('a machine in quarantine', async () => {
    const device = await enrolled({ machineId: 'm-4' });
    await acme.changeDevice(device.state.deviceId, 'quarantine');
    await pendingAgain({ machineId: 'm-4' }, name('j.doe'), 'removed_needs_approval');
  });

  test('a removed device’s user on a host of the same name', async () => {
    const device = await enrolled({ hostName: 'laptop-5' });
    await acme.changeDevice(device.state.deviceId, 'remove_now');
    await pendingAgain({ hostName: 'laptop-5' }, name('J.DOE'), 'removed_needs_approval');
  });

  test('a deleted user; the administrator’s approval lets the account be made again', async () => {
    await acme.changeUser(await acme.createUser(name('gone')), 'active', 'deleted');
    const device = await pendingAgain({}, name('gone'), 'user_deleted');
    await acme.changeDevice(device.state.deviceId, 'approve');
    await device.keepalive();
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in', user: { userName: name('gone') } });
  });

  test('the seventeenth device of one user', async () => {
    const { text } = await acme.createToken();
    for (let index = 0; index < 16; index += 1) {
      expect(await server.createDevice({ parameters: { hostName: `h${index}` } }).enroll(text, name('many'))).toMatchObject({
        status: 'registered',
      });
    }
    await pendingAgain({ hostName: 'h16' }, name('many'), 'many_devices');
  });

  test('a removed row never revives: the old key is refused, with and without its token', async () => {
    const device = await enrolled({});
    await acme.changeDevice(device.state.deviceId, 'remove_now');
    expect(await device.enroll((await acme.createToken()).text, name('j.doe'))).toMatchObject({ code: 'device_removed' });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'device_removed' });
  });

  test('an approval is refused while a live device has the serial number', async () => {
    const old = await enrolled({ serial: 'SN-6' });
    await acme.changeDevice(old.state.deviceId, 'remove_now');
    const returning = await pendingAgain({ serial: 'SN-6' }, name('j.doe'), 'removed_needs_approval');
    const other = await pendingAgain({ serial: 'SN-6' }, name('other'), 'removed_needs_approval');
    await acme.changeDevice(returning.state.deviceId, 'approve');
    expect(await acme.changeDevice(other.state.deviceId, 'approve')).toEqual({
      kind: 'serial_claimed',
      by: returning.state.deviceId,
    });
  });
});

describe('messages nobody has proven anything by are refused without a row', () => {
  const before = async () => (await acme.audit()).length;

  test('a token of no organization', async () => {
    const [rows, refusals] = [await before(), await server.refusals('token_unknown')];
    const stranger = formatDeviceToken({ lookup: '0123456789', secret: 'x'.repeat(32) });
    expect(await server.createDevice().enroll(stranger, name('j.doe'))).toMatchObject({ status: 403, code: 'token_unknown' });
    expect(await before()).toBe(rows);
    expect(await server.refusals('token_unknown')).toBe(refusals + 1);
  });

  test('the lookup part of a real token with a guessed secret', async () => {
    const { text } = await acme.createToken();
    const rows = await before();
    const guessed = formatDeviceToken({ lookup: text.slice(4, 14), secret: 'y'.repeat(32) });
    expect(await server.createDevice().enroll(guessed, name('j.doe'))).toMatchObject({ status: 403, code: 'token_unknown' });
    expect(await before()).toBe(rows);
  });

  test('a token with a typing error', async () => {
    const { text } = await acme.createToken();
    const device = server.createDevice();
    const answer = await device.enroll(text, name('j.doe'), {
      enrollment: (payload) => ({ ...payload, token: `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}` }),
    });
    expect(answer).toMatchObject({ status: 400, code: 'token_malformed' });
    if (answer.kind === 'refused') expect(answer.received.body).not.toContain(text.slice(14, 30));
  });

  test.each([
    ['another audience', { aud: 'https://evil.example' }, 401, 'request_refused'],
    ['no nonce', { nonce: undefined }, 401, 'use_dpop_nonce'],
    ['a made-up nonce', { nonce: 'x'.repeat(73) }, 401, 'use_dpop_nonce'],
    ['parameters that are no object', { parameters: 'x' }, 400, 'parameters_invalid'],
    ['a user name without domain', { userName: 'j.doe' }, 400, 'user_name_invalid'],
  ])('%s', async (_, change, status, code) => {
    const { text } = await acme.createToken();
    const answer = await server
      .createDevice()
      .enroll(text, name('j.doe'), { enrollment: (payload) => ({ ...payload, ...change }) });
    expect(answer).toMatchObject({ kind: 'refused', status, code });
  });

  test('another device’s nonce', async () => {
    const { text } = await acme.createToken();
    const [victim, attacker] = [server.createDevice(), server.createDevice()];
    const message = await victim.enrollmentMessage(text, name('j.doe'));
    const { nonce } = JSON.parse(Buffer.from(message.split('.')[1] ?? '', 'base64url').toString()) as { nonce: string };
    const answer = await attacker.enroll(text, name('j.doe'), { enrollment: (payload) => ({ ...payload, nonce }) });
    expect(answer).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
    if (answer.kind === 'refused') expect(answer.received.headers['dpop-nonce']).toBeTruthy();
  });

  test('a nonce that is a minute old', async () => {
    const device = server.createDevice();
    const message = await device.enrollmentMessage((await acme.createToken()).text, name('j.doe'));
    server.wait(60_000);
    expect(await device.sendEnrollment(message)).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  });

  test('a JWS whose jwk is not the key that signed it', async () => {
    const { text } = await acme.createToken();
    const device = server.createDevice();
    const message = await device.enrollmentMessage(text, name('j.doe'));
    const payload = JSON.parse(Buffer.from(message.split('.')[1] ?? '', 'base64url').toString()) as object;
    const forged = signJws({ typ: 'latchkey-enroll+jwt', jwk: device.key.jwk }, payload, createDeviceKey());
    expect(await device.sendEnrollment(forged)).toMatchObject({ status: 401, code: 'request_refused' });
  });

  test('a point that is not on the curve', async () => {
    const { text } = await acme.createToken();
    const device = server.createDevice();
    const message = await device.enrollmentMessage(text, name('j.doe'));
    const payload = JSON.parse(Buffer.from(message.split('.')[1] ?? '', 'base64url').toString()) as object;
    const jwk = { ...device.key.jwk, y: Buffer.alloc(32, 7).toString('base64url') };
    expect(await device.sendEnrollment(signJws({ typ: 'latchkey-enroll+jwt', jwk }, payload, device.key))).toMatchObject({
      status: 400,
      code: 'proof_malformed',
    });
  });

  test('a DPoP proof in the place of an enrollment (RFC 8725 §3.11)', async () => {
    const { text } = await acme.createToken();
    const device = server.createDevice();
    const message = await device.enrollmentMessage(text, name('j.doe'));
    const payload = JSON.parse(Buffer.from(message.split('.')[1] ?? '', 'base64url').toString()) as object;
    const other = signJws({ typ: 'dpop+jwt', jwk: device.key.jwk }, payload, device.key);
    expect(await device.sendEnrollment(other)).toMatchObject({ status: 401, code: 'request_refused' });
  });

  test.each([
    ['no JSON', 'hello'],
    ['an empty object', '{}'],
    ['a foreign member', '{"enrollment":"a.b.c","x":1}'],
    ['no JWS', '{"enrollment":"x"}'],
  ])('a body that is %s', async (_, body) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/agent/v1/enroll',
      headers: { 'content-type': 'application/json' },
      payload: body,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
});

test('the challenge tells nobody whether a token exists', async () => {
  const { text } = await acme.createToken();
  const ask = async (token: string) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/agent/v1/challenge',
      payload: { token, jkt: 'a'.repeat(43) },
    });
    const { nonce, ...rest } = answer.json() as { nonce: string };
    return { status: answer.statusCode, length: nonce.length, ...rest };
  };
  expect(await ask(text.slice(4, 14))).toEqual(await ask('nosuchtokn'));
});

test.each([
  ['a NUL', 'a\0b'],
  ['half a surrogate pair', 'a\ud800'],
  ['nothing', ''],
])('a challenge for %s is a bad request', async (_, token) => {
  const answer = await server.app.inject({ method: 'POST', url: '/agent/v1/challenge', payload: { token, jkt: 'a'.repeat(43) } });
  expect(answer.statusCode).toBe(400);
});

test('discovery names this very origin', async () => {
  const { body } = await server.app.inject('/.well-known/latchkey');
  expect(JSON.parse(body)).toMatchObject({ cloudName: 'id.acme.com', origin: server.origin, enroll: '/agent/v1/enroll' });
});
