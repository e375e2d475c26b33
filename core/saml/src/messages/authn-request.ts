import type { Digest, SigningKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { AuthnRequest, Claim, NameID, NameIDPolicy, RequestedAuthnContext } from '../message.ts';
import { namespaces } from '../names.ts';
import { writeSignature } from '../signature/sign.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr, children, text } from '../xml/query.ts';
import { escapeText } from '../xml/write.ts';
import { parseIssuer, parseNameID, writeNameID } from './name-id.ts';
import {
  booleanAttribute,
  expectAttributes,
  expectVersion,
  idAttribute,
  isElement,
  malformed,
  requiredAttribute,
  requiredDateTime,
  sequence,
  unsignedShortAttribute,
  uriText,
} from './schema.ts';
import { attribute, instant } from './write.ts';

const { samlp, saml, ds, claim: lk } = namespaces;

/** saml-core §3.4.1, written in canonical form: what is hashed is what is sent. */
export function writeAuthnRequest(
  request: AuthnRequest,
  signing?: { readonly key: SigningKey; readonly digest: Digest },
): string {
  const head =
    `<samlp:AuthnRequest xmlns:samlp="${samlp}"${attribute('AssertionConsumerServiceIndex', request.assertionConsumerServiceIndex?.toString())}` +
    `${attribute('AssertionConsumerServiceURL', request.assertionConsumerServiceURL)}${attribute('Destination', request.destination)}` +
    `${attribute('ForceAuthn', request.forceAuthn?.toString())}${attribute('ID', request.id)}` +
    `${attribute('IsPassive', request.isPassive?.toString())}${instant('IssueInstant', request.issueInstant)}` +
    `${attribute('ProtocolBinding', request.protocolBinding)} Version="2.0">` +
    `<saml:Issuer xmlns:saml="${saml}">${escapeText(request.issuer)}</saml:Issuer>`;
  const tail =
    (request.claim === undefined ? '' : writeClaim(request.claim)) +
    (request.subject === undefined ? '' : `<saml:Subject xmlns:saml="${saml}">${writeNameID(request.subject)}</saml:Subject>`) +
    (request.nameIDPolicy === undefined ? '' : writeNameIDPolicy(request.nameIDPolicy)) +
    (request.requestedAuthnContext === undefined ? '' : writeRequestedAuthnContext(request.requestedAuthnContext)) +
    '</samlp:AuthnRequest>';
  if (signing === undefined) return head + tail;
  return head + writeSignature(head + tail, request.id, signing.key, signing.digest) + tail;
}

function writeClaim(claim: Claim): string {
  let parameters = '';
  for (const [name, value] of Object.entries(claim.parameters)) {
    parameters += `<lk:Parameter${attribute('Name', name)}>${escapeText(value)}</lk:Parameter>`;
  }
  return (
    `<samlp:Extensions><lk:Claim xmlns:lk="${lk}"${attribute('deviceId', claim.deviceId)}${attribute('userName', claim.userName)}>` +
    `${parameters}</lk:Claim></samlp:Extensions>`
  );
}

function writeNameIDPolicy(policy: NameIDPolicy): string {
  return (
    `<samlp:NameIDPolicy${attribute('AllowCreate', policy.allowCreate?.toString())}${attribute('Format', policy.format)}` +
    `${attribute('SPNameQualifier', policy.spNameQualifier)}></samlp:NameIDPolicy>`
  );
}

function writeRequestedAuthnContext({ comparison, classRefs }: RequestedAuthnContext): string {
  const refs = classRefs.map(
    (ref) => `<saml:AuthnContextClassRef xmlns:saml="${saml}">${escapeText(ref)}</saml:AuthnContextClassRef>`,
  );
  return `<samlp:RequestedAuthnContext Comparison="${comparison}">${refs.join('')}</samlp:RequestedAuthnContext>`;
}

/** saml-core §3.4.1, strictly in schema order. Scoping, Conditions and unknown Extensions may be there and are not looked at. */
export function parseAuthnRequest(element: XmlElement): AuthnRequest {
  expectAuthnRequest(element);
  expectVersion(element);
  expectAttributes(element, ...ATTRIBUTES);

  const parts = sequence(element);
  const issuer = parts.optional(saml, 'Issuer');
  if (issuer === undefined) throw noIssuer();
  parts.optional(ds, 'Signature');
  const extensions = parts.optional(samlp, 'Extensions');
  const subject = parts.optional(saml, 'Subject');
  const nameIDPolicy = parts.optional(samlp, 'NameIDPolicy');
  parts.optional(saml, 'Conditions');
  const requestedAuthnContext = parts.optional(samlp, 'RequestedAuthnContext');
  parts.optional(samlp, 'Scoping');
  parts.end();

  const destination = attr(element, 'Destination');
  const assertionConsumerServiceURL = attr(element, 'AssertionConsumerServiceURL');
  const assertionConsumerServiceIndex = unsignedShortAttribute(element, 'AssertionConsumerServiceIndex');
  const protocolBinding = attr(element, 'ProtocolBinding');
  const forceAuthn = booleanAttribute(element, 'ForceAuthn');
  const isPassive = booleanAttribute(element, 'IsPassive');
  const claim = extensions === undefined ? undefined : parseClaim(extensions);
  return {
    id: idAttribute(element),
    issueInstant: requiredDateTime(element, 'IssueInstant'),
    issuer: parseIssuer(issuer),
    ...(destination !== undefined && { destination }),
    ...(assertionConsumerServiceURL !== undefined && { assertionConsumerServiceURL }),
    ...(assertionConsumerServiceIndex !== undefined && { assertionConsumerServiceIndex }),
    ...(protocolBinding !== undefined && { protocolBinding }),
    ...(forceAuthn !== undefined && { forceAuthn }),
    ...(isPassive !== undefined && { isPassive }),
    ...(subject !== undefined && { subject: parseSubject(subject) }),
    ...(nameIDPolicy !== undefined && { nameIDPolicy: parseNameIDPolicy(nameIDPolicy) }),
    ...(requestedAuthnContext !== undefined && { requestedAuthnContext: parseRequestedAuthnContext(requestedAuthnContext) }),
    ...(claim !== undefined && { claim }),
  };
}

/** Who says it wrote the request: to find the registration that holds its keys. Nothing else may be done with it before the signature is verified. */
export function readAuthnRequestIssuer(element: XmlElement): string {
  expectAuthnRequest(element);
  const issuer = sequence(element).optional(saml, 'Issuer');
  if (issuer === undefined) throw noIssuer();
  return parseIssuer(issuer);
}

const ATTRIBUTES = [
  'ID',
  'Version',
  'IssueInstant',
  'Destination',
  'Consent',
  'ForceAuthn',
  'IsPassive',
  'ProtocolBinding',
  'AssertionConsumerServiceIndex',
  'AssertionConsumerServiceURL',
  'AttributeConsumingServiceIndex',
  'ProviderName',
];

function expectAuthnRequest(element: XmlElement): void {
  if (!isElement(element, samlp, 'AuthnRequest')) {
    throw new SamlError('message_unexpected', `an AuthnRequest is due here, not ${element.localName.slice(0, 64)}`);
  }
}

const noIssuer = (): SamlError => new SamlError('issuer_unknown', 'AuthnRequest has no Issuer');

/** saml-profiles §4.1.4.1: a Subject is allowed, a SubjectConfirmation in it is not. */
function parseSubject(element: XmlElement): NameID {
  expectAttributes(element);
  const parts = sequence(element);
  const name = parts.required(saml, 'NameID');
  parts.end();
  return parseNameID(name);
}

function parseNameIDPolicy(element: XmlElement): NameIDPolicy {
  expectAttributes(element, 'Format', 'SPNameQualifier', 'AllowCreate');
  sequence(element).end();
  const format = attr(element, 'Format');
  const spNameQualifier = attr(element, 'SPNameQualifier');
  const allowCreate = booleanAttribute(element, 'AllowCreate');
  return {
    ...(format !== undefined && { format }),
    ...(spNameQualifier !== undefined && { spNameQualifier }),
    ...(allowCreate !== undefined && { allowCreate }),
  };
}

const COMPARISONS = ['exact', 'minimum', 'maximum', 'better'] as const;

function parseRequestedAuthnContext(element: XmlElement): RequestedAuthnContext {
  expectAttributes(element, 'Comparison');
  const wanted = attr(element, 'Comparison') ?? 'exact';
  const comparison = COMPARISONS.find((name) => name === wanted);
  if (comparison === undefined) throw malformed(element, 'has an unknown Comparison');
  const parts = sequence(element);
  const classRefs = parts.all(saml, 'AuthnContextClassRef').map(uriText);
  // saml-core §3.3.2.2.1: declarations instead of classes are possible, and nothing here could match one.
  const declarations = classRefs.length === 0 ? parts.all(saml, 'AuthnContextDeclRef') : [];
  parts.end();
  if (classRefs.length + declarations.length === 0) throw malformed(element, 'names no class');
  return { comparison, classRefs };
}

function parseClaim(extensions: XmlElement): Claim | undefined {
  const [element, second] = children(extensions, lk, 'Claim');
  if (element === undefined) return undefined;
  if (second !== undefined) throw malformed(extensions, 'has more than one Claim');
  expectAttributes(element, 'userName', 'deviceId');
  const parts = sequence(element);
  const parameters = parts.all(lk, 'Parameter').map((parameter) => {
    expectAttributes(parameter, 'Name');
    return [requiredAttribute(parameter, 'Name'), text(parameter)] as const;
  });
  parts.end();
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) throw malformed(element, 'names a Parameter twice');
  return {
    userName: requiredAttribute(element, 'userName'),
    deviceId: requiredAttribute(element, 'deviceId'),
    parameters: Object.fromEntries(parameters),
  };
}
