import { sign, verify } from 'node:crypto';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify';
import { SignedXml } from 'xml-crypto';
import { checkResponse } from '../core/saml/src/checks/sp.ts';
import type { SignatureAlgorithm } from '../core/saml/src/crypto.ts';
import { writeResponse } from '../core/saml/src/messages/response.ts';
import { bindings, nameIDFormats, namespaces } from '../core/saml/src/names.ts';
import { verifySignature } from '../core/saml/src/signature/verify.ts';
import { child } from '../core/saml/src/xml/query.ts';
import { readXml } from '../core/saml/src/xml/read.ts';
import { ecKey, nodeDigest, rsaKey, type SamlKeyPair } from '../test/kit/saml-keys.ts';
import { IDP, REQUEST_ID, SP, sampleResponse } from '../test/kit/saml-response.ts';
import { compare, type Operation, type Row } from './measure.ts';

/** Responses of 5 kB with a signed assertion: ours against the bare cryptography and against what others have. */
export async function run(): Promise<readonly Row[]> {
  const rsa = await rsaKey(2048);
  const p256 = await ecKey('P-256');
  return [
    await compare('sign-rsa2048', signing(rsa, 'rsa-sha256'), bareSign(rsa)),
    await compare('sign-p256', signing(p256, 'ecdsa-sha256'), bareSign(p256)),
    await compare('verify-rsa2048', verifying(rsa, 'rsa-sha256'), bareVerify(rsa)),
    await compare('verify-p256', verifying(p256, 'ecdsa-sha256'), bareVerify(p256)),
    await compare('verify-vs-node-saml', signingIn(rsa, 'rsa-sha256'), nodeSaml(rsa)),
    await compare('verify-vs-samlify', signingIn(rsa, 'rsa-sha256'), samlify(rsa)),
    await compare('verify-vs-xml-crypto', verifying(rsa, 'rsa-sha256'), xmlCrypto(rsa)),
  ];
}

/** From the response as data to what is posted. */
function signing(key: SamlKeyPair, algorithm: SignatureAlgorithm): Operation {
  const assertionKey = key.signingKey(algorithm);
  const response = sampleResponse(new Date());
  return () => Buffer.from(writeResponse(response, { digest: nodeDigest, assertionKey })).toString('base64');
}

/** From what was posted to the verified assertion element. */
function verifying(key: SamlKeyPair, algorithm: SignatureAlgorithm): Operation {
  const posted = postedResponse(key, algorithm);
  const keys = [key.verificationKey];
  return () => {
    const assertion = child(readXml(decode(posted)), namespaces.saml, 'Assertion');
    if (assertion === undefined) throw new Error('no Assertion');
    return verifySignature(assertion, keys, nodeDigest);
  };
}

/** From what was posted to the assertion as data, with all the checks of a service provider. */
function signingIn(key: SamlKeyPair, algorithm: SignatureAlgorithm): Operation {
  const posted = postedResponse(key, algorithm);
  const idp = { ...IDP, keys: [key.verificationKey], wantResponseSigned: false, wantAssertionSigned: true };
  const isExpectedRequest = (id: string) => id === REQUEST_ID;
  return () => {
    const element = readXml(decode(posted));
    return checkResponse({ element, idp, sp: SP, isExpectedRequest, digest: nodeDigest, now: new Date(), skewSeconds: 60 });
  };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(posted: string): string {
  return decoder.decode(Buffer.from(posted, 'base64'));
}

function postedResponse(key: SamlKeyPair, algorithm: SignatureAlgorithm): string {
  const text = writeResponse(sampleResponse(new Date()), { digest: nodeDigest, assertionKey: key.signingKey(algorithm) });
  return Buffer.from(text).toString('base64');
}

// As long as a SignedInfo.
const SIGNED_INFO = Buffer.alloc(900, 'x');

/** One signature with a key that was imported before, and nothing else: no program can be faster. */
function bareSign({ privateKey }: SamlKeyPair): Operation {
  return () => sign('sha256', SIGNED_INFO, privateKey);
}

function bareVerify({ privateKey, publicKey }: SamlKeyPair): Operation {
  const signature = sign('sha256', SIGNED_INFO, privateKey);
  return () => verify('sha256', SIGNED_INFO, publicKey, signature);
}

function nodeSaml(key: SamlKeyPair): Operation {
  const saml = new SAML({
    idpCert: key.certificatePem,
    idpIssuer: IDP.entityId,
    issuer: SP.entityId,
    audience: SP.entityId,
    callbackUrl: SP.acsUrl,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  const SAMLResponse = postedResponse(key, 'rsa-sha256');
  return () => saml.validatePostResponseAsync({ SAMLResponse });
}

function samlify(key: SamlKeyPair): Operation {
  // It wants a schema validator; without one it is at its fastest.
  setSchemaValidator({ validate: () => Promise.resolve('not asked for') });
  const idp = IdentityProvider({
    entityID: IDP.entityId,
    signingCert: key.certificatePem,
    nameIDFormat: [nameIDFormats.emailAddress],
    singleSignOnService: [{ Binding: bindings.httpPost, Location: 'https://idp.example.com/saml/sso' }],
    singleLogoutService: [{ Binding: bindings.httpPost, Location: 'https://idp.example.com/saml/slo' }],
  });
  const sp = ServiceProvider({
    entityID: SP.entityId,
    wantAssertionsSigned: true,
    assertionConsumerService: [{ Binding: bindings.httpPost, Location: SP.acsUrl }],
  });
  const SAMLResponse = postedResponse(key, 'rsa-sha256');
  return () => sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse } });
}

/** The signature alone, and it need not look for it. */
function xmlCrypto(key: SamlKeyPair): Operation {
  const text = Buffer.from(postedResponse(key, 'rsa-sha256'), 'base64').toString();
  const signature = text.slice(text.indexOf('<ds:Signature '), text.indexOf('</ds:Signature>') + '</ds:Signature>'.length);
  return () => {
    const signed = new SignedXml({ publicCert: key.certificatePem, getCertFromKeyInfo: () => null });
    signed.loadSignature(signature);
    if (!signed.checkSignature(text)) throw new Error('xml-crypto refuses our signature');
  };
}
