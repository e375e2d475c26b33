import { parsePaosResponse, readXml, type SigningKey, writePaosResponse, writeResponse } from '@latchkey/saml';
import type { Assertion, Response, SubjectConfirmation } from '../../core/saml/src/message.ts';
import { parseAssertion } from '../../core/saml/src/messages/assertion.ts';
import { parseResponse } from '../../core/saml/src/messages/response.ts';
import type { Begun, Proven, Received, Refused, SimulatedDevice } from '../kit/device.ts';
import { nodeDigest as digest } from '../kit/saml-keys.ts';
import { splitProlog } from './messages.ts';

export type AcceptableResponse = Response & { readonly assertion: Assertion };

/** What a device got from the identity provider and has not given to the service provider yet. */
export interface Genuine {
  readonly device: SimulatedDevice;
  readonly begun: Begun;
  readonly proven: Proven;
  /** The Response as it came, and as data. */
  readonly text: string;
  readonly response: AcceptableResponse;
}

const must = <Outcome extends { readonly kind: string }>(
  outcome: Outcome | Refused,
): Exclude<Outcome, { readonly kind: 'refused' }> => {
  if (outcome.kind === 'refused') throw new Error(`refused at ${JSON.stringify(outcome)}`);
  return outcome as Exclude<Outcome, { readonly kind: 'refused' }>; // `kind` has just been looked at
};

export const begin = async (device: SimulatedDevice): Promise<Begun> => must(await device.begin());

export const readResponse = (text: string): AcceptableResponse => {
  const { assertionElements, encryptedAssertionElements: _, ...response } = parseResponse(readXml(text));
  const [element] = assertionElements;
  if (element === undefined) throw new TypeError('a Response with an Assertion was expected');
  return { ...response, assertion: parseAssertion(element) };
};

export const genuineFor = async (device: SimulatedDevice): Promise<Genuine> => {
  const begun = await begin(device);
  const proven = must(await device.prove(begun));
  const { response: element } = parsePaosResponse(proven.paosResponse, readXml);
  const text = proven.paosResponse.slice(element.start, element.end);
  return { device, begun, proven, text, response: readResponse(text) };
};

/** What would have come, had the identity provider said something else: signed by whom you like. */
export const said = (response: AcceptableResponse, key: SigningKey, change: Partial<Assertion> = {}): string =>
  writeResponse({ ...response, assertion: { ...response.assertion, ...change } }, { digest, assertionKey: key });

export const bearerOf = ({ assertion }: AcceptableResponse): SubjectConfirmation => {
  const [bearer] = assertion.subjectConfirmations;
  if (bearer === undefined) throw new TypeError('our Assertions have a SubjectConfirmation');
  return bearer;
};

/** A Response as the agent posts it. What stands before the root goes before the envelope. */
export const paos = (xml: string, relayState?: string): string => {
  const { prolog, root } = splitProlog(xml);
  return prolog + writePaosResponse({ response: root, ...(relayState === undefined ? {} : { relayState }) });
};

/** The answer to a call of the simulated device that must have been refused. */
export const refusalOf = async (
  outcome: Promise<{ readonly kind: string } | Refused>,
  step?: Refused['step'],
): Promise<Received> => {
  const answer = await outcome;
  if (answer.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(answer).slice(0, 500)}`);
  const refused = answer as Refused; // `kind` has just been looked at
  if (step !== undefined && refused.step !== step) throw new Error(`refused at ${refused.step} already: ${refused.code}`);
  return refused.received;
};
