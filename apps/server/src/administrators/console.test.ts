import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Browser, createBrowser, PASSWORD, totpCode } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

const minute = 60_000;
let server: TestServer;
let browser: Browser;

beforeEach(async () => {
  server = await createTestServer();
  browser = createBrowser(server);
});
afterEach(() => server.close());

const person = { userName: 'Ada@acme.com', displayName: 'Ada', password: PASSWORD };
const setUp = async () => browser.post('/console/set-up', { code: await server.setupCode(), ...person });
const signIn = (password = PASSWORD, userName = 'ada@ACME.com') => browser.post('/console/sign-in', { userName, password });
/** Sets an authenticator app up; its secret and the recovery codes. */
const addTotp = async (): Promise<{ secret: string; recoveryCodes: string[] }> => {
  const { body } = await browser.post('/console/totp');
  const confirmed = await browser.post('/console/totp/confirm', { code: totpCode(body.secret, server.now()) });
  expect(confirmed.status).toBe(200);
  return { secret: body.secret, recoveryCodes: confirmed.body.recoveryCodes };
};

describe('the first operator', () => {
  test('is made with the setup code, and is signed in', async () => {
    expect((await browser.get('/console/session')).body).toMatchObject({ state: 'setup_needed' });
    const { status, body, headers } = await setUp();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'signed_in',
      organization: null,
      administrator: { userName: 'Ada@acme.com', displayName: 'Ada', organizationId: null, hasTotp: false, recoveryCodesLeft: 0 },
      permissions: { operator: 'full', organization: 'full', devices: 'none' },
    });
    expect(headers['set-cookie']).toMatch(/^__Host-latchkey=\w{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    expect((await browser.get('/organizations')).status).toBe(200);
    expect((await browser.get('/console/session')).body.state).toBe('signed_in');
  });

  test('needs a code that is right, and unspent', async () => {
    const code = await server.setupCode();
    expect((await browser.post('/console/set-up', { code: 'lks_wrong', ...person })).body.code).toBe('setup_code_wrong');
    expect((await browser.post('/console/set-up', { code, ...person })).status).toBe(201);
    expect((await createBrowser(server).post('/console/set-up', { code, ...person })).body.code).toBe('setup_code_wrong');
  });

  test('has a successor by a reset code, who is another operator (all others lost)', async () => {
    await setUp();
    server.wait(minute);
    const successor = createBrowser(server);
    const code = server.resetCode();
    const again = { ...person, code };
    expect((await successor.post('/console/set-up', again)).body.code).toBe('user_name_taken');
    expect((await successor.post('/console/set-up', { ...again, userName: 'bob@acme.com' })).status).toBe(201);
    expect((await successor.post('/console/set-up', { ...again, userName: 'eve@acme.com' })).body.code).toBe('setup_code_wrong');
    expect((await successor.get('/operator/administrators')).body.items).toHaveLength(2);
  });

  test('may be made after the command line has spent the code for an API key', async () => {
    const spent = await browser.post('/setup', { code: await server.setupCode() });
    expect(spent.status).toBe(201);
    expect((await browser.get('/console/session')).body.state).toBe('setup_needed');
    expect((await browser.post('/console/set-up', { ...person, code: server.resetCode() })).status).toBe(201);
  });

  test.each([
    ['short', 'at least 12'],
    ['Password1234!', 'most common'],
    ['P@ssw0rd2026', 'most common'],
    ['123456789012345', 'most common'],
    ['abababababababab', 'most common'],
    ['ada@acme.com', 'user name'],
    ['x'.repeat(257), 'at most 256'],
  ])('may not take the password %j (NIST SP 800-63B §3.1.1.2)', async (password, why) => {
    const { body } = await browser.post('/console/set-up', { code: await server.setupCode(), ...person, password });
    expect(body).toMatchObject({ status: 400, code: 'password_unusable', detail: expect.stringContaining(why) });
  });

  test.each(['elf baum seele licht', '739105826640173952', '¿dónde está la biblioteca?'])(
    'may take the password %j: no rule says which characters',
    async (password) => {
      const { status } = await browser.post('/console/set-up', { code: await server.setupCode(), ...person, password });
      expect(status).toBe(201);
    },
  );
});

