import type { Device, JoinState } from './device.ts';

/** The id of a join state that came out of a backup: the server may have handed out newer ones that it has no memory of. */
export const RESTORED_JOIN_ID = '*';

/**
 * The device as its next proof finds it. After a restore the state that the proof presents is taken up, once, if it is not older than
 * the backup; a twin shows itself at the sign-in after.
 */
export const adoptJoinState = <D extends Held>(device: D, presented: JoinState): D =>
  device.joinState.id === RESTORED_JOIN_ID && presented.counter >= device.joinState.counter
    ? { ...device, joinState: presented }
    : device;

export type JoinStateVerdict = 'current' | 'lost_reply' | 'clone_suspected';

type Held = Pick<Device, 'joinState' | 'previousJoinId'>;

/** device-binding §5.9; docs/decisions/0004-join-state.md says why an unguessable id rides beside the counter. */
export const judgeJoinState = (device: Held, presented: JoinState): JoinStateVerdict => {
  const { counter, id } = device.joinState;
  if (presented.counter === counter && presented.id === id) return 'current';
  const isPrevious = presented.counter === counter - 1 && device.previousJoinId !== '' && presented.id === device.previousJoinId;
  return isPrevious ? 'lost_reply' : 'clone_suspected';
};

/**
 * What to keep after a sign-in and hand out with its answer. After a lost reply the count stays but its id is replaced: a twin
 * that did receive the reply holds the replaced one and shows itself at its next sign-in.
 */
export const nextJoinState = (device: Held, verdict: 'current' | 'lost_reply', newId: string): Held =>
  verdict === 'current'
    ? { joinState: { counter: device.joinState.counter + 1, id: newId }, previousJoinId: device.joinState.id }
    : { joinState: { counter: device.joinState.counter, id: newId }, previousJoinId: device.previousJoinId };
