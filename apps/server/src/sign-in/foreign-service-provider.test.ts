import { deflateRawSync } from 'node:zlib';
import {
  type AuthnRequest,
  bindings,
  checkResponse,
  nameIDFormats,
  parsePaosResponse,
  readXml,
  writeAuthnRequest,
  writeEntityDescriptor,
  writePaosRequest,
  writeRedirect,
} from '@latchkey/saml';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Begun } from '../../../../test/kit/device.ts';
import { nodeDigest, rsaKey, type SamlKeyPair } from '../../../../test/kit/saml-keys.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { readServiceProvider } from '../applications/find-service-provider.ts';
import { verificationKeyFromCertificate } from '../keys/node-crypto.ts';

const SP = 'https://wiki.example/saml/metadata';
const ACS = 'https://wiki.example/saml/paos';
const BROWSER_ACS = 'https://wiki.example/saml/post';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let keys: SamlKeyPair;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
  keys = await rsaKey();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`foreign${count}.example`);
});

const signingKey = () => keys.signingKey('rsa-sha256');
const metadata = (): string =>
  writeEntityDescriptor({
    entityID: SP,
    sp: {
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      keys: [{ use: 'signing', certificate: signingKey().certificate }],
      nameIDFormats: [],
      assertionConsumerServices: [
        { binding: bindings.paos, location: ACS, index: 0, isDefault: true },
        { binding: bindings.httpPost, location: BROWSER_ACS, index: 1 },
      ],
      singleLogoutServices: [],
    },
  });
const register = (change: { enabled?: boolean; minEvidence?: 'E3' } = {}) =>
  acme.registerApplication({ kind: 'saml', identifier: SP, metadata: metadata(), ...change });
const ssoUrl = () => `${server.origin}/saml/${acme.id}/idp/sso`;

let requests = 0;
const request = (change: Partial<AuthnRequest> = {}): AuthnRequest => {
  requests += 1;
  return {
    id: `_request${requests}`,
    issueInstant: new Date(server.now()),
    issuer: SP,
    assertionConsumerServiceURL: ACS,
    protocolBinding: bindings.paos,
    ...change,
  };
};

const enrolled = async () => {
  const device = server.createDevice();
  await device.enroll((await acme.createToken()).text, `j.doe@${acme.domain}`);
  return device;
};

/** As the agent would have it from that service provider. */
const begunAt = async (
  device: Awaited<ReturnType<typeof enrolled>>,
  asked: AuthnRequest,
  responseConsumerURL = ACS,
): Promise<Begun> => {
  const authnRequest = writeAuthnRequest(asked, { key: signingKey(), digest: nodeDigest });
  const paosRequest = writePaosRequest({ authnRequest, responseConsumerURL, issuer: SP });
  return {
    kind: 'begun',
    paosRequest,
    soapRequest: paosRequest.replace(/<S:Header>.*<\/S:Header>/s, ''),
    responseConsumerURL,
    relayState: undefined,
    nonce: await device.challenge(),
  };
};

const assertionOf = async (device: Awaited<ReturnType<typeof enrolled>>, asked: AuthnRequest) => {
  const proven = await device.prove(await begunAt(device, asked));
  if (proven.kind === 'refused') throw new Error(proven.code);
  const { response } = parsePaosResponse(proven.paosResponse, readXml);
  return checkResponse({
    element: response,
    idp: {
      entityId: device.state.idp.entityId,
      keys: device.state.idp.certificates.map(verificationKeyFromCertificate).filter(({ type }) => type === 'rsa'),
      wantResponseSigned: false,
      wantAssertionSigned: true,
    },
    sp: { entityId: SP, acsUrl: ACS },
    isExpectedRequest: (id) => id === asked.id,
    now: new Date(server.now()),
    skewSeconds: 0,
    digest: nodeDigest,
  }).assertion;
};

