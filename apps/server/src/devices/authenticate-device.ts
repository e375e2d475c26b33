import { checkDpop, DeviceError, DPOP_TYPE, readJws, verifyJws } from '@latchkey/device';
import type { Nonces } from './create-nonce.ts';
import type { FindDeviceKey } from './device-keys.ts';
import type { DeviceStore } from './store.ts';

export interface AuthenticateDeviceNeeds {
  readonly origin: string;
  readonly deviceKey: FindDeviceKey;
  readonly nonces: Nonces;
}

/** A call that the stored key of a device has signed; it counts once `spend` has been awaited in the transaction of its effect. */
export interface ProvenCall {
  readonly organizationId: string;
  readonly deviceId: string;
  /** Throws if the proof was used before. */
  readonly spend: (store: Pick<DeviceStore, 'useOnce'>) => Promise<void>;
}

/** RFC 9449 §4.3, with the key the device enrolled: the `jwk` inside the proof is not looked at. */
export const authenticateDevice = async (
  needs: AuthenticateDeviceNeeds,
  call: {
    readonly device: string | undefined;
    readonly dpop: string | undefined;
    readonly method: string;
    readonly path: string;
  },
): Promise<ProvenCall> => {
  const deviceId = call.device;
  if (deviceId === undefined) throw new DeviceError('device_unknown', 'the header Latchkey-Device is missing');
  const key = await needs.deviceKey(deviceId);
  if (key === undefined) throw new DeviceError('device_unknown', 'no device of this server has this id');
  if (call.dpop === undefined) throw new DeviceError('use_dpop_nonce', 'the header DPoP is missing');
  const proof = checkDpop(verifyJws(readJws(call.dpop), DPOP_TYPE, key), {
    htm: call.method,
    htu: needs.origin + call.path,
  });
  const nonceUntil = needs.nonces.read(proof.nonce, key.organizationId, deviceId);
  if (nonceUntil === undefined) throw new DeviceError('use_dpop_nonce', 'nonce is not ours for this device, or too old');
  return {
    organizationId: key.organizationId,
    deviceId,
    spend: async (store) => {
      if (!(await store.useOnce('nonce', proof.nonce, nonceUntil))) {
        throw new DeviceError('use_dpop_nonce', 'nonce was used before');
      }
      if (!(await store.useOnce('jti', `${deviceId} ${proof.jti}`, nonceUntil))) {
        throw new DeviceError('proof_replayed', 'jti was used before');
      }
    },
  };
};
