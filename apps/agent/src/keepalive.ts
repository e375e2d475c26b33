import { keepCollected, type Parameters } from '@latchkey/device';
import { type Cloud, readAnswer, type Speaker } from './cloud.ts';
import { expectOwnIdp } from './enroll.ts';
import { collectOf, countAt, objectAt, textAt } from './shape.ts';
import { type Enrollment, readDeviceState, readIdp, readJoinState } from './state.ts';

export interface Keepalive {
  readonly enrollment: Enrollment;
  /** Seconds to wait while an administrator decides. */
  readonly retryAfter: number | undefined;
}

/** Asks how the device stands. Never signs in. A join state comes only once, after an approval or a release. */
export const keepalive = async (needs: {
  readonly cloud: Cloud;
  readonly speaker: Speaker;
  readonly enrollment: Enrollment;
  readonly facts: Parameters;
  readonly now: Date;
}): Promise<Keepalive> => {
  const { cloud, speaker, enrollment, facts, now } = needs;
  const answer = await cloud.call('keepalive', speaker, { parameters: keepCollected(facts, enrollment.collect) });
  return readAnswer('The answer to the keepalive', () => ({
    enrollment: {
      ...enrollment,
      status: readDeviceState(answer, 'status'),
      evidence: answer.device === undefined ? enrollment.evidence : textAt(objectAt(answer, 'device'), 'evidence'),
      joinState: answer.joinState === undefined ? enrollment.joinState : readJoinState(objectAt(answer, 'joinState')),
      idp: answer.idp === undefined ? enrollment.idp : expectOwnIdp(readIdp(objectAt(answer, 'idp')), cloud.origin),
      renewAfter: answer.renewAfter === undefined ? enrollment.renewAfter : countAt(answer, 'renewAfter'),
      keepaliveAfter: answer.keepaliveAfter === undefined ? enrollment.keepaliveAfter : countAt(answer, 'keepaliveAfter'),
      lastKeepaliveAt: now.toISOString(),
      ...collectOf(answer),
    },
    retryAfter: answer.retryAfter === undefined ? undefined : countAt(answer, 'retryAfter'),
  }));
};
