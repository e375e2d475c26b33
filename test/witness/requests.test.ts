/** AuthnRequests: what other libraries send as service providers we take, and they take ours. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { IdentityProvider } from 'samlify';
import { describe, expect, test } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { parseRedirect, writeRedirect } from '../../core/saml/src/bindings/redirect.ts';
import { checkAuthnRequest, type ReceivedBy } from '../../core/saml/src/checks/idp.ts';
import type { AuthnRequest } from '../../core/saml/src/message.ts';
import { writeAuthnRequest } from '../../core/saml/src/messages/authn-request.ts';
import { bindings, nameIDFormats } from '../../core/saml/src/names.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { nodeDigest as digest, rsaKey } from '../kit/saml-keys.ts';
import { IDP, SP } from '../kit/saml-response.ts';
import { samlifyServiceProvider } from '../kit/samlify.ts';

const key = await rsaKey(2048);
const SSO = 'https://idp.example.com/saml/sso';

/** All the checks of our identity provider. */
const receive = (xml: string, receivedBy: ReceivedBy) =>
  checkAuthnRequest({
    element: readXml(xml),
    receivedBy,
    sp: {
      entityId: SP.entityId,
      keys: [key.verificationKey],
      wantResponseSigned: false,
      assertionConsumerServices: [{ binding: bindings.httpPost, location: SP.acsUrl, index: 0 }],
    },
    idp: { entityId: IDP.entityId, ssoUrl: SSO },
    now: new Date(),
    skewSeconds: 60,
    digest,
  });

const queryOf = (url: string): string => url.slice(url.indexOf('?') + 1);

const receiveRedirect = (query: string) => {
  const message = parseRedirect(query);
  const xml = inflateRawSync(Buffer.from(message.deflatedBase64, 'base64')).toString();
  return receive(xml, { binding: 'redirect', message });
};

const asked = (): AuthnRequest => ({
  id: '_c0ffee',
  issueInstant: new Date(),
  issuer: SP.entityId,
  destination: SSO,
  assertionConsumerServiceURL: SP.acsUrl,
  protocolBinding: bindings.httpPost,
  nameIDPolicy: { format: nameIDFormats.emailAddress, allowCreate: true },
});
const signed = (): string => writeAuthnRequest(asked(), { key: key.signingKey('rsa-sha256'), digest });

test('xml-crypto verifies our AuthnRequest', () => {
  const text = signed();
  const check = (received: string): boolean => {
    const verifier = new SignedXml({ publicCert: key.certificatePem, getCertFromKeyInfo: () => null });
    verifier.loadSignature(/<ds:Signature .*<\/ds:Signature>/s.exec(text)?.[0] ?? '');
    return verifier.checkSignature(received);
  };
  expect(check(text)).toBe(true);
  expect(check(text.replace(SP.acsUrl, 'https://evil.example/acs'))).toBe(false);
});

describe('node-saml', () => {
  const saml = (authnRequestBinding: string) =>
    new SAML({
      idpCert: key.certificatePem,
      issuer: SP.entityId,
      callbackUrl: SP.acsUrl,
      entryPoint: SSO,
      validateInResponseTo: ValidateInResponseTo.never,
      privateKey: key.privatePem,
      publicCert: key.certificatePem,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      disableRequestedAuthnContext: true,
      authnRequestBinding,
      skipRequestCompression: authnRequestBinding === 'HTTP-POST',
    });

  // It signs a space in RelayState as %20 and sends it as +, so that no verifier of the octets as they came could take that.
  test('asks by redirect, we take it (saml-bindings §3.4.4.1)', async () => {
    const query = queryOf(await saml('HTTP-Redirect').getAuthorizeUrlAsync('back', undefined, {}));
    expect(receiveRedirect(query).assertionConsumerService.location).toBe(SP.acsUrl);
    expect(() => receiveRedirect(query.replace('RelayState=back', 'RelayState=evil'))).toThrow('signature_invalid');
  });

  test('asks by form, we take it (saml-bindings §3.5.4)', async () => {
    const form = await saml('HTTP-POST').getAuthorizeFormAsync('', undefined, {});
    const base64 = /name="SAMLRequest" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const xml = Buffer.from(base64, 'base64').toString();
    expect(receive(xml, { binding: 'post' }).assertionConsumerService.location).toBe(SP.acsUrl);
    expect(() => receive(xml.replace('ForceAuthn="true"', '').replace(' ID="', ' ID="x'), { binding: 'post' })).toThrow();
  });
});

describe('samlify', () => {
  const idp = IdentityProvider({
    entityID: IDP.entityId,
    signingCert: key.certificatePem,
    wantAuthnRequestsSigned: true,
    singleSignOnService: [bindings.httpPost, bindings.httpRedirect].map((Binding) => ({ Binding, Location: SSO })),
    singleLogoutService: [{ Binding: bindings.httpPost, Location: 'https://idp.example.com/saml/slo' }],
  });
  const sp = samlifyServiceProvider(key);

  test('asks by redirect, we take it', () => {
    const query = queryOf(sp.createLoginRequest(idp, 'redirect').context);
    expect(receiveRedirect(query).request.issuer).toBe(SP.entityId);
    // The first character of the signature, which may be escaped, becomes another one.
    const forged = query.replace(/Signature=(%..|.)/, (_, first) => `Signature=${first === 'A' ? 'B' : 'A'}`);
    expect(() => receiveRedirect(forged)).toThrow('signature_invalid');
  });

  test('asks by form, we take it', () => {
    const xml = Buffer.from(sp.createLoginRequest(idp, 'post').context, 'base64').toString();
    expect(receive(xml, { binding: 'post' }).request.issuer).toBe(SP.entityId);
    expect(() => receive(xml.replace(SP.acsUrl, 'https://evil.example/acs'), { binding: 'post' })).toThrow('signature_invalid');
  });

  test('takes what we ask by redirect', async () => {
    const url = writeRedirect({
      location: SSO,
      parameter: 'SAMLRequest',
      deflated: deflateRawSync(writeAuthnRequest(asked())).toString('base64'),
      key: key.signingKey('rsa-sha256'),
    });
    const query = Object.fromEntries(new URL(url).searchParams);
    const octetString = queryOf(url).replace(/&Signature=.*/, '');
    const { extract } = await idp.parseLoginRequest(sp, 'redirect', { query, octetString });
    expect(extract).toMatchObject({ request: { id: '_c0ffee' }, issuer: SP.entityId });
    const changed = octetString.replace('SAMLRequest=', 'SAMLRequest=A');
    await expect(idp.parseLoginRequest(sp, 'redirect', { query, octetString: changed })).rejects.toThrow();
  });

  test('takes what we ask by form', async () => {
    const body = { SAMLRequest: Buffer.from(signed()).toString('base64') };
    const { extract } = await idp.parseLoginRequest(sp, 'post', { body });
    expect(extract).toMatchObject({ request: { id: '_c0ffee' }, issuer: SP.entityId });
  });
});
