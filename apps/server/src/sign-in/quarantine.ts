import { type Device, transition } from '@latchkey/device';
import type { Caller, SignInStorage, SignInStore } from './store.ts';

/** device-binding §5.8. */
const BAD_PROOFS = 5;
const WINDOW_MILLISECONDS = 10 * 60 * 1000;

/** Blocks a device until an administrator has looked (device-binding §7); its sessions end at once. */
export const quarantine = async (
  needs: { readonly now: () => number },
  store: SignInStore,
  device: Device,
  caller: Caller,
  reason: 'clone_suspected' | 'bad_proofs',
): Promise<void> => {
  const at = needs.now();
  let from = device.state;
  // A device that is signed out is registered first: those are the edges there are.
  const registered = transition(from, 'sign_in');
  if (registered !== undefined) {
    await store.changeDeviceState(device.id, from, { state: registered, reason, at });
    from = registered;
  }
  const state = transition(from, 'quarantine');
  if (state === undefined) return;
  await store.changeDeviceState(device.id, from, { state, reason, at });
  const endedSessions = await store.endDeviceSessions(device.id, at);
  await store.appendAuditEvent({
    actor: 'system',
    action: 'device.quarantined',
    outcome: 'success',
    reason: '',
    subject: `device:${device.id}`,
    remoteAddress: caller.remoteAddress,
    correlationId: caller.correlationId,
    details: {
      before: device.state,
      after: state,
      why: reason,
      userName: device.userName,
      endedSessions,
      joinState: device.joinState,
      previousJoinId: device.previousJoinId,
    },
  });
};

/** Somebody signs with another key than the one that was enrolled: five times in ten minutes put the device in quarantine. */
export const countBadProof = (
  needs: { readonly now: () => number; readonly storage: SignInStorage },
  post: Caller & { readonly organizationId: string },
  deviceId: string,
): Promise<void> =>
  needs.storage.organization(post.organizationId).transaction(async (store) => {
    const device = await store.findDevice(deviceId);
    if (device === undefined || (device.state !== 'registered' && device.state !== 'unregistered')) return;
    const now = needs.now();
    const running = now - device.badProofsSince < WINDOW_MILLISECONDS && device.badProofs > 0;
    const count = running ? device.badProofs + 1 : 1;
    await store.saveBadProofs(deviceId, count, running ? device.badProofsSince : now);
    if (count >= BAD_PROOFS) await quarantine(needs, store, device, post, 'bad_proofs');
  });
