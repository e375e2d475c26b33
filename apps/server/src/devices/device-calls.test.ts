import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let count = 0;
const APP = 'https://crm.example';

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`calls${count}.example`);
});

const enrolled = async (login = 'j.doe') => {
  const device = server.createDevice();
  await device.enroll((await acme.createToken()).text, `${login}@${acme.domain}`);
  return device;
};
const signedIn = async (login = 'j.doe') => {
  const device = await enrolled(login);
  const answer = await device.signIn();
  if (answer.kind !== 'signed_in') throw new Error(`not signed in: ${answer.code}`);
  return { ...answer, device };
};
const lastEvent = async () => (await acme.audit()).at(-1);

describe('access tokens (RFC 9068, RFC 9449 §6)', () => {
  test('one is a JWT for one application, bound to the device key, signed by a key of the JWKS', async () => {
    await acme.registerApplication({ identifier: APP });
    const { device, session, user } = await signedIn();
    const answer = await device.accessToken(APP);
    if (answer.kind !== 'answered') throw new Error(answer.code);
    expect(answer).toMatchObject({ token_type: 'DPoP', expires_in: 300 });
    const [head = '', body = '', signature = ''] = answer.access_token.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const iat = Math.floor(server.now() / 1000);
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject({
      iss: `${server.origin}/oidc/${acme.id}`,
      sub: user.id,
      aud: APP,
      iat,
      exp: iat + 300,
      cnf: { jkt: device.key.jkt },
      sid: session.id,
      preferred_username: user.userName,
      device_id: device.state.deviceId,
      evidence: 'E0',
    });
    const jwks = (await server.app.inject(`/oidc/${acme.id}/jwks`)).json() as { keys: { kid: string }[] };
    const jwk = jwks.keys.find(({ kid }) => kid === header.kid);
    const key = { key: createPublicKey({ key: { ...jwk }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(await lastEvent()).toMatchObject({ action: 'access_token.issued', details: { session: session.id, audience: APP } });
  });

  test('none outlives its session', async () => {
    await acme.registerApplication({ identifier: APP });
    const { device } = await signedIn();
    server.wait(12 * 3_600_000 - 60_000);
    await device.challenge();
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'answered', expires_in: 60 });
    server.wait(60_000);
    await device.challenge();
    expect(await device.accessToken(APP)).toMatchObject({ code: 'session_ended' });
  });

  test.each([
    ['an application nobody registered', 'application_unknown', async () => {}],
    [
      'an application that is switched off',
      'application_disabled',
      async () => {
        const { id } = await acme.registerApplication({ identifier: APP });
        await acme.changeApplication(id, { enabled: false });
      },
    ],
    [
      'an application that asks for better proof',
      'evidence_too_low',
      async () => {
        await acme.registerApplication({ identifier: APP, minEvidence: 'E3' });
      },
    ],
  ])('%s is refused, and audited', async (_, code, prepare) => {
    await prepare();
    const { device } = await signedIn();
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'refused', code });
    expect(await lastEvent()).toMatchObject({ action: 'access_token.refused', outcome: 'refused', reason: code });
  });

  test('a disabled user gets no more, the session or not', async () => {
    await acme.registerApplication({ identifier: APP });
    const { device, user } = await signedIn();
    await acme.changeUser(user.id, 'active', 'disabled');
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'refused', code: 'user_disabled' });
  });

  test('another device’s session is of no use', async () => {
    await acme.registerApplication({ identifier: APP });
    const [{ device }, other] = [await signedIn('a'), await signedIn('b')];
    expect(await device.accessToken(APP, other.session.id)).toMatchObject({ kind: 'refused', code: 'session_unknown' });
  });

  test.each(['remove_now', 'remove', 'quarantine'] as const)('after %s the device gets no more', async (act) => {
    await acme.registerApplication({ identifier: APP });
    const { device } = await signedIn();
    await acme.changeDevice(device.state.deviceId, act);
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'refused', status: 403 });
  });

  test('a suspended organization gives none', async () => {
    await acme.registerApplication({ identifier: APP });
    const { device } = await signedIn();
    await acme.storage.transaction((store) => store.setOrganizationState('suspended'));
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'refused', code: 'organization_suspended' });
  });
});

