import { SamlError } from '../errors.ts';
import { parseIssuer } from '../messages/name-id.ts';
import { booleanAttribute, elementsOf, isElement, malformed, requiredAttribute, sequence } from '../messages/schema.ts';
import { attribute } from '../messages/write.ts';
import { namespaces } from '../names.ts';
import type { XmlElement, XmlReader } from '../xml/element.ts';
import { attr, text } from '../xml/query.ts';
import { escapeText } from '../xml/write.ts';
import { expectShortRelayState } from './fields.ts';
import { expectSelfContained } from './self-contained.ts';

const { soap, paos, ecp, saml, samlp } = namespaces;

/** saml-profiles §4.2.3.1: SOAP 1.1 header blocks of ECP are for whoever gets them next. */
const NEXT = 'http://schemas.xmlsoap.org/soap/actor/next';
const FOR_NEXT = ` S:actor="${NEXT}" S:mustUnderstand="1"`;

/** A SOAP 1.1 envelope, taken apart. */
interface Envelope {
  readonly header: XmlElement | undefined;
  readonly blocks: readonly XmlElement[];
  /** The one child of the Body. */
  readonly content: XmlElement;
}

const envelope = (blocks: string, content: string): string =>
  `<S:Envelope xmlns:S="${soap}">${blocks === '' ? '' : `<S:Header>${blocks}</S:Header>`}<S:Body>${content}</S:Body></S:Envelope>`;

/** The service provider's request to the client (saml-profiles §4.2.3.2, saml-bindings §3.3.3): `authnRequest` is put in as it is. */
export function writePaosRequest(request: {
  readonly authnRequest: string;
  readonly responseConsumerURL: string;
  readonly issuer: string;
  readonly relayState?: string;
  readonly isPassive?: boolean;
  readonly messageID?: string;
}): string {
  expectShortRelayState(request.relayState);
  const paosRequest =
    `<paos:Request xmlns:paos="${paos}"${FOR_NEXT}${attribute('messageID', request.messageID)}` +
    `${attribute('responseConsumerURL', request.responseConsumerURL)} service="${ecp}"></paos:Request>`;
  const ecpRequest =
    `<ecp:Request xmlns:ecp="${ecp}" IsPassive="${request.isPassive === true ? '1' : '0'}"${FOR_NEXT}>` +
    `<saml:Issuer xmlns:saml="${saml}">${escapeText(request.issuer)}</saml:Issuer></ecp:Request>`;
  return envelope(paosRequest + ecpRequest + writeRelayState(request.relayState), request.authnRequest);
}

/** What the client needs of a service provider's request. */
export interface PaosRequest {
  readonly responseConsumerURL: string;
  readonly service: string;
  readonly messageID?: string;
  readonly ecpIssuer: string;
  readonly isPassive: boolean;
  /** Whom the service provider would like to be asked. A client that knows its identity provider does not look at it. */
  readonly idpList: readonly string[];
  /** To be echoed. */
  readonly relayState?: string;
  readonly authnRequest: XmlElement;
  /** The envelope without its Header, else byte for byte: what goes to the identity provider (saml-profiles §4.2.3.3). */
  readonly message: string;
}

/** saml-profiles §4.2.3.2. */
export function parsePaosRequest(source: string, read: XmlReader): PaosRequest {
  const { header, blocks, content } = parseEnvelope(source, read, [
    [paos, 'Request'],
    [ecp, 'Request'],
    [ecp, 'RelayState'],
  ]);
  expectContent(content, 'AuthnRequest');
  const paosRequest = requiredBlock(blocks, paos, 'Request');
  const ecpRequest = requiredBlock(blocks, ecp, 'Request');
  const service = requiredAttribute(paosRequest, 'service');
  if (service !== ecp) throw new SamlError('binding_malformed', 'the paos:Request asks for another service than ECP');
  const messageID = attr(paosRequest, 'messageID');
  const relayState = relayStateOf(blocks);

  const parts = sequence(ecpRequest);
  const ecpIssuer = parseIssuer(parts.required(saml, 'Issuer'));
  const idpList = parts.optional(samlp, 'IDPList');
  parts.end();
  return {
    responseConsumerURL: requiredAttribute(paosRequest, 'responseConsumerURL'),
    service,
    ...(messageID !== undefined && { messageID }),
    ecpIssuer,
    isPassive: booleanAttribute(ecpRequest, 'IsPassive') ?? true,
    idpList: idpList === undefined ? [] : parseIdpList(idpList),
    ...(relayState !== undefined && { relayState }),
    authnRequest: content,
    message: header === undefined ? source : source.slice(0, header.start) + source.slice(header.end),
  };
}

