import { isBase64 } from '../bindings/fields.ts';
import type { Digest, VerificationKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { Endpoint, EntityDescriptor, IDPSSODescriptor, KeyDescriptor, SPSSODescriptor } from '../message.ts';
import {
  booleanAttribute,
  dateTimeAttribute,
  isElement,
  requiredAttribute,
  unsignedShortAttribute,
  uriText,
} from '../messages/schema.ts';
import { namespaces } from '../names.ts';
import { verifySignature } from '../signature/verify.ts';
import type { XmlElement, XmlReader } from '../xml/element.ts';
import { attr, child, children, text } from '../xml/query.ts';

const { md, ds, samlp } = namespaces;

/** The moment the metadata is judged at; with keys, it must be signed by one of them. */
export interface MetadataOptions {
  readonly now: Date;
  readonly signer?: { readonly keys: readonly VerificationKey[]; readonly digest: Digest };
}

/**
 * Metadata as an administrator pastes or uploads it. Unlike messages it may hold comments, because Shibboleth puts one in front of
 * all it generates; they are taken out first (a signature never covers them).
 */
export function readMetadata(source: string, read: XmlReader, options: MetadataOptions): EntityDescriptor {
  return parseEntityDescriptor(read(withoutComments(source)), options);
}

function withoutComments(source: string): string {
  // In a CDATA section "<!--" is text: such a document goes to the reader as it is, which refuses comments.
  if (!source.includes('<!--') || source.includes('<![CDATA[')) return source;
  let rest = '';
  let from = 0;
  for (let start = source.indexOf('<!--'); start >= 0; start = source.indexOf('<!--', from)) {
    const end = source.indexOf('--', start + 4);
    if (end < 0 || source[end + 2] !== '>') throw new SamlError('xml_malformed', `a comment that does not end at ${start}`);
    rest += source.slice(from, start);
    from = end + 3;
  }
  return rest + source.slice(from);
}

/**
 * saml-metadata §2.3: an EntityDescriptor, or an EntitiesDescriptor around exactly one. What we do not use (Organization,
 * ContactPerson, Extensions, other roles and protocols) may be there; what we use must be right.
 */
export function parseEntityDescriptor(root: XmlElement, { now, signer }: MetadataOptions): EntityDescriptor {
  const verified = signer === undefined ? root : verifySignature(root, signer.keys, signer.digest);
  const entity = onlyEntity(verified, now);
  const validUntil = expectValid(entity, now);
  const sp = role(entity, 'SPSSODescriptor', now);
  const idp = role(entity, 'IDPSSODescriptor', now);
  const entityID = requiredAttribute(entity, 'entityID');
  if (entityID.length > 1024) throw invalid('entityID is longer than 1024 characters');
  if (sp === undefined && idp === undefined)
    throw invalid('the entity is neither a SAML 2.0 service provider nor an identity provider');
  return {
    entityID,
    ...(validUntil !== undefined && { validUntil }),
    ...(sp !== undefined && { sp: parseSp(sp) }),
    ...(idp !== undefined && { idp: parseIdp(idp) }),
  };
}

function onlyEntity(element: XmlElement, now: Date): XmlElement {
  if (isElement(element, md, 'EntityDescriptor')) return element;
  if (!isElement(element, md, 'EntitiesDescriptor')) throw invalid('an EntityDescriptor is due here');
  expectValid(element, now);
  const [entity, second] = children(element, md, 'EntityDescriptor');
  if (entity === undefined || second !== undefined || child(element, md, 'EntitiesDescriptor') !== undefined) {
    throw invalid('an EntitiesDescriptor must hold exactly one entity: cut out the one that is meant');
  }
  return entity;
}

/** saml-metadata §2.3.1: validUntil is when the metadata ends, on whatever level it stands. */
function expectValid(element: XmlElement, now: Date): Date | undefined {
  const validUntil = dateTimeAttribute(element, 'validUntil');
  if (validUntil !== undefined && validUntil.getTime() <= now.getTime()) {
    throw invalid(`the metadata was valid until ${validUntil.toISOString()} only: get a fresh copy`);
  }
  return validUntil;
}

/** The one role descriptor for SAML 2.0, if there is one. */
function role(entity: XmlElement, localName: string, now: Date): XmlElement | undefined {
  const roles = children(entity, md, localName).filter((element) =>
    (attr(element, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(samlp),
  );
  const [descriptor, second] = roles;
  if (second !== undefined) throw invalid(`more than one ${localName} for SAML 2.0`);
  if (descriptor !== undefined) expectValid(descriptor, now);
  return descriptor;
}

function parseSp(element: XmlElement): SPSSODescriptor {
  const assertionConsumerServices = endpoints(element, 'AssertionConsumerService');
  if (assertionConsumerServices.length === 0) throw invalid('SPSSODescriptor has no AssertionConsumerService');
  const indexes = assertionConsumerServices.map(({ index }) => index).filter((index) => index !== undefined);
  if (new Set(indexes).size < indexes.length) throw invalid('two AssertionConsumerService elements have the same index');
  return {
    authnRequestsSigned: booleanAttribute(element, 'AuthnRequestsSigned') ?? false,
    wantAssertionsSigned: booleanAttribute(element, 'WantAssertionsSigned') ?? false,
    keys: parseKeys(element),
    nameIDFormats: children(element, md, 'NameIDFormat').map(uriText),
    assertionConsumerServices,
    singleLogoutServices: endpoints(element, 'SingleLogoutService'),
  };
}

function parseIdp(element: XmlElement): IDPSSODescriptor {
  const singleSignOnServices = endpoints(element, 'SingleSignOnService');
  if (singleSignOnServices.length === 0) throw invalid('IDPSSODescriptor has no SingleSignOnService');
  return {
    wantAuthnRequestsSigned: booleanAttribute(element, 'WantAuthnRequestsSigned') ?? false,
    keys: parseKeys(element),
    nameIDFormats: children(element, md, 'NameIDFormat').map(uriText),
    singleSignOnServices,
    singleLogoutServices: endpoints(element, 'SingleLogoutService'),
  };
}

/** saml-metadata §2.4.1.1: a KeyDescriptor is one key. Keys that are only named, not given as a certificate, are of no use here. */
function parseKeys(element: XmlElement): KeyDescriptor[] {
  return children(element, md, 'KeyDescriptor').flatMap((descriptor) => {
    const use = attr(descriptor, 'use');
    if (use !== undefined && use !== 'signing' && use !== 'encryption') throw invalid('KeyDescriptor has an unknown use');
    const certificate = children(descriptor, ds, 'KeyInfo')
      .flatMap((keyInfo) => children(keyInfo, ds, 'X509Data'))
      .flatMap((data) => children(data, ds, 'X509Certificate'))[0];
    if (certificate === undefined) return [];
    const base64 = text(certificate).replace(/[ \t\r\n]/g, '');
    if (!isBase64(base64)) throw invalid('an X509Certificate is no base64');
    return [{ ...(use !== undefined && { use }), certificate: base64 }];
  });
}

function endpoints(element: XmlElement, localName: string): Endpoint[] {
  return children(element, md, localName).map((endpoint) => {
    const responseLocation = attr(endpoint, 'ResponseLocation');
    const index = unsignedShortAttribute(endpoint, 'index');
    const isDefault = booleanAttribute(endpoint, 'isDefault');
    return {
      binding: requiredAttribute(endpoint, 'Binding'),
      location: webAddress(requiredAttribute(endpoint, 'Location'), localName),
      ...(responseLocation !== undefined && { responseLocation: webAddress(responseLocation, localName) }),
      ...(index !== undefined && { index }),
      ...(isDefault !== undefined && { isDefault }),
    };
  });
}

/** Browsers are sent there and pages name it: no `javascript:`, no user information, nothing but printable ASCII (class 62). */
function webAddress(location: string, localName: string): string {
  if (!/^https?:\/\/[A-Za-z0-9._~%:[\]-]+(?:[/?][!-~]*)?$/.test(location)) {
    throw invalid(`${localName} has a Location that is no http or https address`);
  }
  return location;
}

const invalid = (detail: string): SamlError => new SamlError('metadata_invalid', detail);