describe('DPoP proofs of the agent API (RFC 9449 §4.3)', () => {
  test('every answer carries the next nonce, so that calls follow without a challenge', async () => {
    const { device } = await signedIn();
    expect(await device.keepalive()).toMatchObject({ kind: 'answered' });
    expect(await device.keepalive()).toMatchObject({ kind: 'answered' });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('a proof that was used before gets a fresh nonce and no effect', async () => {
    const device = await enrolled();
    const dpop = device.dpopFor('/agent/v1/keepalive');
    expect(await device.call('/agent/v1/keepalive', {}, dpop)).toMatchObject({ kind: 'answered' });
    const answer = await device.call('/agent/v1/keepalive', {}, dpop);
    expect(answer).toMatchObject({ kind: 'refused', status: 401, code: 'use_dpop_nonce' });
    if (answer.kind === 'refused') expect(answer.received.headers['dpop-nonce']).toBeTruthy();
  });

  test('the jti counts too: a fresh nonce does not make an old id new', async () => {
    const device = await enrolled();
    const same = (payload: Record<string, unknown>) => ({ ...payload, jti: 'always-the-same' });
    await device.call('/agent/v1/keepalive', {}, device.dpopFor('/agent/v1/keepalive', same));
    expect(await device.call('/agent/v1/keepalive', {}, device.dpopFor('/agent/v1/keepalive', same))).toMatchObject({
      status: 401,
      code: 'request_refused',
    });
  });

  test.each([
    ['another method', { htm: 'GET' }],
    ['another address', { htu: 'https://id.acme.com/agent/v1/unenroll' }],
    ['another host', { htu: 'https://evil.example/agent/v1/keepalive' }],
  ])('one for %s is refused', async (_, change) => {
    const device = await enrolled();
    const dpop = device.dpopFor('/agent/v1/keepalive', (payload) => ({ ...payload, ...change }));
    expect(await device.call('/agent/v1/keepalive', {}, dpop)).toMatchObject({ status: 401, code: 'request_refused' });
  });

  test('another device’s proof is refused, whatever jwk it embeds', async () => {
    const [victim, attacker] = [await enrolled('victim'), await enrolled('attacker')];
    await victim.challenge();
    attacker.state.nonce = victim.state.nonce;
    const dpop = attacker.dpopFor('/agent/v1/unenroll');
    expect(await victim.call('/agent/v1/unenroll', {}, dpop)).toMatchObject({ status: 401, code: 'request_refused' });
    expect((await acme.storage.read.findDevice(victim.state.deviceId))?.state).toBe('registered');
  });

  test('another device’s nonce is refused', async () => {
    const [a, b] = [await enrolled('a'), await enrolled('b')];
    a.state.nonce = b.state.nonce;
    expect(await a.keepalive()).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  });

  test('a nonce that is a minute old is refused, and a fresh one comes with the refusal', async () => {
    const device = await enrolled();
    server.wait(60_000);
    expect(await device.keepalive()).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
    expect(await device.keepalive()).toMatchObject({ kind: 'answered' });
  });

  test('a wrong device clock does not matter: iat is only recorded', async () => {
    const device = await enrolled();
    const dpop = device.dpopFor('/agent/v1/keepalive', (payload) => ({ ...payload, iat: 32_503_680_000 }));
    expect(await device.call('/agent/v1/keepalive', {}, dpop)).toMatchObject({ kind: 'answered' });
  });

  test('an unknown device is told so', async () => {
    const device = await enrolled();
    device.state.deviceId = 'dev_nobody';
    expect(await device.keepalive()).toMatchObject({ status: 401, code: 'device_unknown' });
  });

  test('without proof nothing happens', async () => {
    const device = await enrolled();
    const answer = await server.app.inject({
      method: 'POST',
      url: '/agent/v1/unenroll',
      headers: { 'latchkey-device': device.state.deviceId },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['dpop-nonce']).toBeTruthy();
  });
});

describe('leaving and being removed (device-binding §7)', () => {
  test('signing out ends the sessions; a good sign-in registers the device again', async () => {
    await acme.registerApplication({ identifier: APP });
    const { device, session } = await signedIn();
    expect(await device.signOut()).toMatchObject({ status: 'unregistered' });
    expect(await lastEvent()).toMatchObject({ action: 'device.signed_out', details: { endedSessions: 1 } });
    expect(await device.accessToken(APP, session.id)).toMatchObject({ code: 'device_unregistered' });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in', device: { state: 'registered' } });
    expect(await device.accessToken(APP, session.id)).toMatchObject({ code: 'session_ended' });
    expect(await device.accessToken(APP)).toMatchObject({ kind: 'answered' });
  });

  test('signing out twice is signing out once', async () => {
    const { device } = await signedIn();
    await device.signOut();
    expect(await device.signOut()).toMatchObject({ status: 'unregistered' });
    expect((await acme.audit()).filter(({ action }) => action === 'device.signed_out')).toHaveLength(1);
  });

  test('unenrolling is for good', async () => {
    const { device } = await signedIn();
    expect(await device.unenroll()).toMatchObject({ status: 'removed' });
    expect(await device.unenroll()).toMatchObject({ status: 'removed' });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'device_removed' });
    expect(await device.keepalive()).toMatchObject({ status: 'removed' });
  });

  test('a soft removal blocks at once and is done by the next keepalive', async () => {
    const { device } = await signedIn();
    expect(await acme.changeDevice(device.state.deviceId, 'remove')).toMatchObject({ device: { state: 'removal_pending' } });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'device_removed' });
    expect(await device.keepalive()).toMatchObject({ status: 'removed' });
    expect(await lastEvent()).toMatchObject({ action: 'device.removed', details: { before: 'removal_pending' } });
  });

  test('a removed device does not sign out', async () => {
    const { device } = await signedIn();
    await acme.changeDevice(device.state.deviceId, 'remove_now');
    expect(await device.signOut()).toMatchObject({ status: 403, code: 'device_removed' });
    expect(await lastEvent()).toMatchObject({ action: 'device.sign_out_refused', reason: 'device_removed' });
  });

  test('released from quarantine, the device gets a new join state at its keepalive', async () => {
    const { device } = await signedIn();
    await acme.changeDevice(device.state.deviceId, 'quarantine');
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'device_quarantined' });
    await acme.changeDevice(device.state.deviceId, 'release');
    expect(await device.keepalive()).toMatchObject({ status: 'registered', joinState: { counter: 0 } });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('what is asked of a device in the wrong state is impossible, and changes nothing', async () => {
    const { device } = await signedIn();
    const id = device.state.deviceId;
    expect(await acme.changeDevice(id, 'deny')).toEqual({ kind: 'impossible', state: 'registered' });
    expect(await acme.changeDevice(id, 'approve')).toMatchObject({ kind: 'unchanged' });
    expect(await acme.changeDevice('dev_nobody', 'approve')).toEqual({ kind: 'unknown' });
    await acme.changeDevice(id, 'remove_now');
    for (const act of ['approve', 'deny', 'quarantine', 'sign_out'] as const) {
      expect(await acme.changeDevice(id, act)).toEqual({ kind: 'impossible', state: 'removed' });
    }
  });
});

