/** What other libraries sign we verify, and they verify what we sign. */
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from 'samlify';
import { describe, expect, test } from 'vitest';
import { SignedXml } from 'xml-crypto';
import type { SignatureAlgorithm } from '../../core/saml/src/crypto.ts';
import { writeResponse } from '../../core/saml/src/messages/response.ts';
import { bindings, nameIDFormats, namespaces } from '../../core/saml/src/names.ts';
import { verifySignature } from '../../core/saml/src/signature/verify.ts';
import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { child } from '../../core/saml/src/xml/query.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { nodeDigest, rsaKey } from '../kit/saml-keys.ts';
import { IDP, SP, sampleResponse } from '../kit/saml-response.ts';

const key = await rsaKey(2048);
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

type Part = 'Response' | 'Assertion';

function ourResponse(algorithm: SignatureAlgorithm, signed: readonly Part[]): string {
  return writeResponse(sampleResponse(new Date()), {
    digest: nodeDigest,
    ...(signed.includes('Assertion') && { assertionKey: key.signingKey(algorithm) }),
    ...(signed.includes('Response') && { responseKey: key.signingKey(algorithm) }),
  });
}

function part(root: XmlElement, name: Part): XmlElement {
  const element = name === 'Response' ? root : child(root, namespaces.saml, 'Assertion');
  if (element === undefined) throw new TypeError(`no ${name}`);
  return element;
}

function expectWeVerify(text: string, name: Part): void {
  const element = part(readXml(text), name);
  expect(verifySignature(element, [key.verificationKey], nodeDigest)).toBe(element);
  const changed = part(readXml(text.replace('alice@example.com', 'mallory@example.com')), name);
  expect(() => verifySignature(changed, [key.verificationKey], nodeDigest)).toThrow('signature_invalid');
}

describe('xml-crypto', () => {
  const PAIRS = [
    ['rsa-sha256', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'],
    ['rsa-sha512', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'http://www.w3.org/2001/04/xmlenc#sha512'],
    ['rsa-pss-sha256', 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', 'http://www.w3.org/2001/04/xmlenc#sha256'],
  ] as const;
  const PARTS = ['Response', 'Assertion'] as const;
  const CASES = PAIRS.flatMap((pair) => PARTS.map((name) => [...pair, name] as const));

  /** Signs one part the way node-saml and others let it. */
  function sign(text: string, name: Part, signatureAlgorithm: string, digestAlgorithm: string, prefixList?: string[]): string {
    const signer = new SignedXml({
      privateKey: key.privatePem,
      publicCert: key.certificatePem,
      signatureAlgorithm,
      canonicalizationAlgorithm: EXC_C14N,
    });
    const xpath = `//*[local-name(.)='${name}']`;
    signer.addReference({
      xpath,
      transforms: [ENVELOPED, EXC_C14N],
      digestAlgorithm,
      ...(prefixList && { inclusiveNamespacesPrefixList: prefixList }),
    });
    signer.computeSignature(text, {
      prefix: 'ds',
      location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
    });
    return signer.getSignedXml();
  }

  test.each(CASES)('signs with %s, we verify', (_algorithm, signatureAlgorithm, digestAlgorithm, name) => {
    expectWeVerify(sign(ourResponse('rsa-sha256', []), name, signatureAlgorithm, digestAlgorithm), name);
  });

  test('signs with an InclusiveNamespaces PrefixList, we verify', () => {
    const text = ourResponse('rsa-sha256', [])
      .replace('<samlp:Response ', '<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" ')
      .replaceAll(
        '<saml:AttributeValue>',
        '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">',
      );
    const signed = sign(text, 'Assertion', PAIRS[0][1], PAIRS[0][2], ['xs']);
    expect(signed).toContain('PrefixList="xs"');
    expectWeVerify(signed, 'Assertion');
    const elsewhere = signed.replace('xmlns:xs="http://www.w3.org/2001/XMLSchema"', 'xmlns:xs="urn:evil"');
    expect(() => expectWeVerify(elsewhere, 'Assertion')).toThrow('signature_invalid');
  });

  test.each(CASES)('verifies ours with %s', (algorithm, _signatureAlgorithm, _digestAlgorithm, name) => {
    const text = ourResponse(algorithm, [name]);
    const check = (received: string) => {
      const verifier = new SignedXml({ publicCert: key.certificatePem, getCertFromKeyInfo: () => null });
      verifier.loadSignature(
        text.slice(text.indexOf('<ds:Signature '), text.indexOf('</ds:Signature>') + '</ds:Signature>'.length),
      );
      return verifier.checkSignature(received);
    };
    expect(check(text)).toBe(true);
    expect(check(text.replace('alice@example.com', 'mallory@example.com'))).toBe(false);
  });
});

describe('node-saml', () => {
  const options = {
    idpCert: key.certificatePem,
    idpIssuer: IDP.entityId,
    issuer: SP.entityId,
    audience: SP.entityId,
    callbackUrl: SP.acsUrl,
    entryPoint: 'https://idp.example.com/saml/sso',
    validateInResponseTo: ValidateInResponseTo.never,
  };

  test.each([[['Assertion']], [['Response']], [['Response', 'Assertion']]] as const)(
    'accepts our Response with %j signed',
    async (signed) => {
      const saml = new SAML({
        ...options,
        wantAuthnResponseSigned: signed.some((name) => name === 'Response'),
        wantAssertionsSigned: signed.some((name) => name === 'Assertion'),
      });
      const SAMLResponse = Buffer.from(ourResponse('rsa-sha256', signed)).toString('base64');
      const { profile } = await saml.validatePostResponseAsync({ SAMLResponse });
      expect(profile).toMatchObject({ nameID: 'alice@example.com', issuer: IDP.entityId });
    },
  );

  test('refuses our Response when it was changed', async () => {
    const saml = new SAML({ ...options, wantAuthnResponseSigned: false, wantAssertionsSigned: true });
    const changed = ourResponse('rsa-sha256', ['Assertion']).replace('alice@example.com', 'mallory@example.com');
    await expect(saml.validatePostResponseAsync({ SAMLResponse: Buffer.from(changed).toString('base64') })).rejects.toThrow();
  });

  test.each(['sha256', 'sha512'] as const)('signs an AuthnRequest with %s, we verify', async (algorithm) => {
    const saml = new SAML({
      ...options,
      privateKey: key.privatePem,
      publicCert: key.certificatePem,
      signatureAlgorithm: algorithm,
      digestAlgorithm: algorithm,
      authnRequestBinding: 'HTTP-POST',
      skipRequestCompression: true,
    });
    const form = await saml.getAuthorizeFormAsync('', undefined, {});
    const base64 = /name="SAMLRequest" value="([^"]+)"/.exec(form)?.[1] ?? '';
    const request = readXml(Buffer.from(base64, 'base64').toString());
    expect(request.localName).toBe('AuthnRequest');
    expect(verifySignature(request, [key.verificationKey], nodeDigest)).toBe(request);
  });
});

