import { type RedirectMessage, verifyRedirect } from '../bindings/redirect.ts';
import type { Digest, VerificationKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { AuthnRequest, Endpoint } from '../message.ts';
import { parseAuthnRequest, readAuthnRequestIssuer } from '../messages/authn-request.ts';
import { bindings, nameIDFormats } from '../names.ts';
import { verifySignature } from '../signature/verify.ts';
import type { XmlElement } from '../xml/element.ts';
import { canSatisfyAuthnContext } from './authn-context.ts';
import { checkNameID } from './name-id.ts';
import type { Clock } from './time.ts';

/** What an administrator registered of a service provider. */
export interface RegisteredServiceProvider {
  readonly entityId: string;
  readonly assertionConsumerServices: readonly Endpoint[];
  readonly keys: readonly VerificationKey[];
  /** Sign the Response too, not the Assertion alone. */
  readonly wantResponseSigned: boolean;
}

/** How the request came. By redirect the signature is over the query, else it stands in the message. */
export type ReceivedBy =
  | { readonly binding: 'soap' }
  | { readonly binding: 'post' }
  | { readonly binding: 'redirect'; readonly message: RedirectMessage };

/** An AuthnRequest as it came, and what the identity provider knows by itself. */
export interface AuthnRequestInput extends Clock {
  /** The AuthnRequest, as the strict reader made it. */
  readonly element: XmlElement;
  readonly receivedBy: ReceivedBy;
  /** The registration found by `readAuthnRequestIssuer`. */
  readonly sp: RegisteredServiceProvider;
  readonly idp: { readonly entityId: string; readonly ssoUrl: string };
  readonly digest: Digest;
}

export interface CheckedAuthnRequest {
  /** Read from the element that was verified. IsPassive and ForceAuthn are the caller's to honour. */
  readonly request: AuthnRequest;
  /** Where the answer goes: a registered endpoint, never the request's own word. */
  readonly assertionConsumerService: Endpoint;
}

type Verified = AuthnRequestInput & { readonly request: AuthnRequest };

/** saml-core §3.4.1.4, saml-profiles §4.1.4.1: the identity provider's checks, in this order. Throws `SamlError` with the first that fails. */
export function checkAuthnRequest(input: AuthnRequestInput): CheckedAuthnRequest {
  issuerIsTheServiceProvider(input);
  const verified = { ...input, request: parseAuthnRequest(verifiedRequest(input)) };
  for (const check of REQUEST_CHECKS) check(verified);
  return { request: verified.request, assertionConsumerService: findAssertionConsumerService(verified) };
}

const REQUEST_CHECKS: readonly ((verified: Verified) => void)[] = [
  destinationIsOurs, // saml-core §3.2.1, saml-bindings §3.4.5.2, §3.5.5.2
  issuedJustNow, // saml-core §3.2.1
  subjectIsWellFormed, // saml-core §3.4.1
  nameIDFormatIsOffered, // saml-core §3.4.1.1
  authnContextIsOffered, // saml-core §3.3.2.2.1
  answerGoesToARegisteredPlace, // saml-profiles §4.1.4.1
];

/** How old a request may be. */
const REQUEST_AGE_SECONDS = 300;

/** How an answer goes out, by how the request came in (saml-profiles §4.1.2, §4.2.3). */
const ANSWER_BINDING = { soap: bindings.paos, post: bindings.httpPost, redirect: bindings.httpPost } as const;

const OFFERED_FORMATS: readonly string[] = [
  nameIDFormats.unspecified,
  nameIDFormats.emailAddress,
  nameIDFormats.persistent,
  nameIDFormats.transient,
];

function issuerIsTheServiceProvider({ element, sp }: AuthnRequestInput): void {
  if (readAuthnRequestIssuer(element) !== sp.entityId)
    throw new SamlError('issuer_unknown', 'the issuer is another service provider');
}

/** Unsigned requests are refused: whoever sends somebody else's request must not choose what is in it. */
function verifiedRequest({ element, receivedBy, sp, digest }: AuthnRequestInput): XmlElement {
  if (receivedBy.binding !== 'redirect') return verifySignature(element, sp.keys, digest);
  verifyRedirect(receivedBy.message, sp.keys);
  return element;
}

/** An ECP request may leave it out, because the service provider does not know which identity provider the client will choose. */
function destinationIsOurs({ request, receivedBy, idp }: Verified): void {
  if (request.destination === undefined && receivedBy.binding === 'soap') return;
  if (request.destination !== idp.ssoUrl)
    throw new SamlError('destination_mismatch', 'Destination is not this single sign-on service');
}

function issuedJustNow({ request, now, skewSeconds }: Verified): void {
  const age = (now.getTime() - request.issueInstant.getTime()) / 1000;
  if (age > REQUEST_AGE_SECONDS) throw new SamlError('issue_instant', 'the request is older than 5 minutes: compare the clocks');
  if (age < -skewSeconds) throw new SamlError('issue_instant', 'the request is from the future: compare the clocks');
}

function subjectIsWellFormed({ request }: Verified): void {
  if (request.subject !== undefined) checkNameID(request.subject.value);
}

function nameIDFormatIsOffered({ request, sp }: Verified): void {
  const { format, spNameQualifier } = request.nameIDPolicy ?? {};
  if (format !== undefined && !OFFERED_FORMATS.includes(format))
    throw new SamlError('name_id', 'that NameIDPolicy Format is not offered');
  if (spNameQualifier !== undefined && spNameQualifier !== sp.entityId) {
    throw new SamlError('name_id', 'SPNameQualifier names another service provider: affiliations are not offered');
  }
}

function authnContextIsOffered({ request }: Verified): void {
  if (!canSatisfyAuthnContext(request.requestedAuthnContext))
    throw new SamlError('authn_context', 'no RequestedAuthnContext is offered');
}

function answerGoesToARegisteredPlace(verified: Verified): void {
  findAssertionConsumerService(verified);
}

/** By index, by exact URL, or the default (saml-metadata §2.2.3); always one that was registered for the binding the answer goes by. */
function findAssertionConsumerService({ request, receivedBy, sp }: Verified): Endpoint {
  const { assertionConsumerServiceIndex: index, assertionConsumerServiceURL: url, protocolBinding } = request;
  if (index !== undefined && (url !== undefined || protocolBinding !== undefined)) {
    throw new SamlError(
      'message_malformed',
      'AssertionConsumerServiceIndex excludes AssertionConsumerServiceURL and ProtocolBinding',
    );
  }
  const binding = ANSWER_BINDING[receivedBy.binding];
  if (protocolBinding !== undefined && protocolBinding !== binding) {
    throw new SamlError('acs_unregistered', `an answer to this request can only go by ${binding}`);
  }
  const usable = sp.assertionConsumerServices.filter((endpoint) => endpoint.binding === binding);
  const found =
    index !== undefined
      ? usable.find((endpoint) => endpoint.index === index)
      : url !== undefined
        ? usable.find((endpoint) => endpoint.location === url)
        : (usable.find(({ isDefault }) => isDefault === true) ??
          usable.find(({ isDefault }) => isDefault === undefined) ??
          usable[0]);
  if (found === undefined)
    throw new SamlError('acs_unregistered', `no such assertion consumer service is registered for ${binding}`);
  return found;
}