test('a keepalive updates what the machine says of itself, but not what marks it', async () => {
  const device = server.createDevice({ parameters: { serial: 'SN-k', machineId: 'm-k', osVersion: '1' } });
  await device.enroll((await acme.createToken()).text, `j.doe@${acme.domain}`);
  Object.assign(device.state.parameters, { serial: 'SN-other', machineId: 'm-other', osVersion: '2' });
  await device.keepalive();
  expect((await acme.storage.read.findDevice(device.state.deviceId))?.parameters).toMatchObject({
    serial: 'SN-k',
    machineId: 'm-k',
    osVersion: '2',
  });
});

test('an address with too many refusals waits', async () => {
  const strict = await createTestServer({ failuresPerAddress: 3 });
  try {
    const ask = () =>
      strict.app.inject({ method: 'POST', url: '/agent/v1/enroll', payload: { enrollment: 'x' }, remoteAddress: '203.0.113.9' });
    for (let index = 0; index < 3; index += 1) expect((await ask()).statusCode).toBe(400);
    const refused = await ask();
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await strict.app.inject({ url: '/.well-known/latchkey', remoteAddress: '203.0.113.10' })).statusCode).toBe(200);
    strict.wait(60_000);
    expect((await ask()).statusCode).toBe(400);
  } finally {
    await strict.close();
  }
});