describe('other people’s service providers', () => {
  test('get an assertion signed with RSA that names the user, though they know nothing of us', async () => {
    await register();
    const assertion = await assertionOf(await enrolled(), request());
    expect(assertion.subject.value).toBe(`j.doe@${acme.domain}`);
    expect(assertion.conditions.audienceRestrictions).toEqual([[SP]]);
    expect((await acme.audit()).at(-1)).toMatchObject({ action: 'sign_in.asserted', details: { sp: SP } });
  });

  test.each([
    ['emailAddress', nameIDFormats.emailAddress, () => `j.doe@${acme.domain}`],
    ['unspecified', nameIDFormats.unspecified, () => `j.doe@${acme.domain}`],
    ['transient', nameIDFormats.transient, () => expect.not.stringContaining('j.doe')],
  ])('NameIDPolicy %s (saml-core §8.3)', async (_, format, expected) => {
    await register();
    const { subject } = await assertionOf(await enrolled(), request({ nameIDPolicy: { format } }));
    expect(subject).toMatchObject({ format, value: expected() });
  });

  test('NameIDPolicy persistent: one name at one service provider, for users who have an account', async () => {
    await register();
    const device = await enrolled();
    const persistent = () => request({ nameIDPolicy: { format: nameIDFormats.persistent } });
    expect(await device.prove(await begunAt(device, persistent()))).toMatchObject({ kind: 'refused', status: 403 });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    const first = await assertionOf(device, persistent());
    expect((await assertionOf(device, persistent())).subject).toEqual(first.subject);
    expect(first.subject.value).not.toContain('j.doe');
  });

  test('make no account: that is for our own SP', async () => {
    await register();
    await assertionOf(await enrolled(), request());
    expect((await acme.storage.read.searchUsers({ limit: 10 })).items).toEqual([]);
  });

  test.each([
    ['switched off', { enabled: false }, 403, 'request_refused'],
    ['that ask for better proof', { minEvidence: 'E3' as const }, 200, 'evidence_too_low'],
  ])('%s get none', async (_, change, status, code) => {
    await register(change);
    const device = await enrolled();
    const answer = await device.prove(await begunAt(device, request()));
    expect(answer).toMatchObject({ kind: 'refused', status, code });
    if (status === 200 && answer.kind === 'refused') {
      expect(answer.received.body).toContain('urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext');
    }
  });

  test('a RequestedAuthnContext above the device’s evidence: NoAuthnContext', async () => {
    await register();
    const device = await enrolled();
    const asked = request({ requestedAuthnContext: { comparison: 'minimum', classRefs: ['urn:latchkey:ac:classes:E2'] } });
    expect(await device.prove(await begunAt(device, asked))).toMatchObject({ kind: 'refused', code: 'evidence_too_low' });
  });

  test('that nobody registered get none, and neither do those of another organization', async () => {
    const other = await server.createOrganization(`elsewhere${count}.example`);
    await other.registerApplication({ kind: 'saml', identifier: SP, metadata: metadata() });
    const device = await enrolled();
    expect(await device.prove(await begunAt(device, request()))).toMatchObject({ status: 403, code: 'request_refused' });
  });

  test.each([
    ['an ACS that is not registered (ACS spoofing)', { assertionConsumerServiceURL: 'https://evil.example/acs' }],
    ['a prefix of a registered ACS', { assertionConsumerServiceURL: `${ACS}/../evil` }],
    ['the ACS of another binding', { assertionConsumerServiceURL: BROWSER_ACS }],
    ['a Destination that is another IdP’s', { destination: 'https://evil.example/sso' }],
    ['an old IssueInstant', { issueInstant: new Date(Date.UTC(2026, 10, 22, 9)) }],
    ['an index nobody registered', { index: 7 }],
  ])('%s is refused, and nothing goes anywhere', async (_, change) => {
    await register();
    const device = await enrolled();
    const { index, ...rest } = { index: undefined, ...change };
    const asked = request(rest);
    const { assertionConsumerServiceURL: _url, protocolBinding: _binding, ...bare } = asked;
    const begun = await begunAt(device, index === undefined ? asked : { ...bare, assertionConsumerServiceIndex: index });
    const answer = await device.prove(begun);
    expect(answer).toMatchObject({ kind: 'refused', status: 403, code: 'request_refused' });
    if (answer.kind === 'refused') expect(answer.received.body).not.toContain('evil');
  });

  test('an evil SP that relays a good one’s request: the proof names another consumer', async () => {
    await register();
    const device = await enrolled();
    const begun = await begunAt(device, request(), 'https://evil.example/acs');
    expect(await device.prove(begun)).toMatchObject({ kind: 'refused', status: 200, code: 'request_refused' });
  });

  test('a claim inside a foreign request is not looked at', async () => {
    await register();
    const claim = { userName: `ceo@${acme.domain}`, deviceId: 'dev_other', parameters: {} };
    expect((await assertionOf(await enrolled(), request({ claim }))).subject.value).toBe(`j.doe@${acme.domain}`);
  });
});

describe('metadata that cannot be used is refused with a reason', () => {
  const read = (text: string) =>
    readServiceProvider({ read: readXml, importCertificate: verificationKeyFromCertificate, now: server.now }, text);

  test.each([
    [
      'without a signing certificate',
      () => metadata().replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/s, ''),
      /no signing certificate/,
    ],
    ['without PAOS', () => metadata().replace(bindings.paos, bindings.httpArtifact), /PAOS/],
    ['that is no metadata', () => '<a/>', /EntityDescriptor/],
    [
      'with a certificate that is none',
      () => metadata().replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA'),
      /certificate/,
    ],
  ])('%s', (_, text, reason) => {
    expect(() => read(text())).toThrow(reason);
  });
});

