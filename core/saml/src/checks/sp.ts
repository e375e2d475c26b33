import type { Digest } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import type { Assertion, SubjectConfirmation } from '../message.ts';
import { parseAssertion } from '../messages/assertion.ts';
import { parseResponse, type ReceivedResponse } from '../messages/response.ts';
import { confirmationMethods, statusCodes } from '../names.ts';
import type { XmlElement } from '../xml/element.ts';
import { checkNameID } from './name-id.ts';
import { type SignaturePolicy, verifiedAssertion } from './signed-assertion.ts';
import { type Clock, expectBegun, expectNotOver } from './time.ts';

/** A Response as it came, and what the service provider knows by itself. */
export interface ResponseInput extends Clock {
  /** The Response, as the strict reader made it. */
  readonly element: XmlElement;
  /** The identity provider the request was sent to, from configuration. */
  readonly idp: SignaturePolicy & { readonly entityId: string };
  readonly sp: { readonly entityId: string; readonly acsUrl: string };
  /** True for the ID of a request that this very user agent was sent out with and that is still open. */
  readonly isExpectedRequest: (inResponseTo: string) => boolean;
  readonly digest: Digest;
}

export interface VerifiedResponse {
  readonly responseId: string;
  readonly inResponseTo: string;
  /** Read from the element that was digested, from nothing else. */
  readonly assertion: Assertion;
}

type Received = ResponseInput & { readonly response: ReceivedResponse };
type Verified = Received & { readonly assertion: Assertion };

/** saml-profiles §4.1.4.3: the service provider's checks, in this order. Throws `SamlError` with the first that fails. */
export function checkResponse(input: ResponseInput): VerifiedResponse {
  const received = { ...input, response: parseResponse(input.element) };
  for (const check of RESPONSE_CHECKS) check(received);
  const verified = { ...received, assertion: parseAssertion(verifiedAssertion(input.element, input.idp, input.digest)) };
  for (const check of ASSERTION_CHECKS) check(verified);
  return { responseId: verified.response.id, inResponseTo: confirmedRequest(verified), assertion: verified.assertion };
}

/** What can be said of the Response before its signature is looked at. */
const RESPONSE_CHECKS: readonly ((received: Received) => void)[] = [
  responseIsForUs, // saml-core §3.2.2, saml-bindings §3.5.5.2
  responseIsFromTheIdentityProvider, // saml-profiles §4.1.4.2
  responseIsAnAnswer, // saml-core §3.2.2
  signInSucceeded, // saml-core §3.2.2.1
];

/** What is said of the Assertion, once it is verified (saml-core §5.4, in `verifiedAssertion`). */
const ASSERTION_CHECKS: readonly ((verified: Verified) => void)[] = [
  assertionIsFromTheIdentityProvider, // saml-profiles §4.1.4.2
  issuedByNow, // saml-core §2.3.3
  subjectIsConfirmed, // saml-profiles §4.1.4.2, §4.1.4.3
  requestIsOurs, // saml-profiles §4.1.4.3
  conditionsHold, // saml-core §2.5.1.2
  audienceIsUs, // saml-core §2.5.1.4
  sessionIsNotOver, // saml-core §2.7.2
  nameIsWellFormed, // saml-core §8.3
];

function responseIsForUs({ response, sp }: Received): void {
  if (response.destination !== sp.acsUrl)
    throw new SamlError('destination_mismatch', 'Destination is not this assertion consumer service');
}

function responseIsFromTheIdentityProvider({ response, idp }: Received): void {
  if (response.issuer !== idp.entityId)
    throw new SamlError('issuer_unknown', 'the Response is from another issuer than was asked');
}

function responseIsAnAnswer({ response }: Received): void {
  if (response.inResponseTo === undefined) throw new SamlError('in_response_to', 'the Response answers no request');
}

function signInSucceeded({ response: { status } }: Received): void {
  if (status.code === statusCodes.success) return;
  throw new SamlError('status_not_success', [status.code, status.subCode].filter((code) => code !== undefined).join(' '));
}

function assertionIsFromTheIdentityProvider({ assertion, idp }: Verified): void {
  if (assertion.issuer !== idp.entityId)
    throw new SamlError('issuer_unknown', 'the Assertion is from another issuer than was asked');
}

function issuedByNow({ assertion, response, ...clock }: Verified): void {
  expectBegun(response.issueInstant, clock, 'the Response');
  expectBegun(assertion.issueInstant, clock, 'the Assertion');
}

function subjectIsConfirmed(verified: Verified): void {
  confirmedRequest(verified);
}

function requestIsOurs(verified: Verified): void {
  if (!verified.isExpectedRequest(confirmedRequest(verified)))
    throw new SamlError('in_response_to', 'no open request has that ID here');
}

/**
 * The request's ID out of the signed part: from the first bearer confirmation that holds. One is enough; if none does, the first
 * one's failure is reported.
 */
function confirmedRequest(verified: Verified): string {
  let failure: SamlError | undefined;
  for (const confirmation of verified.assertion.subjectConfirmations) {
    if (confirmation.method !== confirmationMethods.bearer) continue;
    const outcome = judgeBearer(confirmation, verified);
    if (typeof outcome === 'string') return outcome;
    failure ??= outcome;
  }
  throw failure ?? new SamlError('subject_confirmation', 'no bearer SubjectConfirmation');
}

function judgeBearer(bearer: SubjectConfirmation, { sp, response, now, skewSeconds }: Verified): string | SamlError {
  const { recipient, notBefore, notOnOrAfter, inResponseTo } = bearer;
  if (recipient !== sp.acsUrl) return new SamlError('subject_confirmation', 'Recipient is not this assertion consumer service');
  if (notBefore !== undefined) return new SamlError('subject_confirmation', 'a bearer confirmation must not have NotBefore');
  if (notOnOrAfter === undefined) return new SamlError('subject_confirmation', 'a bearer confirmation must have NotOnOrAfter');
  if (now.getTime() >= notOnOrAfter.getTime() + skewSeconds * 1000) {
    return new SamlError('expired', 'the SubjectConfirmation is not valid any more');
  }
  if (inResponseTo === undefined || inResponseTo !== response.inResponseTo) {
    return new SamlError('in_response_to', 'SubjectConfirmationData and Response answer different requests');
  }
  return inResponseTo;
}

function conditionsHold({ assertion: { conditions }, ...clock }: Verified): void {
  expectBegun(conditions.notBefore, clock, 'the Assertion');
  expectNotOver(conditions.notOnOrAfter, clock, 'the Assertion');
}

function audienceIsUs({ assertion: { conditions }, sp }: Verified): void {
  const { audienceRestrictions } = conditions;
  if (audienceRestrictions.length === 0) throw new SamlError('audience', 'the Assertion has no AudienceRestriction');
  if (!audienceRestrictions.every((audiences) => audiences.includes(sp.entityId))) {
    throw new SamlError('audience', 'the Assertion is for another audience');
  }
}

function sessionIsNotOver({ assertion: { authnStatement }, ...clock }: Verified): void {
  expectBegun(authnStatement.authnInstant, clock, 'the AuthnStatement');
  expectNotOver(authnStatement.sessionNotOnOrAfter, clock, 'the session at the identity provider');
}

function nameIsWellFormed({ assertion }: Verified): void {
  checkNameID(assertion.subject.value);
}
