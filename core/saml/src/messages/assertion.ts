import type { Digest, SigningKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { Assertion, Attribute, AuthnStatement, Conditions, NameID, SubjectConfirmation } from '../message.ts';
import { namespaces } from '../names.ts';
import { writeSignature } from '../signature/sign.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr, text } from '../xml/query.ts';
import { escapeText } from '../xml/write.ts';
import { parseIssuer, parseNameID, writeNameID } from './name-id.ts';
import {
  dateTimeAttribute,
  elementsOf,
  expectAttributes,
  expectVersion,
  idAttribute,
  isElement,
  malformed,
  requiredAttribute,
  requiredDateTime,
  sequence,
  uriText,
} from './schema.ts';
import { attribute, instant } from './write.ts';

const { saml, ds, xsi } = namespaces;

/** saml-core §2.3.3 in canonical form, self-contained, so that it stands in any Response as it was hashed. */
export function writeAssertion(assertion: Assertion, digest: Digest, key?: SigningKey): string {
  const head =
    `<saml:Assertion xmlns:saml="${saml}"${attribute('ID', assertion.id)}${instant('IssueInstant', assertion.issueInstant)} Version="2.0">` +
    `<saml:Issuer>${escapeText(assertion.issuer)}</saml:Issuer>`;
  const tail =
    `<saml:Subject>${writeNameID(assertion.subject)}${assertion.subjectConfirmations.map(writeSubjectConfirmation).join('')}</saml:Subject>` +
    writeConditions(assertion.conditions) +
    writeAuthnStatement(assertion.authnStatement) +
    writeAttributeStatement(assertion.attributes) +
    '</saml:Assertion>';
  if (key === undefined) return head + tail;
  return head + writeSignature(head + tail, assertion.id, key, digest) + tail;
}

function writeSubjectConfirmation(confirmation: SubjectConfirmation): string {
  const data =
    attribute('InResponseTo', confirmation.inResponseTo) +
    instant('NotBefore', confirmation.notBefore) +
    instant('NotOnOrAfter', confirmation.notOnOrAfter) +
    attribute('Recipient', confirmation.recipient);
  const element = data === '' ? '' : `<saml:SubjectConfirmationData${data}></saml:SubjectConfirmationData>`;
  return `<saml:SubjectConfirmation${attribute('Method', confirmation.method)}>${element}</saml:SubjectConfirmation>`;
}

function writeConditions(conditions: Conditions): string {
  let restrictions = '';
  for (const audiences of conditions.audienceRestrictions) {
    restrictions += '<saml:AudienceRestriction>';
    for (const audience of audiences) restrictions += `<saml:Audience>${escapeText(audience)}</saml:Audience>`;
    restrictions += '</saml:AudienceRestriction>';
  }
  if (conditions.oneTimeUse) restrictions += '<saml:OneTimeUse></saml:OneTimeUse>';
  if (conditions.proxyRestriction) restrictions += '<saml:ProxyRestriction></saml:ProxyRestriction>';
  return (
    `<saml:Conditions${instant('NotBefore', conditions.notBefore)}${instant('NotOnOrAfter', conditions.notOnOrAfter)}>` +
    `${restrictions}</saml:Conditions>`
  );
}

function writeAuthnStatement(statement: AuthnStatement): string {
  return (
    `<saml:AuthnStatement${instant('AuthnInstant', statement.authnInstant)}${attribute('SessionIndex', statement.sessionIndex)}` +
    `${instant('SessionNotOnOrAfter', statement.sessionNotOnOrAfter)}><saml:AuthnContext><saml:AuthnContextClassRef>` +
    `${escapeText(statement.authnContextClassRef)}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
  );
}

function writeAttributeStatement(attributes: readonly Attribute[]): string {
  if (attributes.length === 0) return '';
  let text = '<saml:AttributeStatement>';
  for (const { name, nameFormat, friendlyName, values } of attributes) {
    text += `<saml:Attribute${attribute('FriendlyName', friendlyName)}${attribute('Name', name)}${attribute('NameFormat', nameFormat)}>`;
    for (const value of values) text += `<saml:AttributeValue>${escapeText(value)}</saml:AttributeValue>`;
    text += '</saml:Attribute>';
  }
  return `${text}</saml:AttributeStatement>`;
}

/** saml-core §2.3.3, strictly in schema order. Hand it nothing but the element that `verifySignature` returned. */
export function parseAssertion(element: XmlElement): Assertion {
  if (!isElement(element, saml, 'Assertion')) {
    throw new SamlError('message_unexpected', `an Assertion is due here, not ${element.localName.slice(0, 64)}`);
  }
  expectVersion(element);
  expectAttributes(element, 'ID', 'Version', 'IssueInstant');

  const parts = sequence(element);
  const issuer = parseIssuer(parts.required(saml, 'Issuer'));
  parts.optional(ds, 'Signature');
  const subject = parts.required(saml, 'Subject');
  const conditions = parts.optional(saml, 'Conditions');
  if (conditions === undefined) throw new SamlError('conditions', 'Assertion has no Conditions');
  parts.optional(saml, 'Advice');
  // saml-core §2.3.3 lets statements come in any order.
  const attributeStatements = parts.all(saml, 'AttributeStatement');
  const authnStatement = parts.optional(saml, 'AuthnStatement');
  if (authnStatement === undefined) throw new SamlError('authn_statement', 'Assertion has no AuthnStatement');
  attributeStatements.push(...parts.all(saml, 'AttributeStatement'));
  if (parts.optional(saml, 'AuthnStatement') !== undefined) {
    throw new SamlError('authn_statement', 'Assertion has more than one AuthnStatement');
  }
  parts.end();

  return {
    id: idAttribute(element),
    issueInstant: requiredDateTime(element, 'IssueInstant'),
    issuer,
    ...parseSubject(subject),
    conditions: parseConditions(conditions),
    authnStatement: parseAuthnStatement(authnStatement),
    attributes: attributeStatements.flatMap(parseAttributeStatement),
  };
}

function parseSubject(element: XmlElement): {
  readonly subject: NameID;
  readonly subjectConfirmations: readonly SubjectConfirmation[];
} {
  expectAttributes(element);
  const parts = sequence(element);
  const name = parts.required(saml, 'NameID');
  const confirmations = parts.all(saml, 'SubjectConfirmation');
  parts.end();
  return { subject: parseNameID(name), subjectConfirmations: confirmations.map(parseSubjectConfirmation) };
}

/** saml-core §2.4.1.1. Its data may hold anything (a key for holder-of-key): only the attributes are read. */
function parseSubjectConfirmation(element: XmlElement): SubjectConfirmation {
  expectAttributes(element, 'Method');
  const method = requiredAttribute(element, 'Method');
  const parts = sequence(element);
  parts.optional(saml, 'NameID');
  const data = parts.optional(saml, 'SubjectConfirmationData');
  parts.end();
  if (data === undefined) return { method };

  expectAttributes(data, 'NotBefore', 'NotOnOrAfter', 'Recipient', 'InResponseTo', 'Address');
  const inResponseTo = attr(data, 'InResponseTo');
  const recipient = attr(data, 'Recipient');
  const notBefore = dateTimeAttribute(data, 'NotBefore');
  const notOnOrAfter = dateTimeAttribute(data, 'NotOnOrAfter');
  return {
    method,
    ...(inResponseTo !== undefined && { inResponseTo }),
    ...(recipient !== undefined && { recipient }),
    ...(notBefore !== undefined && { notBefore }),
    ...(notOnOrAfter !== undefined && { notOnOrAfter }),
  };
}

/** saml-core §2.5.1: a condition that is not understood makes the assertion's validity indeterminate, so it is refused. */
function parseConditions(element: XmlElement): Conditions {
  expectAttributes(element, 'NotBefore', 'NotOnOrAfter');
  const notBefore = dateTimeAttribute(element, 'NotBefore');
  const notOnOrAfter = dateTimeAttribute(element, 'NotOnOrAfter');
  const audienceRestrictions: (readonly string[])[] = [];
  let oneTimeUse = false;
  let proxyRestriction = false;
  for (const condition of elementsOf(element)) {
    if (isElement(condition, saml, 'AudienceRestriction')) audienceRestrictions.push(parseAudienceRestriction(condition));
    else if (isElement(condition, saml, 'OneTimeUse')) oneTimeUse = true;
    else if (isElement(condition, saml, 'ProxyRestriction')) proxyRestriction = true;
    else throw new SamlError('conditions', `the condition ${condition.localName.slice(0, 64)} is not understood`);
  }
  return {
    ...(notBefore !== undefined && { notBefore }),
    ...(notOnOrAfter !== undefined && { notOnOrAfter }),
    audienceRestrictions,
    oneTimeUse,
    proxyRestriction,
  };
}

function parseAudienceRestriction(element: XmlElement): readonly string[] {
  expectAttributes(element);
  const parts = sequence(element);
  const audiences = parts.all(saml, 'Audience').map(uriText);
  parts.end();
  return audiences;
}

function parseAuthnStatement(element: XmlElement): AuthnStatement {
  expectAttributes(element, 'AuthnInstant', 'SessionIndex', 'SessionNotOnOrAfter');
  const sessionIndex = attr(element, 'SessionIndex');
  const sessionNotOnOrAfter = dateTimeAttribute(element, 'SessionNotOnOrAfter');
  const parts = sequence(element);
  parts.optional(saml, 'SubjectLocality');
  const context = sequence(parts.required(saml, 'AuthnContext'));
  parts.end();
  const classRef = context.required(saml, 'AuthnContextClassRef');
  context.optional(saml, 'AuthnContextDecl') ?? context.optional(saml, 'AuthnContextDeclRef');
  context.all(saml, 'AuthenticatingAuthority');
  context.end();
  return {
    authnInstant: requiredDateTime(element, 'AuthnInstant'),
    ...(sessionIndex !== undefined && { sessionIndex }),
    ...(sessionNotOnOrAfter !== undefined && { sessionNotOnOrAfter }),
    authnContextClassRef: uriText(classRef),
  };
}

function parseAttributeStatement(element: XmlElement): Attribute[] {
  expectAttributes(element);
  const parts = sequence(element);
  const attributes = parts.all(saml, 'Attribute').map(parseAttribute);
  parts.end();
  if (attributes.length === 0) throw malformed(element, 'holds no Attribute');
  return attributes;
}

/** saml-core §2.7.3.1. A value that is not text alone (a NameID, xsi:nil) is nothing we could map: it is left out. */
function parseAttribute(element: XmlElement): Attribute {
  const nameFormat = attr(element, 'NameFormat');
  const friendlyName = attr(element, 'FriendlyName');
  const parts = sequence(element);
  const values = parts.all(saml, 'AttributeValue').filter(isPlainText).map(text);
  parts.end();
  return {
    name: requiredAttribute(element, 'Name'),
    ...(nameFormat !== undefined && { nameFormat }),
    ...(friendlyName !== undefined && { friendlyName }),
    values,
  };
}

function isPlainText(value: XmlElement): boolean {
  const nil = value.attributes.some(({ namespace, localName }) => namespace === xsi && localName === 'nil');
  return !nil && value.children.every((node) => typeof node === 'string');
}
