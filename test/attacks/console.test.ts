import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../kit/authenticator.ts';
import { createBrowser, joinAsAdministrator, PASSWORD, totpCode } from '../kit/console.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

const minute = 60_000;
let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let ada: Awaited<ReturnType<typeof joinAsAdministrator>>;

beforeEach(async () => {
  server = await createTestServer();
  acme = await server.createOrganization('acme.com');
  ada = await joinAsAdministrator(server, { organizationId: acme.id, roleId: 'full', userName: 'ada@acme.com' });
});
afterEach(() => server.close());

const attackerAt = (remoteAddress = '198.51.100.7') => createBrowser(server, { remoteAddress });
type Attacker = ReturnType<typeof attackerAt>;
const guess = (attacker: Attacker, userName = ada.userName, password = 'guessed password') =>
  attacker.post('/console/sign-in', { userName, password });

describe('session fixation', () => {
  test('a cookie that was planted is never the one that is signed in', async () => {
    const planted = `__Host-latchkey=${'A'.repeat(43)}`;
    const victim = createBrowser(server);
    victim.setCookie(planted);
    await guess(victim, ada.userName, PASSWORD);
    expect(victim.cookie()).not.toBe(planted);
    const attacker = attackerAt();
    attacker.setCookie(planted);
    expect((await attacker.get('/console/session')).body.state).toBe('signed_out');
  });

  test('each step up has a new cookie, and the one before is worth nothing', async () => {
    const victim = createBrowser(server);
    const cookies: (string | undefined)[] = [];
    const step = async (path: string, body: object) => {
      expect((await victim.post(path, body)).status).toBe(200);
      cookies.push(victim.cookie());
    };
    server.wait(minute);
    await step('/console/sign-in', { userName: ada.userName, password: PASSWORD });
    await step('/console/sign-in/totp', { code: totpCode(ada.secret, server.now()) });
    server.wait(minute);
    await step('/console/re-authenticate', { password: PASSWORD, totp: totpCode(ada.secret, server.now()) });
    await step('/console/password', { current: PASSWORD, new: 'elf baum seele licht' });
    expect(new Set(cookies).size).toBe(4);
    const attacker = attackerAt();
    for (const cookie of cookies.slice(0, -1)) {
      attacker.setCookie(cookie);
      expect((await attacker.get(`/organizations/${acme.id}/users`)).body.code).toBe('signed_out');
    }
  });

  test('a cookie stolen before signing out is worth nothing afterwards', async () => {
    const attacker = attackerAt();
    attacker.setCookie(ada.cookie());
    await ada.post('/console/sign-out');
    expect((await attacker.get(`/organizations/${acme.id}/users`)).body.code).toBe('signed_out');
  });
});

