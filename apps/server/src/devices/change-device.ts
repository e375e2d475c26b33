import type { NewAuditEvent } from '@latchkey/contract';
import { type Device, type DeviceEvent, type DeviceState, transition } from '@latchkey/device';
import type { Caller, DeviceOrganization, DeviceStore } from './store.ts';

/** What an administrator (or the device itself) may do to a device. */
export type DeviceAct = 'approve' | 'deny' | 'remove' | 'remove_now' | 'quarantine' | 'release' | 'sign_out' | 'unenroll';

export type DeviceChange =
  | { readonly kind: 'changed'; readonly device: Device }
  /** The device is in the state that was asked for already. */
  | { readonly kind: 'unchanged'; readonly device: Device }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'impossible'; readonly state: DeviceState }
  | { readonly kind: 'serial_claimed'; readonly by: string };

interface Act {
  /** The first of these paths whose edges all exist is taken. */
  readonly paths: readonly (readonly DeviceEvent[])[];
  readonly done: readonly DeviceState[];
  readonly action: string;
  readonly reason: string;
  readonly endsSessions: boolean;
}

/** device-binding §7 as people use it. */
const acts: Readonly<Record<DeviceAct, Act>> = {
  approve: { paths: [['approve']], done: ['registered'], action: 'device.approved', reason: 'approved', endsSessions: false },
  deny: { paths: [['deny']], done: ['denied'], action: 'device.denied', reason: 'denied', endsSessions: true },
  // Soft where the device can still be told at its next keepalive.
  remove: {
    paths: [['request_removal'], ['remove']],
    done: ['removal_pending', 'removed'],
    action: 'device.removal_requested',
    reason: 'removed_by_administrator',
    endsSessions: true,
  },
  remove_now: {
    paths: [['remove']],
    done: ['removed'],
    action: 'device.removed',
    reason: 'removed_by_administrator',
    endsSessions: true,
  },
  quarantine: {
    paths: [['quarantine'], ['sign_in', 'quarantine']],
    done: ['quarantined'],
    action: 'device.quarantined',
    reason: 'quarantined_by_administrator',
    endsSessions: true,
  },
  release: { paths: [['release']], done: ['registered'], action: 'device.released', reason: 'released', endsSessions: false },
  sign_out: {
    paths: [['sign_out']],
    done: ['unregistered'],
    action: 'device.signed_out',
    reason: 'signed_out',
    endsSessions: true,
  },
  unenroll: { paths: [['remove']], done: ['removed'], action: 'device.unenrolled', reason: 'unenrolled', endsSessions: true },
};

/** The states on the way, or undefined where an edge is missing. */
const follow = (from: DeviceState, path: readonly DeviceEvent[]): readonly DeviceState[] | undefined => {
  const states: DeviceState[] = [];
  for (const event of path) {
    const next = transition(states.at(-1) ?? from, event);
    if (next === undefined) return undefined;
    states.push(next);
  }
  return states;
};

/** Moves a device along an edge of its state machine, ends its sessions where that is meant, and writes the audit event. */
export const changeDeviceIn = async (
  store: DeviceStore,
  needs: { readonly now: () => number; readonly randomId: () => string },
  input: Caller & { readonly deviceId: string; readonly act: DeviceAct; readonly actor: string; readonly reason?: string },
): Promise<DeviceChange> => {
  const device = await store.findDevice(input.deviceId);
  if (device === undefined) return { kind: 'unknown' };
  const act = acts[input.act];
  if (act.done.includes(device.state)) return { kind: 'unchanged', device };
  const way = act.paths.map((path) => follow(device.state, path)).find((states) => states !== undefined);
  const state = way?.at(-1);
  if (way === undefined || state === undefined) return { kind: 'impossible', state: device.state };
  if (input.act === 'approve') {
    const claimant = await store.findLiveDeviceBySerial(device.parameters.serial ?? '');
    if (claimant !== undefined) return { kind: 'serial_claimed', by: claimant.id };
  }
  const at = needs.now();
  // An administrator who approves the device of a deleted user means that the account may be made again.
  const reason = input.act === 'approve' && device.stateReason === 'user_deleted' ? 'approved_deleted_user' : act.reason;
  let from = device.state;
  for (const next of way) {
    if (!(await store.changeDeviceState(device.id, from, { state: next, reason, at })))
      return { kind: 'impossible', state: from };
    from = next;
  }
  // Both holders of a copied key start again from one join state, so that a twin that still lives shows itself again.
  if (input.act === 'release') await store.resetJoinState(device.id, needs.randomId());
  const endedSessions = act.endsSessions ? await store.endDeviceSessions(device.id, at) : 0;
  const event: NewAuditEvent = {
    actor: input.actor,
    action: state === 'removed' && input.act === 'remove' ? 'device.removed' : act.action,
    outcome: 'success',
    reason: '',
    subject: `device:${device.id}`,
    remoteAddress: input.remoteAddress,
    correlationId: input.correlationId,
    details: {
      before: device.state,
      after: state,
      why: reason,
      userName: device.userName,
      ...(act.endsSessions ? { endedSessions } : {}),
      ...(input.reason === undefined ? {} : { comment: input.reason }),
    },
  };
  await store.appendAuditEvent(event);
  return { kind: 'changed', device: { ...device, state, stateReason: reason, updatedAt: at } };
};

/** As `changeDeviceIn`, in a transaction of its own: what the admin API calls. */
export const changeDevice = (
  needs: { readonly organization: DeviceOrganization; readonly now: () => number; readonly randomId: () => string },
  input: Parameters<typeof changeDeviceIn>[2],
): Promise<DeviceChange> => needs.organization.transaction((store) => changeDeviceIn(store, needs, input));
