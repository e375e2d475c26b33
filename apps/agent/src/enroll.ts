import { randomUUID } from 'node:crypto';
import type { EnrollmentRequest } from '@latchkey/contract';
import {
  buildEnrollment,
  ENROLLMENT_TYPE,
  type JsonObject,
  keepCollected,
  type Parameters,
  parseDeviceToken,
  signJws,
} from '@latchkey/device';
import { type Cloud, expectJson, readAnswer, wantsNonce } from './cloud.ts';
import { AgentError } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import type { DeviceKey } from './key.ts';
import { collectOf, countAt, objectAt, textAt } from './shape.ts';
import { type Enrollment, type PinnedIdp, readDeviceState, readIdp, readJoinState } from './state.ts';

/** The IdP must live where the device is enrolled: proofs go nowhere else. */
export const expectOwnIdp = (idp: PinnedIdp, origin: string): PinnedIdp => {
  if (URL.canParse(idp.ssoUrl) && new URL(idp.ssoUrl).origin === origin) return idp;
  throw new AgentError('origin_mismatch', `${origin} names an identity provider at another origin.`);
};

const readEnrollmentAnswer = (answer: JsonObject, origin: string): Enrollment =>
  readAnswer('The answer to the enrollment', () => {
    const device = objectAt(answer, 'device');
    return {
      kind: 'enrolled',
      origin,
      organization: textAt(answer, 'organization'),
      deviceId: textAt(device, 'id'),
      jkt: textAt(device, 'jkt'),
      userName: textAt(device, 'userName'),
      evidence: textAt(device, 'evidence'),
      status: readDeviceState(answer, 'status'),
      joinState: answer.joinState === undefined ? undefined : readJoinState(objectAt(answer, 'joinState')),
      idp: expectOwnIdp(readIdp(objectAt(answer, 'idp')), origin),
      renewAfter: countAt(answer, 'renewAfter'),
      keepaliveAfter: countAt(answer, 'keepaliveAfter'),
      session: undefined,
      signedOut: false,
      lastSignInAt: undefined,
      lastKeepaliveAt: undefined,
      ...collectOf(answer),
    };
  });

/**
 * Enrolls this machine (docs/reference/agent-protocol.md). The body of this one message is the only place the token ever goes. The
 * key is on the disk already, so that a lost answer is asked for again with the same key.
 */
export const enroll = async (needs: {
  readonly cloud: Cloud;
  readonly key: DeviceKey;
  readonly deviceToken: string;
  readonly userName: string;
  readonly facts: Parameters;
}): Promise<Enrollment> => {
  const { cloud, key, deviceToken, userName, facts } = needs;
  const { endpoints } = await cloud.discover();
  const holder = { token: parseDeviceToken(deviceToken).lookup, jkt: key.jkt };
  const attempt = async (): Promise<HttpAnswer> => {
    const { nonce, audience, collect } = await cloud.challenge(holder);
    if (audience !== cloud.origin) {
      throw new AgentError('origin_mismatch', `${cloud.origin} asks for a proof that is meant for ${audience}.`);
    }
    const claims = {
      token: deviceToken,
      nonce,
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      userName,
      // What is not collected never leaves the machine.
      parameters: keepCollected(facts, collect),
    };
    const enrollment = signJws({ typ: ENROLLMENT_TYPE, jwk: key.jwk }, buildEnrollment({ ...claims, audience }), key);
    const body: EnrollmentRequest = { enrollment };
    return cloud.send({
      method: 'POST',
      url: endpoints.enroll,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };
  const first = await attempt();
  const answer = expectJson(wantsNonce(first) ? await attempt() : first, 'The answer to the enrollment');
  const enrolled = readEnrollmentAnswer(answer, cloud.origin);
  if (enrolled.jkt !== key.jkt) throw new AgentError('answer_malformed', 'The server answers for the key of another device.');
  return enrolled;
};
