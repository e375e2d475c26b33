import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedDevice } from '../../../../test/kit/device.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import type { Application } from '../applications/application.ts';

const SITE = 'https://wiki.example';
const PAGE = `${SITE}/page`;
const PROXY = '192.0.2.80';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let site: Application;
let count = 0;

beforeAll(async () => {
  server = await createTestServer({ trustedProxies: [PROXY] });
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`gateway${count}.example`);
  site = await acme.registerApplication({ kind: 'gateway', identifier: SITE });
});

type Headers = Readonly<Record<string, string | string[]>>;

/** The subrequest of a proxy, as the snippet makes it. */
const subrequest = async (headers: Headers = {}, options: { query?: string; from?: string } = {}) => {
  const answer = await server.app.inject({
    method: 'GET',
    url: `/gateway/v1/verify?${options.query ?? `application=${site.id}`}`,
    remoteAddress: options.from ?? PROXY,
    headers: { 'x-original-url': PAGE, 'x-original-method': 'GET', ...headers },
  });
  const problem = answer.headers['content-type']?.toString().includes('problem+json') === true ? answer.json() : {};
  return {
    status: answer.statusCode,
    code: problem.code as string | undefined,
    problem,
    headers: answer.headers,
    body: answer.body,
  };
};

const signedIn = async (login = 'j.doe', organization = acme) => {
  const device = server.createDevice();
  await device.enroll((await organization.createToken()).text, `${login}@${organization.domain}`);
  const answer = await device.signIn();
  if (answer.kind !== 'signed_in') throw new Error(`not signed in: ${answer.code}`);
  return { device, session: answer.session.id, user: answer.user };
};

const tokenFor = async (device: SimulatedDevice, application = SITE, type?: 'Bearer'): Promise<string> => {
  const answer = await device.accessToken(application, undefined, type);
  if (answer.kind !== 'answered') throw new Error(`no access token: ${answer.code}`);
  return answer.access_token;
};

const nonceFor = async (device: SimulatedDevice, token: string): Promise<string> => {
  const answer = await subrequest({ authorization: `DPoP ${token}`, dpop: device.proofOf(token, { url: PAGE, nonce: 'none' }) });
  expect(answer).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  return String(answer.headers['dpop-nonce']);
};

/** Someone with a token and a nonce, ready to ask. */
const ready = async (login?: string) => {
  const who = await signedIn(login);
  const token = await tokenFor(who.device);
  const nonce = await nonceFor(who.device, token);
  const credentials = (
    request: { method?: string; url?: string } = {},
    change?: (payload: Record<string, unknown>) => object,
  ): Record<string, string> => ({
    authorization: `DPoP ${token}`,
    dpop: who.device.proofOf(token, { url: PAGE, nonce, ...request }, change),
  });
  return { ...who, token, nonce, credentials };
};

const identityNames = ['user', 'user-id', 'groups', 'device', 'evidence', 'organization', 'session'].map(
  (name) => `x-latchkey-${name}`,
);

describe('the gateway lets a request through', () => {
  test('with a DPoP-bound access token and a proof for it, and says who it is (RFC 9449 §7.1)', async () => {
    const { credentials, device, session, user } = await ready();
    const answer = await subrequest(credentials());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-latchkey-user': user.userName,
      'x-latchkey-user-id': user.id,
      'x-latchkey-groups': '',
      'x-latchkey-device': device.state.deviceId,
      'x-latchkey-evidence': 'E0',
      'x-latchkey-organization': acme.id,
      'x-latchkey-session': session,
    });
  });

  test('many times with one nonce, each with a jti of its own, and renews the nonce before it ends', async () => {
    const { credentials } = await ready();
    expect((await subrequest(credentials())).headers['dpop-nonce']).toBeUndefined();
    server.wait(31_000);
    const late = await subrequest(credentials());
    expect(late.status).toBe(200);
    expect(late.headers['dpop-nonce']).toMatch(/^[\w-]{20,}$/);
    server.wait(30_000);
    expect(await subrequest(credentials())).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  });

  test('whatever the query of the page is; the proof is for the address without it (RFC 9449 §4.3)', async () => {
    const { credentials } = await ready();
    const headers = { ...credentials({ method: 'POST' }), 'x-original-method': 'POST', 'x-original-url': `${PAGE}?evidence=E4` };
    expect((await subrequest(headers)).status).toBe(200);
  });

  test('by X-Forwarded-* where the configuration says so, and by these alone', async () => {
    const { credentials } = await ready();
    const forwarded = {
      'x-forwarded-method': 'GET',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'wiki.example',
      'x-forwarded-uri': '/page?x=1',
    };
    const query = `application=${site.id}&headers=forwarded`;
    expect(
      (await subrequest({ ...credentials(), ...forwarded, 'x-original-url': 'https://evil.example/' }, { query })).status,
    ).toBe(200);
    expect(await subrequest(credentials(), { query })).toMatchObject({ status: 403, code: 'proxy_misconfigured' });
  });

  test('by the identifier of its application within an organization', async () => {
    const { credentials } = await ready();
    const query = `application=${encodeURIComponent(SITE)}&organization=${acme.id}`;
    expect((await subrequest(credentials(), { query })).status).toBe(200);
  });

  test('with a bearer token where the application allows it', async () => {
    await acme.changeApplication(site.id, { allowBearer: true });
    const { device, user } = await signedIn();
    const token = await tokenFor(device, SITE, 'Bearer');
    const answer = await subrequest({ authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-latchkey-user']).toBe(user.userName);
  });

  test('with a name that is not ASCII as the octets of its UTF-8', async () => {
    const { credentials } = await ready('jürgen%2c');
    expect((await subrequest(credentials())).headers['x-latchkey-user']).toBe(`j%C3%BCrgen%252c@${acme.domain}`);
  });

  test('from a device with the platform that is asked for', async () => {
    const { credentials } = await ready();
    const ask = (platform: string) => subrequest(credentials(), { query: `application=${site.id}&platform=${platform}` });
    expect((await ask('windows,linux')).status).toBe(200);
    expect(await ask('windows')).toMatchObject({ status: 403, code: 'platform_refused' });
  });
});

