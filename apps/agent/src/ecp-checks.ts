import {
  type PaosRequest,
  parseAssertion,
  parseEcpResponse,
  parseResponse,
  readXml,
  SamlError,
  statusCodes,
  verifiedAssertion,
} from '@latchkey/saml';
import { isLoopback } from './cloud-name.ts';
import { AgentError, type AgentErrorCode } from './errors.ts';
import type { PinnedIdp } from './state.ts';
import { digest, pinnedKeys } from './verification-key.ts';

/** Runs one of the SAML core's readers; what it refuses becomes this agent's error, with the reason. */
export const readSaml = <T>(code: AgentErrorCode, what: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
    throw new AgentError(code, `${what} is refused: ${error.detail} (${error.code}).`, { cause: error });
  }
};

/**
 * Where the Response will go. Stricter than saml-profiles §4.2.3.2, which leaves it to the comparison with the IdP's answer: it must be
 * the origin that was asked, or a hostile site could have us carry another site's request.
 */
export const readConsumer = ({ responseConsumerURL }: PaosRequest, target: URL): URL => {
  if (!URL.canParse(responseConsumerURL)) throw new AgentError('ecp_request', 'responseConsumerURL is not a whole URL.');
  const consumer = new URL(responseConsumerURL);
  if (consumer.protocol !== 'https:' && !isLoopback(consumer)) {
    throw new AgentError('plain_http', `${consumer.origin} is not HTTPS, and an assertion was to be sent there.`);
  }
  if (consumer.origin !== target.origin) {
    throw new AgentError(
      'ecp_consumer_origin',
      `${target.origin} asks to send the assertion to another site: ${consumer.origin}.`,
      {
        hint: 'It may be passing on a request of that site. Nothing was sent.',
      },
    );
  }
  return consumer;
};

/** saml-profiles §4.2.4.1: the two must be the same, or the request came from somebody else than it says. */
export const checkConsumer = (assertionConsumerServiceURL: string, responseConsumerURL: string): void => {
  if (assertionConsumerServiceURL === responseConsumerURL) return;
  throw new AgentError('ecp_consumer', 'The assertion is meant for another address than the one that asked for it.', {
    hint: `The identity provider says ${assertionConsumerServiceURL}, the service provider ${responseConsumerURL}.`,
  });
};

export interface CheckedAnswer {
  readonly assertionConsumerServiceURL: string;
  /** Byte for byte. */
  readonly responseText: string;
  readonly response: string;
  readonly assertion: string;
  readonly subject: string;
}

/** The IdP's answer: for our request, and signed by a key that was pinned at the enrollment. */
export const checkIdpAnswer = (
  text: string,
  expected: { readonly requestId: string; readonly idp: PinnedIdp },
): CheckedAnswer => {
  const what = 'The answer of the identity provider';
  const { response, responseText, assertionConsumerServiceURL } = readSaml('ecp_response', what, () =>
    parseEcpResponse(text, readXml),
  );
  const { id, status, inResponseTo } = readSaml('ecp_response', what, () => parseResponse(response));
  if (status.code !== statusCodes.success) {
    throw new AgentError('ecp_response', `The identity provider refuses: ${status.message ?? status.subCode ?? status.code}.`);
  }
  if (inResponseTo !== expected.requestId) {
    throw new AgentError('ecp_in_response_to', 'The identity provider answers another request than the one that was sent.');
  }
  const policy = { keys: pinnedKeys(expected.idp.certificates), wantResponseSigned: false, wantAssertionSigned: true };
  const assertion = readSaml('ecp_signature', 'The assertion', () => parseAssertion(verifiedAssertion(response, policy, digest)));
  return { assertionConsumerServiceURL, responseText, response: id, assertion: assertion.id, subject: assertion.subject.value };
};
