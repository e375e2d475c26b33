import type { Digest, VerificationKey } from '../crypto.ts';
import { SamlError } from '../errors.ts';
import { parseResponse } from '../messages/response.ts';
import { isElement } from '../messages/schema.ts';
import { namespaces } from '../names.ts';
import { verifySignature } from '../signature/verify.ts';
import type { XmlElement } from '../xml/element.ts';
import { child } from '../xml/query.ts';

const { samlp, saml, ds } = namespaces;

/** What an identity provider's messages must be signed with, and where. At least one signature is always asked for. */
export interface SignaturePolicy {
  readonly keys: readonly VerificationKey[];
  readonly wantResponseSigned: boolean;
  readonly wantAssertionSigned: boolean;
}

/**
 * The one assertion of a Response, as the element that was digested: by its own signature or by the Response's around it.
 * Every signature that is there must be good, also one that nobody asked for.
 */
export function verifiedAssertion(response: XmlElement, policy: SignaturePolicy, digest: Digest): XmlElement {
  const assertion = onlyAssertion(response);
  const signed = {
    response: policy.wantResponseSigned || child(response, ds, 'Signature') !== undefined,
    assertion: policy.wantAssertionSigned || child(assertion, ds, 'Signature') !== undefined,
  };
  if (!signed.response && !signed.assertion) throw new SamlError('signature_missing', 'neither Response nor Assertion is signed');
  // saml-core §5.3: a signature covers the element it stands in and all below it.
  const verified = signed.response ? onlyAssertion(verifySignature(response, policy.keys, digest)) : assertion;
  return signed.assertion ? verifySignature(verified, policy.keys, digest) : verified;
}

/**
 * Exactly one Assertion, a child of the Response; none, no second Response and no signature anywhere else in the tree
 * (XSW 1 to 8 and their hiding places: Extensions, StatusDetail, Advice, Object, attribute values).
 */
function onlyAssertion(response: XmlElement): XmlElement {
  const { assertionElements, encryptedAssertionElements } = parseResponse(response);
  if (encryptedAssertionElements.length > 0) throw new SamlError('assertion_count', 'an EncryptedAssertion was not asked for');
  const [assertion, second] = assertionElements;
  if (assertion === undefined) throw new SamlError('assertion_count', 'Response has no Assertion');
  if (second !== undefined) throw new SamlError('assertion_count', 'Response has more than one Assertion');
  expectNothingHidden(response, response, assertion);
  return assertion;
}

function expectNothingHidden(element: XmlElement, response: XmlElement, assertion: XmlElement): void {
  for (const node of element.children) {
    if (typeof node === 'string') continue;
    if (node !== assertion && HIDDEN.some(([namespace, localName]) => isElement(node, namespace, localName))) {
      throw new SamlError('assertion_count', `a second ${node.localName} is hidden in ${element.localName.slice(0, 64)}`);
    }
    if (isElement(node, ds, 'Signature') && element !== response && element !== assertion) {
      throw new SamlError('signature_malformed', `a Signature does not belong into ${element.localName.slice(0, 64)}`);
    }
    expectNothingHidden(node, response, assertion);
  }
}

const HIDDEN = [
  [saml, 'Assertion'],
  [saml, 'EncryptedAssertion'],
  [samlp, 'Response'],
] as const;