describe('the gateway refuses', () => {
  test('whoever brings nothing, with a challenge for programs and a page for browsers', async () => {
    const program = await subrequest();
    expect(program).toMatchObject({ status: 401, code: 'sign_in_needed' });
    expect(program.headers['www-authenticate']).toBe('DPoP algs="ES256"');
    const browser = await subrequest({ accept: 'text/html,application/xhtml+xml' });
    expect(browser.status).toBe(401);
    expect(browser.headers['content-type']).toContain('text/html');
    expect(browser.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(browser.body).toContain('opened by the Latchkey agent');
  });

  test('every refusal without an identity header', async () => {
    const answer = await subrequest({ 'x-latchkey-user': 'forged@acme.com' });
    for (const name of identityNames) expect(answer.headers[name]).toBeUndefined();
  });

  test.each([
    [
      'an ended session',
      401,
      'session_ended',
      async ({ device }: { device: SimulatedDevice }) => {
        await acme.storage.transaction((store) => store.endDeviceSessions(device.state.deviceId, server.now()));
      },
    ],
    [
      'a device that has signed out',
      403,
      'device_unregistered',
      async ({ device }: { device: SimulatedDevice }) => {
        await device.signOut();
      },
    ],
    [
      'a disabled user',
      403,
      'user_disabled',
      async ({ user }: { user: { id: string } }) => {
        await acme.changeUser(user.id, 'active', 'disabled');
      },
    ],
    [
      'a deleted user',
      403,
      'user_disabled',
      async ({ user }: { user: { id: string } }) => {
        await acme.changeUser(user.id, 'active', 'deleted');
      },
    ],
    [
      'a device whose removal is asked for',
      403,
      'device_removed',
      async ({ device }: { device: SimulatedDevice }) => {
        await acme.changeDevice(device.state.deviceId, 'remove');
      },
    ],
    [
      'a suspended organization',
      403,
      'organization_suspended',
      async () => {
        await acme.storage.transaction((store) => store.setOrganizationState('suspended'));
      },
    ],
    [
      'an application that is switched off',
      403,
      'application_disabled',
      async () => {
        await acme.changeApplication(site.id, { enabled: false });
      },
    ],
    [
      'an application that asks for more',
      403,
      'evidence_too_low',
      async () => {
        await acme.changeApplication(site.id, { minEvidence: 'E2' });
      },
    ],
    [
      'an application that is gone',
      403,
      'application_unknown',
      async () => {
        await acme.storage.transaction((store) => store.deleteApplication(site.id));
      },
    ],
  ])('%s, two seconds later at most', async (_what, status, code, act) => {
    const who = await ready();
    expect((await subrequest(who.credentials())).status).toBe(200);
    await act(who);
    server.wait(2000);
    expect(await subrequest(who.credentials())).toMatchObject({ status, code });
  });

  test('a group that the user is in no more, or that is gone, two seconds later at most', async () => {
    const { credentials, user } = await ready();
    const ask = (groups: string) => subrequest(credentials(), { query: `application=${site.id}&groups=${groups}` });
    const group = {
      id: 'grp_staff',
      name: 'Staff, all',
      comments: '',
      source: 'api',
      system: false,
      revision: 1,
      createdAt: 0,
      updatedAt: 0,
    } as const;
    const member = { id: user.id, userNameKey: user.userName };
    await acme.storage.transaction(async (store) => {
      await store.groups.insert(group);
      await store.groups.insert({ ...group, id: 'grp_other', name: 'Other' });
    });
    expect((await ask('grp_staff')).code).toBe('group_needed');
    await acme.storage.transaction((store) => store.joinGroups(member, ['grp_staff']));
    server.wait(2000);
    const answer = await ask('Other,grp_staff');
    expect(answer.status).toBe(200);
    expect(answer.headers['x-latchkey-groups']).toBe('Staff%2C all');
    expect((await ask('Other')).code).toBe('group_needed');
    await acme.storage.transaction((store) => store.leaveGroup(user.id, 'grp_staff'));
    server.wait(2000);
    expect((await ask('grp_staff')).code).toBe('group_needed');
    await acme.storage.transaction(async (store) => {
      await store.joinGroups(member, ['grp_staff']);
      await store.groups.delete('grp_staff', 1);
    });
    server.wait(2000);
    expect((await ask('grp_staff')).code).toBe('group_needed');
  });

  test('a session that is over by the clock', async () => {
    const { device, credentials } = await ready();
    await subrequest(credentials());
    server.wait(12 * 3_600_000);
    expect(await subrequest(credentials())).toMatchObject({ status: 401, code: 'token_invalid' });
    expect(device.state.session).not.toBe('');
  });

  test('a session that is longer than the settings active now allow, though its access token is good', async () => {
    const { device } = await signedIn();
    server.wait(250_000);
    await device.challenge();
    const token = await tokenFor(device);
    const nonce = await nonceFor(device, token);
    const ask = () => subrequest({ authorization: `DPoP ${token}`, dpop: device.proofOf(token, { url: PAGE, nonce }) });
    expect((await ask()).status).toBe(200);
    const { identityProviders = new Map() } = (await server.activeSettings(acme.id)) ?? {};
    await acme.activate({
      identityProviders: [...identityProviders.values()],
      defaultIdp: 'device',
      authenticationProfile: { deviceSessionSeconds: 300 },
    });
    server.wait(49_000);
    expect((await ask()).status).toBe(200);
    server.wait(1000);
    expect(await ask()).toMatchObject({ status: 401, code: 'session_ended' });
  });

  test('what the configuration asks for and the device has not', async () => {
    const { credentials } = await ready();
    const ask = (query: string) => subrequest(credentials(), { query: `application=${site.id}&${query}` });
    expect(await ask('evidence=E1')).toMatchObject({ status: 403, code: 'evidence_too_low' });
    expect(await ask('groups=staff')).toMatchObject({ status: 403, code: 'group_needed' });
    expect((await ask('evidence=E0')).status).toBe(200);
  });

  test.each([
    '',
    'application=',
    'application=app_none',
    'application=app_%00',
    `application=${SITE}`,
    'application=APP&evidence=E9',
    'application=APP&evidence=',
    'application=APP&groups=',
    'application=APP&groups=a,,b',
    'application=APP&platform=amiga',
    'application=APP&group=staff',
    'application=APP&evidence=E0&evidence=E0',
    'application=APP&headers=both',
    'application=APP&organization=org_other',
  ])('a configuration that asks "%s"', async (query) => {
    const { credentials } = await ready();
    const answer = await subrequest(credentials(), { query: query.replace('APP', site.id) });
    expect(answer.status).toBe(403);
    expect(answer.code).toMatch(/^(proxy_misconfigured|application_unknown)$/);
  });

  test('an application that is not behind the gateway', async () => {
    const api = await acme.registerApplication({ identifier: 'https://api.example' });
    const { credentials } = await ready();
    expect(await subrequest(credentials(), { query: `application=${api.id}` })).toMatchObject({ code: 'proxy_misconfigured' });
  });

  test('a refusal of a proven device is audited, once a minute for a reason', async () => {
    const { credentials, device } = await ready();
    const query = `application=${site.id}&evidence=E1`;
    for (let times = 0; times < 3; times++) await subrequest(credentials(), { query });
    const events = (await acme.audit()).filter(({ action }) => action === 'gateway.refused');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      actor: `device:${device.state.deviceId}`,
      reason: 'evidence_too_low',
      subject: `application:${site.id}`,
    });
  });

  test('the words for nginx are those of the code, and nothing else is repeated', async () => {
    const ask = (headers: Headers) => server.app.inject({ method: 'GET', url: '/gateway/v1/refusal', headers });
    const page = await ask({ accept: 'text/html', 'latchkey-error': 'evidence_too_low', 'latchkey-correlation': 'cor_0123abc' });
    expect(page.statusCode).toBe(403);
    expect(page.body).toContain('cor_0123abc');
    const forged = await ask({ accept: 'text/html', 'latchkey-error': '<script>', 'latchkey-correlation': '<script>' });
    expect(forged.statusCode).toBe(503);
    expect(forged.body).not.toContain('<script');
  });
});