describe('cross-site request forgery', () => {
  const evil = 'https://evil.example';
  const forged: readonly (readonly [string, Record<string, string | undefined>])[] = [
    ['a form of another site', { origin: evil, 'latchkey-console': undefined, 'sec-fetch-site': 'cross-site' }],
    ['a script of another site', { origin: evil }],
    ['a page in a sandbox', { origin: 'null' }],
    ['a page at another port of this host', { origin: 'https://id.acme.com:8443' }],
    ['a page of a sibling host', { origin: 'https://www.acme.com', 'sec-fetch-site': 'same-site' }],
    ['a sibling that hides its origin', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    ['a client that says nothing of where it is', { origin: undefined }],
    ['our own origin without the header', { 'latchkey-console': undefined }],
  ];

  test.each(forged)('%s changes nothing with the cookie of an administrator', async (_, headers) => {
    const users = `/organizations/${acme.id}/users`;
    expect((await ada.post(users, { userName: 'x@acme.com' }, headers)).body.code).toBe('cross_site');
    expect((await ada.request('DELETE', `/organizations/${acme.id}/administrators/${ada.id}`, undefined, headers)).status).toBe(
      403,
    );
    expect((await ada.get(users)).body.items).toEqual([]);
  });

  test.each(forged)('%s signs nobody in or out (login CSRF)', async (_, headers) => {
    const victim = createBrowser(server);
    const answer = await victim.post('/console/sign-in', { userName: ada.userName, password: PASSWORD }, headers);
    expect(answer.body.code).toBe('cross_site');
    expect(victim.cookie()).toBeUndefined();
    expect((await ada.post('/console/sign-out', {}, headers)).body.code).toBe('cross_site');
    expect((await ada.get('/console/session')).body.state).toBe('signed_in');
  });

  test('another site may not read what it asks for: there is no CORS', async () => {
    const answer = await ada.get(`/organizations/${acme.id}/users`, { origin: evil });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const preflight = await server.app.inject({
      method: 'OPTIONS',
      url: `/api/v1/organizations/${acme.id}/users`,
      headers: { origin: evil, 'access-control-request-method': 'POST', 'access-control-request-headers': 'latchkey-console' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    expect(preflight.headers['access-control-allow-headers']).toBeUndefined();
  });

  test('an API key needs none of it, and is not helped by a cookie', async () => {
    const key = await acme.createApiKey();
    const headers = { authorization: `Bearer ${key}`, origin: evil, 'latchkey-console': undefined };
    const answer = await ada.post(`/organizations/${acme.id}/users`, { userName: 'x@acme.com' }, headers);
    expect(answer.status).toBe(201);
    const wrong = await ada.post(`/organizations/${acme.id}/users`, {}, { ...headers, authorization: 'Bearer lka_wrong' });
    expect(wrong.status).toBe(401);
  });
});

test('clickjacking: no answer may stand in a frame', async () => {
  for (const url of ['/api/v1/console/session', '/api/v1/nothing', '/api/docs', '/healthz', `/saml/${acme.id}/idp/sso`]) {
    const { headers } = await server.app.inject({ url });
    expect([url, headers['x-frame-options']]).toEqual([url, 'DENY']);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  }
});

describe('brute force', () => {
  test('an account waits longer after each failed password, from wherever it is tried', async () => {
    const waits: number[] = [];
    for (let at = 0; at < 12; at += 1) {
      const answer = await guess(attackerAt(`198.51.100.${at}`));
      if (answer.status === 401) continue;
      expect(answer.body.code).toBe('too_many_attempts');
      waits.push(Number(answer.headers['retry-after']));
      server.wait(Number(answer.headers['retry-after']) * 1000);
    }
    expect(waits).toEqual([30, 60, 120, 240]);
    for (let at = 0; at < 10; at += 1) {
      const { headers } = await guess(attackerAt(`198.51.101.${at}`));
      server.wait(Number(headers['retry-after'] ?? 0) * 1000);
    }
    // It ends: nobody can lock an administrator out for good.
    await guess(attackerAt('198.51.102.1'));
    expect(Number((await guess(attackerAt('198.51.102.1'))).headers['retry-after'])).toBe(900);
    server.wait(900_000);
    expect((await guess(attackerAt(), ada.userName, PASSWORD)).body.state).toBe('second_factor');
  });

  test('the right password does not come through while the account waits', async () => {
    for (let at = 0; at < 5; at += 1) await guess(attackerAt());
    expect((await guess(attackerAt(), ada.userName, PASSWORD)).body.code).toBe('too_many_attempts');
  });

  test('a name without an account waits alike, so waiting tells nothing', async () => {
    const answers = async (userName: string): Promise<unknown[]> => {
      const seen = [];
      for (let at = 0; at < 8; at += 1) {
        const { body, headers } = await guess(attackerAt(`203.0.113.${at}`), userName);
        seen.push([{ ...body, correlationId: '' }, headers['retry-after']]);
      }
      return seen;
    };
    expect(await answers('nobody@acme.com')).toEqual(await answers(ada.userName));
  });

  test('many passwords at the same moment are no way around it', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, at) => guess(attackerAt(`198.51.100.${at}`))));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  test('one password for many accounts is stopped by the address (spraying)', async () => {
    const attacker = attackerAt();
    const codes: string[] = [];
    for (let at = 0; at < 30; at += 1) codes.push((await guess(attacker, `user${at}@acme.com`)).body.code);
    expect(codes.indexOf('too_many_attempts')).toBe(25);
    expect((await guess(attackerAt('203.0.113.1'), ada.userName, PASSWORD)).body.state).toBe('second_factor');
  });

  test('whoever has the password cannot try the codes out, and signing in with it anew does not help', async () => {
    const attacker = attackerAt();
    const codes: string[] = [];
    for (let at = 0; at < 8; at += 1) {
      const first = await guess(attacker, ada.userName, PASSWORD);
      codes.push(first.body.code ?? (await attacker.post('/console/sign-in/totp', { code: '000000' })).body.code);
    }
    expect(codes).toEqual([
      ...Array.from({ length: 5 }, () => 'second_factor_wrong'),
      ...Array.from({ length: 3 }, () => 'too_many_attempts'),
    ]);
  });

  test('recovery codes cannot be tried out', async () => {
    const attacker = attackerAt();
    await guess(attacker, ada.userName, PASSWORD);
    const codes = await Promise.all(
      Array.from({ length: 9 }, () => attacker.post('/console/sign-in/recovery-code', { code: 'aaaa-bbbb-cccc' })),
    );
    expect(codes.filter(({ body }) => body.code === 'second_factor_wrong')).toHaveLength(5);
  });

  test('a stolen session cannot try the password out by re-authenticating', async () => {
    server.wait(11 * minute);
    const codes: string[] = [];
    for (let at = 0; at < 7; at += 1) {
      codes.push((await ada.post('/console/re-authenticate', { password: 'guessed password', totp: '000000' })).body.code);
    }
    expect(codes.filter((code) => code === 'password_wrong')).toHaveLength(5);
  });

  test('setup codes and invitations cannot be tried out', async () => {
    const attacker = attackerAt();
    const person = { userName: 'eve@acme.com', displayName: 'Eve', password: PASSWORD };
    const codes: string[] = [];
    for (let at = 0; at < 27; at += 1) {
      const answer =
        at % 2 === 0
          ? await attacker.post('/console/set-up', { code: `lks_${at}`, ...person })
          : await attacker.post('/console/accept-invitation', { token: `lki_${at}`, displayName: '', password: PASSWORD });
      codes.push(answer.body.code);
    }
    expect(codes.indexOf('too_many_attempts')).toBe(25);
  });

  test('after signing in the account starts anew', async () => {
    for (let at = 0; at < 4; at += 1) await guess(attackerAt());
    const home = createBrowser(server);
    server.wait(minute);
    await guess(home, ada.userName, PASSWORD);
    expect((await home.post('/console/sign-in/totp', { code: totpCode(ada.secret, server.now()) })).body.state).toBe('signed_in');
    for (let at = 0; at < 5; at += 1) expect((await guess(attackerAt())).status).toBe(401);
  });
});

test('a session with the password alone, begun before the second factor was set up, sets up no other afterwards', async () => {
  const key = { authorization: `Bearer ${await acme.createApiKey()}` };
  const invitation = { userName: 'bob@acme.com', roleId: 'full' };
  const { link } = (await ada.post(`/organizations/${acme.id}/invitations`, invitation, key)).body;
  const bob = createBrowser(server);
  await bob.post('/console/accept-invitation', { token: link.split('#')[1], displayName: '', password: PASSWORD });
  const attacker = attackerAt();
  expect((await guess(attacker, 'bob@acme.com', PASSWORD)).body.state).toBe('second_factor_enrolment');
  const begin = async (browser: Attacker): Promise<object> => ({
    code: totpCode((await browser.post('/console/totp')).body.secret, server.now()),
  });
  const theirs = await begin(attacker);
  expect((await bob.post('/console/totp/confirm', await begin(bob))).status).toBe(200);
  expect((await attacker.post('/console/totp/confirm', theirs)).body.code).toBe('signed_out');
  const options = (await attacker.post('/console/passkeys/options')).body;
  const response = createAuthenticator(server).create(options);
  expect((await attacker.post('/console/passkeys', { response, name: 'mine' })).body.code).toBe('signed_out');
});

describe('what works once', () => {
  test('a code of the app or a recovery code opens one of many sessions at the same moment', async () => {
    server.wait(minute);
    const browsers = [createBrowser(server), createBrowser(server), createBrowser(server)];
    for (const [path, code] of [
      ['totp', totpCode(ada.secret, server.now())],
      ['recovery-code', ada.recoveryCodes[3]],
    ] as const) {
      for (const browser of browsers) await guess(browser, ada.userName, PASSWORD);
      const answers = await Promise.all(browsers.map((browser) => browser.post(`/console/sign-in/${path}`, { code })));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    }
  });
});