/** saml-core §3.4.1.3. */
function parseIdpList(element: XmlElement): string[] {
  const parts = sequence(element);
  const entries = parts.all(samlp, 'IDPEntry').map((entry) => requiredAttribute(entry, 'ProviderID'));
  parts.optional(samlp, 'GetComplete');
  parts.end();
  return entries;
}

/** What stands in the Body of a request to the identity provider (saml-bindings §3.2.2). */
export function parseSoapRequest(source: string, read: XmlReader): XmlElement {
  return parseEnvelope(source, read, []).content;
}

/** The identity provider's answer to the client (saml-profiles §4.2.3.4): `response` is put in as it is. */
export function writeEcpResponse(answer: { readonly response: string; readonly assertionConsumerServiceURL: string }): string {
  const block =
    `<ecp:Response xmlns:ecp="${ecp}"${attribute('AssertionConsumerServiceURL', answer.assertionConsumerServiceURL)}` +
    `${FOR_NEXT}></ecp:Response>`;
  return envelope(block, answer.response);
}

/** What the client needs of the identity provider's answer. */
export interface EcpResponse {
  /** Must be the same as the service provider's responseConsumerURL, else the client sends a fault. */
  readonly assertionConsumerServiceURL: string;
  readonly response: XmlElement;
  /** The Response byte for byte: it needs no namespace of the envelope, so it can be put into another one. */
  readonly responseText: string;
}

/** saml-profiles §4.2.3.4. */
export function parseEcpResponse(source: string, read: XmlReader): EcpResponse {
  const { blocks, content } = parseEnvelope(source, read, [
    [ecp, 'Response'],
    [ecp, 'RequestAuthenticated'],
  ]);
  expectContent(content, 'Response');
  const ecpResponse = requiredBlock(blocks, ecp, 'Response');
  expectSelfContained(content);
  return {
    assertionConsumerServiceURL: requiredAttribute(ecpResponse, 'AssertionConsumerServiceURL'),
    response: content,
    responseText: source.slice(content.start, content.end),
  };
}

/** The client's answer to the service provider (saml-profiles §4.2.3.5): `response` is put in as it is, RelayState is echoed. */
export function writePaosResponse(answer: {
  readonly response: string;
  readonly relayState?: string;
  readonly refToMessageID?: string;
}): string {
  const block = `<paos:Response xmlns:paos="${paos}"${FOR_NEXT}${attribute('refToMessageID', answer.refToMessageID)}></paos:Response>`;
  return envelope(block + writeRelayState(answer.relayState), answer.response);
}

/** What the service provider needs of the client's answer. */
export interface PaosResponse {
  readonly response: XmlElement;
  readonly relayState?: string;
}

/** saml-profiles §4.2.3.5. A client that could not get a Response sends a fault, which is thrown as `message_unexpected`. */
export function parsePaosResponse(source: string, read: XmlReader): PaosResponse {
  const { blocks, content } = parseEnvelope(source, read, [
    [paos, 'Response'],
    [ecp, 'RelayState'],
  ]);
  expectContent(content, 'Response');
  const relayState = relayStateOf(blocks);
  return { response: content, ...(relayState !== undefined && { relayState }) };
}

/** SOAP 1.1 §4.4. */
export interface SoapFault {
  readonly faultcode: 'Client' | 'Server';
  readonly faultstring: string;
}

export function writeSoapFault({ faultcode, faultstring }: SoapFault): string {
  return envelope(
    '',
    `<S:Fault><faultcode>S:${faultcode}</faultcode><faultstring>${escapeText(faultstring)}</faultstring></S:Fault>`,
  );
}

