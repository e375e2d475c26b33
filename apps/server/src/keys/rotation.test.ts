import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBrowser, joinAsAdministrator } from '../../../../test/kit/console.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

type Ada = Awaited<ReturnType<typeof joinAsAdministrator>>;
type Purpose = 'idp-ec' | 'idp-rsa' | 'sp-ec' | 'token';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let ada: Ada;
let base: string;

beforeEach(async () => {
  server = await createTestServer({ trustedProxies: ['127.0.0.1'] });
  acme = await server.createOrganization('acme.com');
  await acme.activateDeviceIdp();
  ada = await joinAsAdministrator(server, { organizationId: acme.id, roleId: 'full', userName: 'ada@acme.com' });
  base = `/organizations/${acme.id}/signing-keys`;
});
afterEach(() => server.close());

const list = async (purpose: Purpose): Promise<{ id: string; state: string; certificate: string; kid: string }[]> =>
  (await ada.get(base)).body.items.filter((key: { purpose: string }) => key.purpose === purpose);
const publish = async (purpose: Purpose): Promise<string> => (await ada.post(base, { purpose })).body.id;
const activate = (id: string) => ada.post(`${base}/${id}/activate`);
const remove = (id: string) => ada.request('DELETE', `${base}/${id}`);
const bodyOf = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '');
const metadata = async (side: 'idp' | 'sp/device'): Promise<string> =>
  (await server.app.inject(`/saml/${acme.id}/${side}/metadata`)).body;
const enrolled = async () => {
  const device = server.createDevice();
  await device.enroll((await acme.createToken()).text, 'jane@acme.com');
  return device;
};

test('every key is listed with its certificate and where it is published; the private part is nowhere', async () => {
  const { body } = await ada.get(base);
  expect(body.items.map(({ purpose, state, algorithm }: Record<string, string>) => [purpose, state, algorithm]).sort()).toEqual([
    ['idp-ec', 'active', 'ecdsa-sha256'],
    ['idp-rsa', 'active', 'rsa-sha256'],
    ['sp-ec', 'active', 'ecdsa-sha256'],
    ['token', 'active', 'ES256'],
  ]);
  expect(body).toMatchObject({
    idpMetadataUrl: `https://id.acme.com/saml/${acme.id}/idp/metadata`,
    spMetadataUrl: `https://id.acme.com/saml/${acme.id}/sp/device/metadata`,
    keySetUrl: `https://id.acme.com/oidc/${acme.id}/jwks`,
  });
  for (const key of body.items) {
    expect(key.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(Date.parse(key.validUntil)).toBeGreaterThan(server.now());
    expect(key).not.toHaveProperty('privateKey');
  }
});

test('a rotation: published first, then active, then the old one removed; devices sign in at every step', async () => {
  const device = await enrolled();
  const signIn = async () => (await device.signIn()).kind;
  const [old] = await list('idp-ec');
  const next = await publish('idp-ec');
  const published = (await list('idp-ec')).find(({ id }) => id === next);
  expect(published).toMatchObject({ state: 'next' });
  expect(await metadata('idp')).toContain(bodyOf(published?.certificate ?? '-'));
  expect(await signIn()).toBe('signed_in');

  const kept = await device.keepalive();
  expect(kept.kind === 'answered' && kept.idp.certificates).toContain(bodyOf(published?.certificate ?? '-'));

  expect((await activate(next)).body).toMatchObject({ id: next, state: 'active' });
  expect(await list('idp-ec')).toMatchObject([{ state: 'retiring' }, { state: 'active' }]);
  expect(await signIn()).toBe('signed_in');

  expect((await remove(old?.id ?? '')).status).toBe(204);
  expect(await metadata('idp')).not.toContain(bodyOf(old?.certificate ?? '-'));
  expect(await signIn()).toBe('signed_in');
  expect((await acme.audit()).map(({ action }) => action)).toEqual(
    expect.arrayContaining(['signing_key.published', 'signing_key.activated', 'signing_key.removed']),
  );
});

test('an activation is taken back as long as the key before is published', async () => {
  const [old] = await list('sp-ec');
  const next = await publish('sp-ec');
  await activate(next);
  await activate(old?.id ?? '');
  expect(await list('sp-ec')).toMatchObject([
    { id: old?.id, state: 'active' },
    { id: next, state: 'next' },
  ]);
});

test('an access token is good until the key that signed it is removed, even one that was just used', async () => {
  const device = await enrolled();
  const site = await acme.registerApplication({ kind: 'gateway', identifier: 'https://wiki.acme.com', allowBearer: true });
  await device.signIn();
  const issued = await device.accessToken(site.identifier, undefined, 'Bearer');
  const token = issued.kind === 'answered' ? issued.access_token : '';
  const verify = async () =>
    (
      await server.app.inject({
        url: `/gateway/v1/verify?application=${site.id}`,
        headers: { authorization: `Bearer ${token}`, 'x-original-url': `${site.identifier}/`, 'x-original-method': 'GET' },
      })
    ).statusCode;
  const [old] = await list('token');
  const before = await verify();
  expect([before, (await activate(await publish('token'))).status, await verify()]).toEqual([200, 200, 200]);
  const { keys } = (await server.app.inject(`/oidc/${acme.id}/jwks`)).json();
  expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual((await list('token')).map(({ kid }) => kid).reverse());
  await remove(old?.id ?? '');
  expect(await verify()).toBe(401);
});

test('a step that would leave nothing to sign with, or two of a kind, is refused', async () => {
  const [old] = await list('token');
  expect((await remove(old?.id ?? '')).body.code).toBe('signing_key_active');
  const next = await publish('token');
  expect((await ada.post(base, { purpose: 'token' })).body.code).toBe('next_key_exists');
  await activate(next);
  const third = await publish('token');
  expect((await activate(third)).body.code).toBe('retiring_key_exists');
  expect((await activate(old?.id ?? '')).body.code).toBe('next_key_exists');
  expect((await activate(next)).body.state).toBe('active');
  expect((await remove('key_none')).body.code).toBe('signing_key_unknown');
});

test('it asks for both factors once more', async () => {
  const bob = createBrowser(server);
  bob.setCookie(ada.cookie());
  server.wait(11 * 60_000);
  expect((await bob.post(base, { purpose: 'token' })).body.code).toBe('reauthentication_needed');
});
