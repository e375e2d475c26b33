import { DeviceError, type DeviceErrorCode, type DeviceState } from '@latchkey/device';
import type { ProvenCall } from './authenticate-device.ts';
import { changeDeviceIn } from './change-device.ts';
import { decide } from './decide.ts';
import type { Caller, DeviceStorage } from './store.ts';

const refusals: Readonly<Partial<Record<DeviceState, DeviceErrorCode>>> = {
  pending: 'device_pending',
  denied: 'device_denied',
  removal_pending: 'device_removed',
  removed: 'device_removed',
  quarantined: 'device_quarantined',
};

/** The device leaves by itself: for a while (`sign_out`) or for good (`unenroll`). */
const leave =
  (act: 'sign_out' | 'unenroll') =>
  (
    needs: { readonly storage: DeviceStorage; readonly now: () => number; readonly randomId: () => string },
    input: Caller & { readonly call: ProvenCall },
  ): Promise<{ readonly status: DeviceState }> => {
    const { call, remoteAddress, correlationId } = input;
    const actor = `device:${call.deviceId}`;
    return decide(needs.storage.organization(call.organizationId), {
      prove: call.spend,
      work: async (store) => {
        const change = await changeDeviceIn(store, needs, {
          deviceId: call.deviceId,
          act,
          actor,
          remoteAddress,
          correlationId,
        });
        if (change.kind === 'changed' || change.kind === 'unchanged') return { status: change.device.state };
        const state = change.kind === 'impossible' ? change.state : 'removed';
        throw new DeviceError(refusals[state] ?? 'device_unknown', `device ${call.deviceId} is ${state}`);
      },
      refused: (error) => ({
        actor,
        action: `device.${act}_refused`,
        outcome: 'refused',
        reason: error.code,
        subject: actor,
        remoteAddress,
        correlationId,
        details: { why: error.detail },
      }),
    });
  };

/** Ends the sessions; the next sign-in registers the device again. */
export const signOut = leave('sign_out');

/** Removes the device; it comes back only by a new enrollment that an administrator approves. */
export const unenroll = leave('unenroll');