/** The fault in an envelope's Body. Codes of SOAP 1.1 other than Client (MustUnderstand, VersionMismatch) count as Server. */
export function parseSoapFault(source: string, read: XmlReader): SoapFault {
  const { content } = parseEnvelope(source, read, []);
  if (!isElement(content, soap, 'Fault')) throw new SamlError('message_unexpected', 'the Body holds no Fault');
  return readFault(content);
}

function readFault(fault: XmlElement): SoapFault {
  const parts = sequence(fault);
  const faultcode = text(parts.required('', 'faultcode')).trim();
  const faultstring = text(parts.required('', 'faultstring'));
  return { faultcode: /(^|:)Client(\.|$)/.test(faultcode) ? 'Client' : 'Server', faultstring };
}

function parseEnvelope(source: string, read: XmlReader, understood: readonly (readonly [string, string])[]): Envelope {
  const root = read(source);
  if (!isElement(root, soap, 'Envelope')) throw new SamlError('binding_malformed', 'a SOAP 1.1 Envelope is due here');
  const parts = sequence(root);
  const header = parts.optional(soap, 'Header');
  const body = parts.required(soap, 'Body');
  parts.end();
  const [content, second] = elementsOf(body);
  if (content === undefined || second !== undefined)
    throw new SamlError('binding_malformed', 'the Body must hold exactly one message');

  const blocks = header === undefined ? [] : elementsOf(header);
  for (const block of blocks) {
    const known = understood.some(([namespace, localName]) => isElement(block, namespace, localName));
    if (known && !isForNext(block))
      throw new SamlError('binding_malformed', `the header block ${block.localName} is for another actor`);
    if (!known && isForNext(block) && mustBeUnderstood(block)) {
      throw new SamlError('binding_malformed', `the header block ${block.localName.slice(0, 64)} is not understood`);
    }
  }
  return { header, blocks, content };
}

/** SOAP 1.1 §4.2.2. lasso, and so mod_auth_mellon, writes the attribute unqualified. */
function isForNext(block: XmlElement): boolean {
  const actor = soapAttribute(block, 'actor');
  return actor === undefined || actor === '' || actor === NEXT;
}

/** SOAP 1.1 §4.2.3 says "1"; lasso, and so mod_auth_mellon, writes "true". */
function mustBeUnderstood(block: XmlElement): boolean {
  const value = soapAttribute(block, 'mustUnderstand');
  return value !== undefined && value !== '0' && value !== 'false';
}

function soapAttribute(block: XmlElement, name: string): string | undefined {
  const qualified = block.attributes.find(({ namespace, localName }) => namespace === soap && localName === name);
  return qualified?.value ?? attr(block, name);
}

function requiredBlock(blocks: readonly XmlElement[], namespace: string, localName: string): XmlElement {
  const block = optionalBlock(blocks, namespace, localName);
  if (block === undefined) throw new SamlError('binding_malformed', `the header block ${localName} of ${namespace} is missing`);
  return block;
}

function optionalBlock(blocks: readonly XmlElement[], namespace: string, localName: string): XmlElement | undefined {
  const [block, second] = blocks.filter((candidate) => isElement(candidate, namespace, localName));
  if (second !== undefined) throw malformed(second, 'comes twice in the Header');
  return block;
}

function relayStateOf(blocks: readonly XmlElement[]): string | undefined {
  const block = optionalBlock(blocks, ecp, 'RelayState');
  return block === undefined ? undefined : text(block);
}

function writeRelayState(relayState: string | undefined): string {
  return relayState === undefined
    ? ''
    : `<ecp:RelayState xmlns:ecp="${ecp}"${FOR_NEXT}>${escapeText(relayState)}</ecp:RelayState>`;
}

function expectContent(content: XmlElement, localName: string): void {
  if (isElement(content, samlp, localName)) return;
  if (isElement(content, soap, 'Fault')) {
    throw new SamlError('message_unexpected', `a SOAP fault came: ${readFault(content).faultstring.slice(0, 200)}`);
  }
  throw new SamlError('message_unexpected', `${localName} is due here, not ${content.localName.slice(0, 64)}`);
}
