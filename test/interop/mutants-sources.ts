import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { Constants, IdentityProvider, SamlLib } from 'samlify';
import { SignedXml } from 'xml-crypto';
import { parsePaosResponse, parseSoapRequest } from '../../core/saml/src/bindings/soap.ts';
import { checkAuthnRequest } from '../../core/saml/src/checks/idp.ts';
import { verifiedAssertion } from '../../core/saml/src/checks/signed-assertion.ts';
import { checkResponse } from '../../core/saml/src/checks/sp.ts';
import type { VerificationKey } from '../../core/saml/src/crypto.ts';
import { writeAuthnRequest } from '../../core/saml/src/messages/authn-request.ts';
import { writeResponse } from '../../core/saml/src/messages/response.ts';
import { bindings, namespaces } from '../../core/saml/src/names.ts';
import { verifySignature } from '../../core/saml/src/signature/verify.ts';
import { canonicalize } from '../../core/saml/src/xml/canonicalize.ts';
import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { child } from '../../core/saml/src/xml/query.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { genuineFor } from '../attacks/flow.ts';
import { startTarget } from '../attacks/target.ts';
import { nodeDigest as digest, rsaKey, type SamlKeyPair } from '../kit/saml-keys.ts';
import { IDP, REQUEST_ID, SP, sampleResponse } from '../kit/saml-response.ts';
import { samlifyServiceProvider } from '../kit/samlify.ts';

/** A real message, and how the side it is for reads it. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly certificatePem: string;
  /** Who and what the message is about, down to the octets of the signed element; throws if we refuse it. */
  readonly read: (text: string) => string;
}

const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const SSO = 'https://idp.example.com/saml/sso';

