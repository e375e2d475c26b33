import type { Digest, SigningKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { Response, Status } from '../message.ts';
import { namespaces } from '../names.ts';
import { writeSignature } from '../signature/sign.ts';
import type { XmlElement } from '../xml/element.ts';
import { attr, text } from '../xml/query.ts';
import { escapeText } from '../xml/write.ts';
import { writeAssertion } from './assertion.ts';
import { parseIssuer } from './name-id.ts';
import {
  expectAttributes,
  expectVersion,
  idAttribute,
  isElement,
  requiredAttribute,
  requiredDateTime,
  sequence,
} from './schema.ts';
import { attribute, instant } from './write.ts';

const { samlp, saml, ds } = namespaces;

/** Which key signs which part. Without a key a part stays unsigned. */
export interface ResponseSigning {
  readonly digest: Digest;
  readonly assertionKey?: SigningKey;
  readonly responseKey?: SigningKey;
}

/** saml-core §3.3.3, written in canonical form: what is hashed is what is sent. */
export function writeResponse(response: Response, signing: ResponseSigning): string {
  const head =
    `<samlp:Response xmlns:samlp="${samlp}"${attribute('Destination', response.destination)}${attribute('ID', response.id)}` +
    `${attribute('InResponseTo', response.inResponseTo)}${instant('IssueInstant', response.issueInstant)} Version="2.0">` +
    `<saml:Issuer xmlns:saml="${saml}">${escapeText(response.issuer)}</saml:Issuer>`;
  const tail =
    writeStatus(response.status) +
    (response.assertion === undefined ? '' : writeAssertion(response.assertion, signing.digest, signing.assertionKey)) +
    '</samlp:Response>';
  if (signing.responseKey === undefined) return head + tail;
  return head + writeSignature(head + tail, response.id, signing.responseKey, signing.digest) + tail;
}

function writeStatus({ code, subCode, message }: Status): string {
  const below = subCode === undefined ? '' : `<samlp:StatusCode${attribute('Value', subCode)}></samlp:StatusCode>`;
  const words = message === undefined ? '' : `<samlp:StatusMessage>${escapeText(message)}</samlp:StatusMessage>`;
  return `<samlp:Status><samlp:StatusCode${attribute('Value', code)}>${below}</samlp:StatusCode>${words}</samlp:Status>`;
}

/** A Response as it stands on the wire: its assertions are elements still, because nothing of them may be read unverified. */
export interface ReceivedResponse extends Omit<Response, 'assertion'> {
  readonly assertionElements: readonly XmlElement[];
  readonly encryptedAssertionElements: readonly XmlElement[];
}

/** saml-core §3.2.2 and §3.3.3, strictly in schema order. */
export function parseResponse(element: XmlElement): ReceivedResponse {
  if (!isElement(element, samlp, 'Response')) {
    throw new SamlError('message_unexpected', `a Response is due here, not ${element.localName.slice(0, 64)}`);
  }
  expectVersion(element);
  expectAttributes(element, 'ID', 'InResponseTo', 'Version', 'IssueInstant', 'Destination', 'Consent');

  const parts = sequence(element);
  const issuer = parts.optional(saml, 'Issuer');
  if (issuer === undefined) throw new SamlError('issuer_unknown', 'Response has no Issuer');
  parts.optional(ds, 'Signature');
  parts.optional(samlp, 'Extensions');
  const status = parseStatus(parts.required(samlp, 'Status'));
  const assertionElements = parts.all(saml, 'Assertion');
  const encryptedAssertionElements = parts.all(saml, 'EncryptedAssertion');
  assertionElements.push(...parts.all(saml, 'Assertion'));
  parts.end();

  const inResponseTo = attr(element, 'InResponseTo');
  const destination = attr(element, 'Destination');
  return {
    id: idAttribute(element),
    issueInstant: requiredDateTime(element, 'IssueInstant'),
    issuer: parseIssuer(issuer),
    ...(inResponseTo !== undefined && { inResponseTo }),
    ...(destination !== undefined && { destination }),
    status,
    assertionElements,
    encryptedAssertionElements,
  };
}

/** saml-core §3.2.2.1. StatusDetail may be there and is not looked at. */
function parseStatus(element: XmlElement): Status {
  expectAttributes(element);
  const parts = sequence(element);
  const code = parts.required(samlp, 'StatusCode');
  const message = parts.optional(samlp, 'StatusMessage');
  parts.optional(samlp, 'StatusDetail');
  parts.end();
  expectAttributes(code, 'Value');
  const below = sequence(code);
  const subCode = below.optional(samlp, 'StatusCode');
  below.end();
  return {
    code: requiredAttribute(code, 'Value'),
    ...(subCode !== undefined && { subCode: requiredAttribute(subCode, 'Value') }),
    ...(message !== undefined && { message: text(message) }),
  };
}
