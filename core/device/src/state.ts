import type { DeviceState } from './device.ts';
import type { DeviceErrorCode } from './errors.ts';

export type DeviceEvent =
  | 'approve'
  | 'deny'
  | 'sign_in'
  | 'sign_out'
  | 'request_removal'
  | 'keepalive'
  | 'quarantine'
  | 'release'
  | 'remove';

/**
 * device-binding §7: the only edges there are. `denied` and `removed` never revive: enrolling again makes a new device.
 * A clone that shows itself while the device is signed out goes `sign_in`, then `quarantine`, in one transaction.
 */
export const transitions: Readonly<Record<DeviceState, Readonly<Partial<Record<DeviceEvent, DeviceState>>>>> = {
  pending: { approve: 'registered', deny: 'denied', remove: 'removed' },
  registered: { sign_out: 'unregistered', request_removal: 'removal_pending', quarantine: 'quarantined', remove: 'removed' },
  unregistered: { sign_in: 'registered', remove: 'removed' },
  removal_pending: { keepalive: 'removed', remove: 'removed' },
  quarantined: { release: 'registered', remove: 'removed' },
  denied: { remove: 'removed' },
  removed: {},
};

/** The state after `event`, or undefined where there is no such edge. */
export const transition = (state: DeviceState, event: DeviceEvent): DeviceState | undefined => transitions[state][event];

type StateRefusal = Extract<
  DeviceErrorCode,
  'device_pending' | 'device_denied' | 'device_unregistered' | 'device_removed' | 'device_quarantined'
>;

/** What a device is refused with in each state but `registered`. */
const refusals: Readonly<Record<Exclude<DeviceState, 'registered'>, StateRefusal>> = {
  pending: 'device_pending',
  denied: 'device_denied',
  unregistered: 'device_unregistered',
  removal_pending: 'device_removed',
  removed: 'device_removed',
  quarantined: 'device_quarantined',
};

/** Why a device in `state` may not do something that is open to `registered` devices, and to those in the states of `also`. */
export const refusalOfState = (state: DeviceState, also: readonly DeviceState[] = []): StateRefusal | undefined =>
  state === 'registered' || also.includes(state) ? undefined : refusals[state];