describe('samlify', () => {
  const post = bindings.httpPost;
  const idp = IdentityProvider({
    entityID: IDP.entityId,
    signingCert: key.certificatePem,
    nameIDFormat: [nameIDFormats.emailAddress],
    singleSignOnService: [{ Binding: post, Location: 'https://idp.example.com/saml/sso' }],
    singleLogoutService: [{ Binding: post, Location: 'https://idp.example.com/saml/slo' }],
  });
  const sp = ServiceProvider({
    entityID: SP.entityId,
    wantAssertionsSigned: true,
    assertionConsumerService: [{ Binding: post, Location: SP.acsUrl }],
  });
  setSchemaValidator({ validate: () => Promise.resolve('not asked for') });

  test.each(['rsa-sha256', 'rsa-sha512'] as const)('accepts our Response signed with %s', async (algorithm) => {
    const SAMLResponse = Buffer.from(ourResponse(algorithm, ['Assertion'])).toString('base64');
    const { extract } = await sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse } });
    expect(extract).toMatchObject({ nameID: 'alice@example.com', issuer: IDP.entityId });
  });

  test.each([
    ['RSA_SHA256', 'Assertion'],
    ['RSA_SHA512', 'Assertion'],
    ['RSA_SHA256', 'Response'],
  ] as const)('signs with %s, we verify', (algorithm, name) => {
    const base64 = SamlLib.constructSAMLSignature({
      rawSamlMessage: ourResponse('rsa-sha256', []),
      referenceTagXPath: `//*[local-name(.)='${name}']`,
      privateKey: key.privatePem,
      signatureAlgorithm: Constants.algorithms.signature[algorithm],
      signingCert: key.signingKey('rsa-sha256').certificate,
      signatureConfig: {
        prefix: 'ds',
        location: { reference: `//*[local-name(.)='${name}']/*[local-name(.)='Issuer']`, action: 'after' },
      },
      isBase64Output: true,
    });
    expectWeVerify(Buffer.from(base64, 'base64').toString(), name);
  });
});
