/** SAML 2.0: strict XML, signatures, messages, bindings, metadata and the checks of both sides. The only door of this core. */

export type { MessageParameter } from './bindings/fields.ts';
/**
 * HTTP-POST: the page that posts itself out, the form's fields in.
 * @example const { base64 } = parsePost(fields)
 */
export { type PostMessage, parsePost, writePostForm } from './bindings/post.ts';
/**
 * HTTP-Redirect: the URL out, the raw query in, and the signature over its octets.
 * @example const message = parseRedirect(rawQuery); verifyRedirect(message, keys)
 */
export { parseRedirect, type RedirectMessage, verifyRedirect, writeRedirect } from './bindings/redirect.ts';
/**
 * SOAP and PAOS for the enhanced client profile, both ends of each of its four messages.
 * @example const { authnRequest, message } = parsePaosRequest(body, readXml)
 */
export {
  type EcpResponse,
  type PaosRequest,
  type PaosResponse,
  parseEcpResponse,
  parsePaosRequest,
  parsePaosResponse,
  parseSoapFault,
  parseSoapRequest,
  type SoapFault,
  writeEcpResponse,
  writePaosRequest,
  writePaosResponse,
  writeSoapFault,
} from './bindings/soap.ts';
/**
 * Does a sign-in of this class give the RequestedAuthnContext?
 * @example satisfiesAuthnContext(request.requestedAuthnContext, authnContextClasses.E0)
 */
export { satisfiesAuthnContext } from './checks/authn-context.ts';
/**
 * The identity provider's checks of an AuthnRequest, all of them; throws `SamlError` with the first that fails.
 * @example checkAuthnRequest({ element, receivedBy: { binding: 'soap' }, sp, idp, now, skewSeconds: 60, digest })
 */
export {
  type AuthnRequestInput,
  type CheckedAuthnRequest,
  checkAuthnRequest,
  type ReceivedBy,
  type RegisteredServiceProvider,
} from './checks/idp.ts';
/**
 * The one rule for the text of a NameID; throws `SamlError('name_id')`.
 * @example checkNameID('jane@example.com')
 */
export { checkNameID } from './checks/name-id.ts';
/**
 * The one assertion of a Response as the element that was digested; a client checks its identity provider's answer with it.
 * @example verifiedAssertion(element, { keys, wantResponseSigned: false, wantAssertionSigned: true }, digest)
 */
export { type SignaturePolicy, verifiedAssertion } from './checks/signed-assertion.ts';
/**
 * The service provider's checks of a Response, all of them; throws `SamlError` with the first that fails.
 * @example const { assertion } = checkResponse({ element, idp, sp, isExpectedRequest, now, skewSeconds: 60, digest })
 */
export { checkResponse, type ResponseInput, type VerifiedResponse } from './checks/sp.ts';
export type { Digest, DigestAlgorithm, SignatureAlgorithm, SigningKey, VerificationKey } from './crypto.ts';
export { SamlError, type SamlErrorCode } from './errors.ts';
export type {
  Assertion,
  Attribute,
  AuthnRequest,
  AuthnStatement,
  Claim,
  Conditions,
  Endpoint,
  EntityDescriptor,
  IDPSSODescriptor,
  KeyDescriptor,
  NameID,
  NameIDPolicy,
  RequestedAuthnContext,
  Response,
  SPSSODescriptor,
  Status,
  SubjectConfirmation,
} from './message.ts';
/**
 * The Assertion in an element that was verified.
 * @example parseAssertion(verifiedAssertion(element, policy, digest)).subject.value
 */
export { parseAssertion } from './messages/assertion.ts';
/**
 * An AuthnRequest as text, signed when a key is given.
 * @example writeAuthnRequest({ id: '_1', issueInstant: now, issuer: spEntityId }, { key, digest })
 */
export { parseAuthnRequest, readAuthnRequestIssuer, writeAuthnRequest } from './messages/authn-request.ts';
/**
 * A Response as text; the keys say which of its two parts are signed.
 * @example writeResponse(response, { digest, assertionKey: key })
 */
export { parseResponse, type ReceivedResponse, type ResponseSigning, writeResponse } from './messages/response.ts';
/**
 * Metadata as text or element in; throws `SamlError('metadata_invalid')` with what is wrong.
 * @example const entity = readMetadata(pasted, readXml, { now })
 */
export { type MetadataOptions, parseEntityDescriptor, readMetadata } from './metadata/read.ts';
/**
 * Metadata of an entity as text, signed when a key is given.
 * @example writeEntityDescriptor({ entityID, idp })
 */
export { writeEntityDescriptor } from './metadata/write.ts';
/**
 * The names the specifications give to namespaces, bindings, formats, status codes and authentication context classes.
 * @example bindings.paos // 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS'
 */
export {
  attributeNameFormats,
  authnContextClasses,
  bindings,
  confirmationMethods,
  nameIDFormats,
  namespaces,
  statusCodes,
} from './names.ts';
/**
 * Verifies an element's enveloped signature and returns the very element that was digested.
 * @example const metadata = verifySignature(readXml(text), keys, digest)
 */
export { verifySignature } from './signature/verify.ts';
export type { XmlAttribute, XmlElement, XmlNamespace, XmlReader } from './xml/element.ts';
/**
 * Reads a document, strictly: the one XML parser for everything.
 * @example const element = readXml('<a xmlns="urn:a"/>')
 */
export { readXml } from './xml/read.ts';