describe('browsers', () => {
  const page = async (options: object) => {
    const answer = await server.app.inject(options);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    return answer;
  };
  const deflated = (xml: string): string => deflateRawSync(xml).toString('base64');
  const bySamlRequest = (xml: string, relayState = 'back') => {
    const url = writeRedirect({
      location: ssoUrl(),
      parameter: 'SAMLRequest',
      deflated: deflated(xml),
      relayState,
      key: signingKey(),
    });
    return url.slice(server.origin.length);
  };
  const browserRequest = (change: Partial<AuthnRequest> = {}) =>
    request({ assertionConsumerServiceURL: BROWSER_ACS, protocolBinding: bindings.httpPost, destination: ssoUrl(), ...change });

  test('our own SP tells a browser that this only works with the agent', async () => {
    const answer = await page({ url: '/agent/v1/session', headers: { accept: 'text/html' } });
    expect(answer.body).toContain('only works with the Latchkey agent');
  });

  test('a good request by redirect gets that page too, and is never answered', async () => {
    await register();
    const answer = await page({ url: bySamlRequest(writeAuthnRequest(browserRequest())) });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('only works with the Latchkey agent');
  });

  test('a good request by form gets that page too', async () => {
    await register();
    const xml = writeAuthnRequest(browserRequest(), { key: signingKey(), digest: nodeDigest });
    const answer = await page({
      method: 'POST',
      url: ssoUrl().slice(server.origin.length),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') }).toString(),
    });
    expect(answer.statusCode).toBe(403);
  });

  const script = '<script>alert(1)</script>';
  test.each<[string, () => string]>([
    ['nothing', () => ssoUrl().slice(server.origin.length)],
    [
      'an unsigned request',
      () =>
        `${ssoUrl().slice(server.origin.length)}?SAMLRequest=${encodeURIComponent(deflated(writeAuthnRequest(browserRequest())))}`,
    ],
    ['a script as issuer', () => bySamlRequest(writeAuthnRequest(browserRequest({ issuer: script })))],
    ['a script as ACS', () => bySamlRequest(writeAuthnRequest(browserRequest({ assertionConsumerServiceURL: script })))],
    ['a deflate bomb', () => bySamlRequest(' '.repeat(50_000_000))],
    ['a repeated parameter', () => `${bySamlRequest(writeAuthnRequest(browserRequest()))}&SAMLRequest=x`],
    ['a SAMLResponse', () => bySamlRequest(writeAuthnRequest(browserRequest())).replace('SAMLRequest=', 'SAMLResponse=')],
  ])('%s gets an error page that repeats nothing', async (_, url) => {
    await register();
    const answer = await page({ url: url() });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('script');
  });

  test('a script as RelayState of a good request is not shown', async () => {
    await register();
    const answer = await page({ url: bySamlRequest(writeAuthnRequest(browserRequest()), script) });
    expect(answer.body).not.toContain('script');
  });

  test('a form that brings a Response to the ACS of the device IdP is refused kindly (login CSRF)', async () => {
    const answer = await page({
      method: 'POST',
      url: `/saml/${acme.id}/sp/device/acs`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'SAMLResponse=AAAA',
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('metadata of the organization', () => {
  test.each(['idp', 'sp/device'])('of its %s can be read and names this server', async (side) => {
    const answer = await server.app.inject(`/saml/${acme.id}/${side}/metadata`);
    expect(answer.headers['content-type']).toContain('application/samlmetadata+xml');
    expect(readXml(answer.body).attributes.find(({ localName }) => localName === 'entityID')?.value).toBe(
      `${server.origin}/saml/${acme.id}/${side}/metadata`,
    );
  });

  test.each([
    '/saml/org_nobody/idp/metadata',
    '/saml/org_nobody/sp/device/metadata',
    '/oidc/org_nobody/jwks',
    '/saml/%00/idp/metadata',
    '/oidc/%00/jwks',
  ])('%s: there is nothing', async (url) => {
    expect((await server.app.inject(url)).statusCode).toBe(404);
  });

  test('of an IdP that is not the device’s: there is nothing yet', async () => {
    expect((await server.app.inject(`/saml/${acme.id}/sp/entra/metadata`)).statusCode).toBe(404);
  });
});

describe('bodies', () => {
  const post = (payload: Buffer | string, contentType = 'text/xml') =>
    server.app.inject({
      method: 'POST',
      url: ssoUrl().slice(server.origin.length),
      headers: { 'content-type': contentType },
      payload,
    });

  test.each<[string, Buffer, number]>([
    ['more than 256 kB', Buffer.alloc(256 * 1024 + 1, 0x20), 413],
    ['a byte order mark', Buffer.from('\uFEFF<a/>'), 400],
    ['UTF-16', Buffer.from('\uFEFF<a/>', 'utf16le'), 400],
    ['an overlong encoding', Buffer.from([0x3c, 0xc0, 0xbc]), 400],
    ['nothing', Buffer.alloc(0), 400],
  ])('%s', async (_, body, status) => {
    expect((await post(body)).statusCode).toBe(status);
  });

  test('of another type', async () => {
    expect((await post('{}', 'application/json')).statusCode).toBe(400);
    expect((await post('x', 'image/png')).statusCode).toBe(415);
  });
});