const pem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`;

/** The signed element in the two forms there are: as octets, and as everything a reader could see in it. */
const seen = (element: XmlElement): unknown => {
  const signature = child(element, namespaces.ds, 'Signature');
  const whole = (each: XmlElement): unknown => ({
    name: [each.namespace, each.localName],
    attributes: each.attributes.map(({ namespace, localName, value }) => [namespace, localName, value].join(' ')).sort(),
    children: each.children.filter((node) => node !== signature).map((node) => (typeof node === 'string' ? node : whole(node))),
  });
  return { tree: whole(element), octets: canonicalize(element, signature === undefined ? {} : { without: signature }) };
};

interface Parties {
  readonly idp: string;
  readonly sp: string;
  readonly acs: string;
  readonly sso: string;
  readonly request: string;
  readonly keys: readonly VerificationKey[];
  readonly now: Date;
}

const responseReader =
  ({ idp, sp, acs, request, keys, now }: Parties, find: (text: string) => XmlElement, wantResponseSigned = false) =>
  (text: string): string => {
    const element = find(text);
    const policy = { keys, wantResponseSigned, wantAssertionSigned: !wantResponseSigned };
    const { assertion, inResponseTo } = checkResponse({
      element,
      idp: { entityId: idp, ...policy },
      sp: { entityId: sp, acsUrl: acs },
      isExpectedRequest: (id) => id === request,
      now,
      skewSeconds: 60,
      digest,
    });
    return JSON.stringify({ assertion, inResponseTo, seen: seen(verifiedAssertion(element, policy, digest)) });
  };

const requestReader =
  ({ idp, sp, acs, sso, keys, now }: Parties, find: (text: string) => XmlElement, binding: 'soap' | 'post' = 'soap') =>
  (text: string): string => {
    const element = find(text);
    const { request, assertionConsumerService } = checkAuthnRequest({
      element,
      receivedBy: { binding },
      sp: {
        entityId: sp,
        keys,
        wantResponseSigned: false,
        assertionConsumerServices: [{ binding: binding === 'soap' ? bindings.paos : bindings.httpPost, location: acs, index: 0 }],
      },
      idp: { entityId: idp, ssoUrl: sso },
      now,
      skewSeconds: 60,
      digest,
    });
    return JSON.stringify({ request, assertionConsumerService, seen: seen(verifySignature(element, keys, digest)) });
  };

/** What our own server says, in the envelopes it says it in. */
const ownMessages = async (): Promise<Source[]> => {
  const target = await startTarget();
  try {
    const acme = await target.createOrganization('acme.example');
    const device = await acme.enroll('j.doe');
    const { begun, proven, text, response } = await genuineFor(device);
    const { keys } = acme;
    const own: Parties = {
      idp: `${target.origin}/saml/${acme.id}/idp/metadata`,
      sp: `${target.origin}/saml/${acme.id}/sp/device/metadata`,
      acs: target.origin + acme.acs,
      sso: target.origin + acme.sso,
      request: response.inResponseTo ?? '',
      keys: keys.idpVerify,
      now: new Date(target.now()),
    };
    const paosResponse = (envelope: string) => parsePaosResponse(envelope, readXml).response;
    const both = writeResponse(response, { digest, assertionKey: keys.idpRsa, responseKey: keys.idpRsa });
    return [
      {
        name: 'our AuthnRequest in SOAP (EC)',
        text: begun.soapRequest,
        certificatePem: pem(keys.spEc.certificate),
        read: requestReader({ ...own, keys: keys.spVerify }, (envelope) => parseSoapRequest(envelope, readXml)),
      },
      {
        name: 'our Response in PAOS (EC)',
        text: proven.paosResponse,
        certificatePem: pem(keys.idpEc.certificate),
        read: responseReader(own, paosResponse),
      },
      {
        name: 'our Response (EC)',
        text,
        certificatePem: pem(keys.idpEc.certificate),
        read: responseReader(own, readXml),
      },
      {
        name: 'our Response to others (RSA)',
        text: writeResponse(response, { digest, assertionKey: keys.idpRsa }),
        certificatePem: pem(keys.idpRsa.certificate),
        read: responseReader(own, readXml),
      },
      {
        name: 'our Response, both signed (RSA)',
        text: both,
        certificatePem: pem(keys.idpRsa.certificate),
        read: responseReader(own, readXml, true),
      },
    ];
  } finally {
    await target.close();
  }
};

const signWithXmlCrypto = (key: SamlKeyPair, text: string, part: string, prefixes: readonly string[]): string => {
  const signer = new SignedXml({
    privateKey: key.privatePem,
    publicCert: key.certificatePem,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXC_C14N,
  });
  const xpath = `//*[local-name(.)='${part}']`;
  signer.addReference({
    xpath,
    transforms: [ENVELOPED, EXC_C14N],
    digestAlgorithm: SHA256,
    ...(prefixes.length > 0 && { inclusiveNamespacesPrefixList: [...prefixes] }),
  });
  signer.computeSignature(text, {
    prefix: 'ds',
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
};

const signWithSamlify = (key: SamlKeyPair, text: string, part: string): string => {
  const signed = SamlLib.constructSAMLSignature({
    rawSamlMessage: text,
    referenceTagXPath: `//*[local-name(.)='${part}']`,
    privateKey: key.privatePem,
    signatureAlgorithm: Constants.algorithms.signature.RSA_SHA256,
    signingCert: key.signingKey('rsa-sha256').certificate,
    signatureConfig: {
      prefix: 'ds',
      location: { reference: `//*[local-name(.)='${part}']/*[local-name(.)='Issuer']`, action: 'after' },
    },
    isBase64Output: false,
  });
  return signed;
};

/** What is put where xmlsec1 fills in digest and signature. */
const template = (id: string, prefixes: string): string =>
  `<ds:Signature xmlns:ds="${namespaces.ds}">\n<ds:SignedInfo>\n  <ds:CanonicalizationMethod Algorithm="${EXC_C14N}"/>` +
  `<ds:SignatureMethod Algorithm="${RSA_SHA256}"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${ENVELOPED}"/>` +
  `<ds:Transform Algorithm="${EXC_C14N}"><ec:InclusiveNamespaces xmlns:ec="${EXC_C14N}" PrefixList="${prefixes}"/></ds:Transform>` +
  `</ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\n<ds:SignatureValue/>` +
  `<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>`;

/** As others write it: the default namespace, declarations far up, line breaks everywhere, typed values. */
const foreignStyle = (text: string): string =>
  text
    .replaceAll(/(<\/?)saml:/g, '$1')
    .replaceAll('xmlns:saml=', 'xmlns=')
    .replace('<samlp:Response ', '<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:unused="urn:unused" ')
    .replaceAll('<AttributeValue>', '<AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">')
    .replaceAll(/><(?=Subject|Conditions|AuthnStatement|Attribute)/g, '>\n    <');

/** What other libraries and xmlsec1 sign. */
const foreignMessages = async (signWithXmlsec1: (text: string, key: SamlKeyPair) => string): Promise<Source[]> => {
  const key = await rsaKey();
  const now = new Date();
  const parties: Parties = {
    idp: IDP.entityId,
    sp: SP.entityId,
    acs: SP.acsUrl,
    sso: SSO,
    request: REQUEST_ID,
    keys: [key.verificationKey],
    now,
  };
  const unsigned = writeResponse(sampleResponse(now), { digest });
  const typed = unsigned
    .replace('<samlp:Response ', '<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" ')
    .replaceAll(
      '<saml:AttributeValue>',
      '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">',
    );
  const assertionId = sampleResponse(now).assertion?.id ?? '';
  const styled = foreignStyle(unsigned);
  const templated = styled.replace(/(<Assertion .*?<\/Issuer>)/s, (start) => start + template(assertionId, '#default xs'));
  const responses: readonly (readonly [string, string, boolean])[] = [
    ['xml-crypto: Assertion', signWithXmlCrypto(key, unsigned, 'Assertion', []), false],
    ['xml-crypto: Assertion, PrefixList', signWithXmlCrypto(key, typed, 'Assertion', ['xs', 'xsi']), false],
    ['xml-crypto: Response', signWithXmlCrypto(key, unsigned, 'Response', []), true],
    ['samlify: Assertion', signWithSamlify(key, unsigned, 'Assertion'), false],
    ['xmlsec1: Assertion, PrefixList', signWithXmlsec1(templated, key), false],
  ];
  const { certificatePem } = key;
  return [
    ...responses.map(([name, text, whole]) => ({ name, text, certificatePem, read: responseReader(parties, readXml, whole) })),
    ...(await foreignRequests(key, parties)),
  ];
};

const foreignRequests = async (key: SamlKeyPair, parties: Parties): Promise<Source[]> => {
  const saml = new SAML({
    idpCert: key.certificatePem,
    issuer: SP.entityId,
    callbackUrl: SP.acsUrl,
    entryPoint: SSO,
    validateInResponseTo: ValidateInResponseTo.never,
    privateKey: key.privatePem,
    publicCert: key.certificatePem,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    authnRequestBinding: 'HTTP-POST',
    skipRequestCompression: true,
    disableRequestedAuthnContext: true,
  });
  const form = await saml.getAuthorizeFormAsync('', undefined, {});
  const base64 = /name="SAMLRequest" value="([^"]+)"/.exec(form)?.[1] ?? '';

  const sp = samlifyServiceProvider(key);
  const idp = IdentityProvider({
    entityID: IDP.entityId,
    signingCert: key.certificatePem,
    wantAuthnRequestsSigned: true,
    singleSignOnService: [{ Binding: bindings.httpPost, Location: SSO }],
  });
  const { context } = sp.createLoginRequest(idp, 'post');

  const ours = writeAuthnRequest(
    {
      id: REQUEST_ID,
      issueInstant: parties.now,
      issuer: SP.entityId,
      destination: SSO,
      assertionConsumerServiceURL: SP.acsUrl,
      nameIDPolicy: { allowCreate: true },
    },
    { key: key.signingKey('rsa-sha256'), digest },
  );
  const requests: readonly (readonly [string, string])[] = [
    ['node-saml: AuthnRequest', Buffer.from(base64, 'base64').toString()],
    ['samlify: AuthnRequest', Buffer.from(context, 'base64').toString()],
    ['our AuthnRequest (RSA)', ours],
  ];
  return requests.map(([name, text]) => ({
    name,
    text,
    certificatePem: key.certificatePem,
    read: requestReader({ ...parties, now: new Date() }, readXml, 'post'),
  }));
};

export const sources = async (signWithXmlsec1: (text: string, key: SamlKeyPair) => string): Promise<readonly Source[]> => [
  ...(await ownMessages()),
  ...(await foreignMessages(signWithXmlsec1)),
];