describe('attacks on the gateway', () => {
  test('a client that asks itself, forging what a proxy says', async () => {
    const { credentials } = await ready();
    const answer = await subrequest({ ...credentials(), 'x-forwarded-for': PROXY }, { from: '198.51.100.1' });
    expect(answer).toMatchObject({ status: 403, code: 'proxy_not_trusted' });
  });

  test('requirements in headers are not looked at', async () => {
    const { credentials } = await ready();
    const headers = { ...credentials(), 'x-latchkey-evidence': 'E4', evidence: 'E0', 'x-forwarded-uri': '/page?evidence=E0' };
    expect(await subrequest(headers, { query: `application=${site.id}&evidence=E1` })).toMatchObject({
      code: 'evidence_too_low',
    });
  });

  test('a replayed proof', async () => {
    const { credentials } = await ready();
    const once = credentials();
    expect((await subrequest(once)).status).toBe(200);
    expect(await subrequest(once)).toMatchObject({ status: 401, code: 'request_refused' });
    // The other half of the curve is as good a signature (r, n-s): it is the jti that counts.
    const [head = '', body = '', signature = ''] = once.dpop?.split('.') ?? [];
    const octets = Buffer.from(signature, 'base64url');
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const s = (n - BigInt(`0x${octets.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
    const other = Buffer.concat([octets.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url');
    expect(await subrequest({ ...once, dpop: `${head}.${body}.${other}` })).toMatchObject({
      status: 401,
      code: 'request_refused',
    });
  });

  test('a replayed proof after as long as a nonce lasts', async () => {
    const { credentials, device, token } = await ready();
    const once = credentials();
    await subrequest(once);
    for (let step = 0; step < 3; step++) {
      server.wait(29_000);
      expect((await subrequest(once)).status).toBe(401);
      await subrequest({ authorization: `DPoP ${token}`, dpop: device.proofOf(token, { url: PAGE, nonce: 'none' }) });
    }
  });

  test('a token of another application', async () => {
    await acme.registerApplication({ kind: 'gateway', identifier: 'https://crm.example' });
    const { device, nonce } = await ready();
    const token = await tokenFor(device, 'https://crm.example');
    const dpop = device.proofOf(token, { url: PAGE, nonce });
    expect(await subrequest({ authorization: `DPoP ${token}`, dpop })).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  test("a token with another device's proof", async () => {
    const { token, nonce } = await ready();
    const { device: thief } = await ready('thief');
    const dpop = thief.proofOf(token, { url: PAGE, nonce });
    const answer = await subrequest({ authorization: `DPoP ${token}`, dpop });
    expect(answer).toMatchObject({ status: 401, code: 'request_refused' });
    expect(answer.headers['www-authenticate']).toContain('error="invalid_dpop_proof"');
  });

  test("a proof with another device's nonce", async () => {
    const { device, token } = await ready();
    const { nonce } = await ready('other');
    const dpop = device.proofOf(token, { url: PAGE, nonce });
    expect(await subrequest({ authorization: `DPoP ${token}`, dpop })).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  });

  test("a nonce of the agent's own calls", async () => {
    const { device, token } = await ready();
    const dpop = device.proofOf(token, { url: PAGE, nonce: await device.challenge() });
    expect(await subrequest({ authorization: `DPoP ${token}`, dpop })).toMatchObject({ code: 'use_dpop_nonce' });
  });

  test.each([
    ['another method', { htm: 'POST' }],
    ['another page', { htu: `${SITE}/other` }],
    ['another site', { htu: 'https://evil.example/page' }],
    ['another access token', { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' }],
    ['no access token', { ath: undefined }],
    ['no id', { jti: undefined }],
  ])('a proof for %s', async (_what, change) => {
    const { credentials } = await ready();
    expect(await subrequest(credentials({}, (payload) => ({ ...payload, ...change })))).toMatchObject({
      status: 401,
      code: 'request_refused',
    });
  });

  test('a bound token as a bearer token (RFC 9449 §7.2)', async () => {
    await acme.changeApplication(site.id, { allowBearer: true });
    const { token } = await ready();
    expect(await subrequest({ authorization: `Bearer ${token}` })).toMatchObject({ status: 401, code: 'bearer_refused' });
  });

  test('a bearer token where the application takes none', async () => {
    const { device } = await signedIn();
    expect(await device.accessToken(SITE, undefined, 'Bearer')).toMatchObject({ kind: 'refused', code: 'bearer_refused' });
    await acme.changeApplication(site.id, { allowBearer: true });
    const token = await tokenFor(device, SITE, 'Bearer');
    await acme.changeApplication(site.id, { allowBearer: false });
    server.wait(2000);
    expect(await subrequest({ authorization: `Bearer ${token}` })).toMatchObject({ status: 401, code: 'bearer_refused' });
  });

  test('a bearer token with a proof, as if it were bound', async () => {
    await acme.changeApplication(site.id, { allowBearer: true });
    const { device } = await signedIn();
    const token = await tokenFor(device, SITE, 'Bearer');
    const dpop = device.proofOf(token, { url: PAGE, nonce: 'none' });
    expect(await subrequest({ authorization: `DPoP ${token}`, dpop })).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  test('a token that was changed, or is signed with nothing', async () => {
    const { token, device, nonce } = await ready();
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const none = encode({ typ: 'at+jwt', alg: 'none' });
    for (const forged of [
      `${head}.${encode({ ...claims, sub: 'usr_other' })}.${signature}`,
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${head}.${body}.${'A'.repeat(86)}`,
      `${head}.${body}`,
    ]) {
      const dpop = device.proofOf(forged, { url: PAGE, nonce });
      const answer = await subrequest({ authorization: `DPoP ${forged}`, dpop });
      expect(answer.status).toBe(401);
      expect(answer.code).toMatch(/^(token_invalid|sign_in_needed)$/);
    }
  });

  test("another of our JWTs as an access token: a device's proof", async () => {
    const { device, nonce } = await ready();
    const proof = device.proofOf('x', { url: PAGE, nonce });
    expect(await subrequest({ authorization: `DPoP ${proof}`, dpop: proof })).toMatchObject({
      status: 401,
      code: 'token_invalid',
    });
  });

  test('an expired token', async () => {
    const { token, device, credentials } = await ready();
    expect((await subrequest(credentials())).status).toBe(200);
    server.wait(300_000);
    const dpop = device.proofOf(token, { url: PAGE, nonce: 'none' });
    expect(await subrequest({ authorization: `DPoP ${token}`, dpop })).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  test('another organization that registers the same identifier lets its users in nowhere', async () => {
    const evil = await server.createOrganization(`evil${count}.example`);
    await evil.registerApplication({ kind: 'gateway', identifier: SITE });
    const { device } = await signedIn('mallory', evil);
    const token = await tokenFor(device);
    const dpop = device.proofOf(token, { url: PAGE, nonce: 'none' });
    const headers = { authorization: `DPoP ${token}`, dpop };
    expect(await subrequest(headers)).toMatchObject({ status: 401, code: 'token_invalid' });
    // Its own gateway has verified it: that must be of no use here.
    await subrequest(headers, { query: `application=${SITE}&organization=${evil.id}` });
    expect(await subrequest(headers)).toMatchObject({ status: 401, code: 'token_invalid' });
  });

  test('a Host header of another site', async () => {
    const { credentials } = await ready();
    const headers = { ...credentials({ url: 'https://evil.example/page' }), 'x-original-url': 'https://evil.example/page' };
    expect(await subrequest(headers)).toMatchObject({ status: 403, code: 'proxy_misconfigured' });
  });

  test.each(['authorization', 'dpop', 'x-original-url', 'x-original-method'])('the header %s twice', async (name) => {
    const { credentials } = await ready();
    const headers: Headers = { 'x-original-url': PAGE, 'x-original-method': 'GET', ...credentials() };
    const answer = await subrequest({ ...headers, [name]: [String(headers[name]), String(headers[name])] });
    expect([401, 403]).toContain(answer.status);
  });

  test('verify when the storage cannot be reached: 503, never a yes', async () => {
    const broken = await createTestServer({ trustedProxies: [PROXY] });
    const outside = server;
    server = broken;
    try {
      acme = await server.createOrganization('broken.example');
      site = await acme.registerApplication({ kind: 'gateway', identifier: SITE });
      const { credentials } = await ready();
      const headers = credentials();
      expect((await subrequest(credentials())).status).toBe(200);
      server.wait(2000);
      await server.storage.close();
      expect(await subrequest(headers)).toMatchObject({ status: 503, code: 'unavailable' });
    } finally {
      server = outside;
      await broken.close();
    }
  });
});
