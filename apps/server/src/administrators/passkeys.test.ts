import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../../test/kit/authenticator.ts';
import { type Browser, createBrowser, PASSWORD, totpCode } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let browser: Browser;
let authenticator: ReturnType<typeof createAuthenticator>;

const person = { userName: 'ada@acme.com', displayName: 'Ada', password: PASSWORD };
const signIn = () => browser.post('/console/sign-in', { userName: person.userName, password: PASSWORD });
const options = async (path: string) => (await browser.post(`/console/${path}/options`)).body;
const add = async (change: Parameters<typeof authenticator.create>[1] = {}) =>
  browser.post('/console/passkeys', { response: authenticator.create(await options('passkeys'), change), name: 'Laptop' });

beforeEach(async () => {
  server = await createTestServer();
  browser = createBrowser(server);
  authenticator = createAuthenticator(server);
  await browser.post('/console/set-up', { code: await server.setupCode(), ...person });
});
afterEach(() => server.close());

describe('a passkey', () => {
  test('is a second factor, and comes with recovery codes if there are none', async () => {
    const { status, body } = await add();
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Laptop', lastUsedAt: null, recoveryCodes: expect.arrayContaining([expect.any(String)]) });
    expect((await browser.get('/console/session')).body.administrator).toMatchObject({ hasPasskey: true, recoveryCodesLeft: 10 });

    expect((await signIn()).body).toMatchObject({ state: 'second_factor', secondFactors: ['passkey', 'recovery_code'] });
    const asked = await options('sign-in/passkey');
    expect(asked).toMatchObject({ rpId: 'id.acme.com', allowCredentials: [{ type: 'public-key' }] });
    const answer = await browser.post('/console/sign-in/passkey', { response: authenticator.get(asked) });
    expect(answer.body.state).toBe('signed_in');
    expect((await browser.get('/console/passkeys')).body.items).toMatchObject([
      { name: 'Laptop', lastUsedAt: expect.any(String) },
    ]);
  });

  test('set up at the first sign-in completes it', async () => {
    await browser.post('/console/sign-out');
    expect((await signIn()).body.state).toBe('second_factor_enrolment');
    expect((await add()).status).toBe(201);
    expect((await browser.get('/console/session')).body.state).toBe('signed_in');
  });

  test('shows once more who one is', async () => {
    await add();
    server.wait(11 * 60_000);
    expect((await options('passkeys')).code).toBe('reauthentication_needed');
    expect((await browser.get('/console/session')).body.reauthenticatedUntil).toBeNull();
    const without = await browser.post('/console/re-authenticate', { password: PASSWORD });
    expect(without.body.code).toBe('second_factor_needed');
    const passkey = authenticator.get(await options('re-authenticate/passkey'));
    const { body } = await browser.post('/console/re-authenticate', { password: PASSWORD, passkey });
    expect(Date.parse(body.reauthenticatedUntil)).toBe(server.now() + 600_000);
    expect((await options('passkeys')).excludeCredentials).toHaveLength(1);
  });

  test('can be removed while another second factor is left', async () => {
    const { id } = (await add()).body;
    expect((await browser.request('DELETE', `/console/passkeys/${id}`)).body.code).toBe('last_second_factor');
    const { secret } = (await browser.post('/console/totp')).body;
    await browser.post('/console/totp/confirm', { code: totpCode(secret, server.now()) });
    expect((await browser.request('DELETE', `/console/passkeys/${id}`)).status).toBe(204);
    expect((await browser.get('/console/session')).body.administrator).toMatchObject({ hasPasskey: false, hasTotp: true });
    expect((await browser.request('DELETE', '/console/totp')).body.code).toBe('last_second_factor');
    expect((await browser.request('DELETE', `/console/passkeys/${id}`)).body.code).toBe('passkey_unknown');
  });
});

describe('a passkey is refused', () => {
  const prove = async (change: Parameters<typeof authenticator.get>[1] = {}) =>
    browser.post('/console/sign-in/passkey', { response: authenticator.get(await options('sign-in/passkey'), change) });

  test('made for another site (phishing)', async () => {
    expect((await add({ origin: 'https://id.acme.com.evil.example' })).body.code).toBe('passkey_refused');
  });

  test('with an attestation that makes the server fetch something', async () => {
    const x5c = new Map([['x5c', Buffer.from('certificate')]]);
    expect((await add({ format: 'packed', attestation: x5c })).body.code).toBe('passkey_refused');
    expect((await add({ format: 'tpm' })).body.code).toBe('passkey_refused');
  });

  test('whose challenge was used, is another one, or is old', async () => {
    const asked = await options('passkeys');
    const response = authenticator.create(asked);
    expect((await browser.post('/console/passkeys', { response, name: 'a' })).status).toBe(201);
    expect((await browser.post('/console/passkeys', { response, name: 'b' })).body.code).toBe('passkey_not_begun');
    await options('passkeys');
    expect((await browser.post('/console/passkeys', { response, name: 'b' })).body.code).toBe('passkey_refused');
    const late = createAuthenticator(server).create(await options('passkeys'));
    server.wait(5 * 60_000);
    expect((await browser.post('/console/passkeys', { response: late, name: 'b' })).body.code).toBe('passkey_not_begun');
  });

  test('that is registered, at another account as well', async () => {
    await add();
    const asked = await options('passkeys');
    expect((await browser.post('/console/passkeys', { response: authenticator.create(asked), name: 'again' })).body.code).toBe(
      'passkey_refused',
    );
  });

  test('used at another site, by somebody else, or as a copy that lags behind', async () => {
    await add();
    await signIn();
    expect((await prove({ origin: 'https://evil.example' })).body.code).toBe('second_factor_wrong');
    const stranger = createAuthenticator(server).get(await options('sign-in/passkey'));
    expect((await browser.post('/console/sign-in/passkey', { response: stranger })).body.code).toBe('second_factor_wrong');
    authenticator.setCounter(0);
    expect((await prove()).body.code).toBe('second_factor_wrong');
    authenticator.setCounter(10);
    expect((await prove()).body.state).toBe('signed_in');
  });

  test.each([
    { id: 'x', response: {} },
    { id: 'x', response: { attestationObject: '!!', clientDataJSON: '' } },
  ])('that is no answer of a browser: %j', async (response) => {
    await options('passkeys');
    expect((await browser.post('/console/passkeys', { response, name: 'a' })).body.code).toBe('passkey_refused');
  });
});
