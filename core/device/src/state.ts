import type { DeviceState } from './device.ts';

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