describe('signing in', () => {
  beforeEach(async () => {
    await setUp();
    await browser.post('/console/sign-out');
  });

  test('the first time sets up a second factor, and only that', async () => {
    expect((await signIn()).body).toMatchObject({
      state: 'second_factor_enrolment',
      administrator: { userName: 'Ada@acme.com' },
    });
    expect((await browser.get('/organizations')).body.code).toBe('signed_out');
    const { recoveryCodes } = await addTotp();
    expect(recoveryCodes).toHaveLength(10);
    expect((await browser.get('/console/session')).body).toMatchObject({
      state: 'signed_in',
      administrator: { hasTotp: true, recoveryCodesLeft: 10 },
    });
    expect((await browser.get('/organizations')).status).toBe(200);
  });

  test('goes on with a code of the app; each works once (RFC 6238 §5.2)', async () => {
    await signIn();
    const { secret } = await addTotp();
    server.wait(minute);
    expect((await signIn()).body).toEqual({
      state: 'second_factor',
      version: expect.any(String),
      secondFactors: ['totp', 'recovery_code'],
    });
    expect((await browser.get('/organizations')).body.code).toBe('signed_out');
    expect((await browser.post('/console/sign-in/totp', { code: '000000' })).body.code).toBe('second_factor_wrong');
    const code = totpCode(secret, server.now());
    expect((await browser.post('/console/sign-in/totp', { code })).body.state).toBe('signed_in');
    await signIn();
    expect((await browser.post('/console/sign-in/totp', { code })).body.code).toBe('second_factor_wrong');
  });

  test('goes on with a recovery code, which is spent', async () => {
    await signIn();
    const { recoveryCodes } = await addTotp();
    await signIn();
    const [code = ''] = recoveryCodes;
    const { body } = await browser.post('/console/sign-in/recovery-code', { code: code.toUpperCase().replaceAll('-', ' ') });
    expect(body).toMatchObject({ state: 'signed_in', administrator: { recoveryCodesLeft: 9 } });
    await signIn();
    expect((await browser.post('/console/sign-in/recovery-code', { code })).body.code).toBe('second_factor_wrong');
  });

  test('a wrong password and an unknown name look alike', async () => {
    const wrong = await signIn('wrong horse battery staple');
    const unknown = await signIn(PASSWORD, 'nobody@acme.com');
    const without = await signIn(PASSWORD, 'no name at all');
    expect(wrong.status).toBe(401);
    for (const answer of [unknown, without]) {
      expect({ ...answer.body, correlationId: '' }).toEqual({ ...wrong.body, correlationId: '' });
    }
  });

  test('a session ends idle, at its end, and when it is signed out of', async () => {
    await signIn();
    await addTotp();
    server.wait(29 * minute);
    expect((await browser.get('/organizations')).status).toBe(200);
    server.wait(29 * minute);
    expect((await browser.get('/organizations')).status).toBe(200);
    const { body } = await browser.get('/console/session');
    for (let at = 0; at < 12 * 60; at += 20) {
      server.wait(20 * minute);
      await browser.get('/organizations');
    }
    expect(server.now()).toBeGreaterThan(Date.parse(body.expiresAt));
    expect((await browser.get('/organizations')).body.code).toBe('signed_out');
    expect((await browser.get('/console/session')).body).toEqual({ state: 'signed_out', version: expect.any(String) });
  });
});

describe('the browsers that are signed in as oneself', () => {
  const elsewhere = async (secret: string) => {
    server.wait(minute);
    const other = createBrowser(server, { remoteAddress: '198.51.100.7' });
    await other.post('/console/sign-in', { userName: 'ada@acme.com', password: PASSWORD });
    await other.post('/console/sign-in/totp', { code: totpCode(secret, server.now()) });
    return other;
  };

  test('are listed with address and times, this one marked; each can be signed out', async () => {
    await setUp();
    const { secret } = await addTotp();
    const other = await elsewhere(secret);
    const { items } = (await browser.get('/console/sessions')).body;
    expect(items).toMatchObject([
      { current: false, remoteAddress: '198.51.100.7', createdAt: new Date(server.now()).toISOString() },
      { current: true, remoteAddress: '127.0.0.1' },
    ]);
    expect((await browser.request('DELETE', `/console/sessions/${items[1].id}`)).body.code).toBe('session_unknown');
    expect((await browser.request('DELETE', `/console/sessions/${items[0].id}`)).status).toBe(204);
    expect((await other.get('/console/session')).body.state).toBe('signed_out');
    expect((await browser.get('/console/sessions')).body.items).toMatchObject([{ current: true }]);
  });

  test('are all signed out at once but this one; nobody reaches those of others', async () => {
    await setUp();
    const { secret } = await addTotp();
    const others = [await elsewhere(secret), await elsewhere(secret)];
    server.wait(minute);
    const bob = createBrowser(server);
    await bob.post('/console/set-up', { ...person, userName: 'bob@acme.com', code: server.resetCode() });
    const [{ id }] = (await bob.get('/console/sessions')).body.items;
    expect((await browser.request('DELETE', `/console/sessions/${id}`)).body.code).toBe('session_unknown');
    expect((await browser.request('DELETE', '/console/sessions')).status).toBe(204);
    for (const other of others) expect((await other.get('/console/session')).body.state).toBe('signed_out');
    for (const each of [browser, bob]) expect((await each.get('/console/session')).body.state).toBe('signed_in');
  });
});

test('a new password, for which the old one is enough, does not stand for both factors', async () => {
  await setUp();
  await addTotp();
  server.wait(11 * minute);
  const { body } = await browser.post('/console/password', { current: PASSWORD, new: `${PASSWORD}, twice` });
  expect(body).toMatchObject({ state: 'signed_in', reauthenticatedUntil: null });
  expect((await browser.post('/console/recovery-codes')).body.code).toBe('reauthentication_needed');
});
