import type { DeviceView } from '@latchkey/contract';
import type { Tone } from '../../components/state.tsx';

type DeviceState = DeviceView['state'];
export type Act = 'approve' | 'deny' | 'quarantine' | 'release' | 'remove' | 'remove-now';

export const tones: Readonly<Record<DeviceState, Tone>> = {
  pending: 'warn',
  denied: 'bad',
  registered: 'good',
  unregistered: 'calm',
  removal_pending: 'warn',
  removed: 'calm',
  quarantined: 'bad',
};

export const deviceStates = [
  'pending',
  'registered',
  'unregistered',
  'quarantined',
  'removal_pending',
  'removed',
  'denied',
] as const satisfies readonly DeviceState[];

/** What can be done with a device in each state: the edges of core/device/src/state.ts that an administrator has. */
const possible: Readonly<Record<DeviceState, readonly Act[]>> = {
  pending: ['approve', 'deny', 'remove-now'],
  denied: ['remove-now'],
  registered: ['quarantine', 'remove', 'remove-now'],
  unregistered: ['remove-now'],
  removal_pending: ['remove-now'],
  removed: [],
  quarantined: ['release', 'remove-now'],
};

export const actsOf = (state: DeviceState): readonly Act[] => possible[state];

/** What can be done with all of them. */
export const commonActs = (states: readonly DeviceState[]): readonly Act[] => {
  const [first, ...others] = states;
  return first === undefined ? [] : actsOf(first).filter((act) => others.every((state) => actsOf(state).includes(act)));
};

/** What cannot be taken back by the same administrator in the same place. */
export const destroys = (act: Act): boolean => act === 'deny' || act === 'remove' || act === 'remove-now';

/** The route of the API for an act, and its body. */
export const requestOf = (act: Act, reason: string): { readonly path: string; readonly body: object } => ({
  path: act === 'remove-now' ? 'remove' : act,
  body: {
    ...(reason === '' ? {} : { reason }),
    ...(act === 'remove' || act === 'remove-now' ? { force: act === 'remove-now' } : {}),
  },
});
