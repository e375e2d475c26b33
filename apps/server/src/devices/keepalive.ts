import type { KeepaliveAnswer } from '@latchkey/contract';
import { type Device, DeviceError, type Parameters as DeviceParameters, keepCollected, transition } from '@latchkey/device';
import type { CompiledSettings } from '@latchkey/settings';
import type { ProvenCall } from './authenticate-device.ts';
import { describeDevice, describeIdp, KEEPALIVE_AFTER, RENEW_AFTER, RETRY_AFTER } from './describe-device.ts';
import type { Caller, DeviceStorage } from './store.ts';

/** What marks the machine stays as it was enrolled: the serial number is claimed once, and changes are an administrator's to judge. */
const keepMarks = (enrolled: DeviceParameters, given: DeviceParameters): DeviceParameters => {
  const { machineId: _machineId, serial: _serial, ...rest } = given;
  const { machineId, serial } = enrolled;
  return { ...rest, ...(machineId === undefined ? {} : { machineId }), ...(serial === undefined ? {} : { serial }) };
};

/** Tells the device its state and finishes a soft removal. Never signs in, never provisions. */
export const keepalive = async (
  needs: {
    readonly origin: string;
    readonly storage: DeviceStorage;
    readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
    readonly organizationKeys: (organizationId: string) => Promise<Parameters<typeof describeIdp>[2]>;
    readonly now: () => number;
  },
  input: Caller & { readonly call: ProvenCall; readonly parameters: DeviceParameters },
): Promise<KeepaliveAnswer> => {
  const { call, remoteAddress, correlationId } = input;
  const [keys, settings] = await Promise.all([
    needs.organizationKeys(call.organizationId),
    needs.activeSettings(call.organizationId),
  ]);
  const collect = settings?.authenticationProfile.collectedParameters;
  const device = await needs.storage.organization(call.organizationId).transaction(async (store): Promise<Device> => {
    await call.spend(store);
    const found = await store.findDevice(call.deviceId);
    if (found === undefined) throw new DeviceError('device_unknown', `device ${call.deviceId}`);
    const at = needs.now();
    const state = transition(found.state, 'keepalive');
    if (state !== undefined) {
      await store.changeDeviceState(found.id, found.state, { state, reason: found.stateReason, at });
      await store.endDeviceSessions(found.id, at);
      await store.appendAuditEvent({
        actor: `device:${found.id}`,
        action: 'device.removed',
        outcome: 'success',
        reason: '',
        subject: `device:${found.id}`,
        remoteAddress,
        correlationId,
        details: { before: found.state, after: state, why: found.stateReason, userName: found.userName },
      });
      return { ...found, state };
    }
    await store.saveDeviceSeen(found.id, {
      // What was collected once and is no longer goes with the next sign of life.
      parameters: keepCollected(keepMarks(found.parameters, input.parameters), collect),
      forgetsSerial: collect?.includes('serial') === false,
      remoteAddress,
      lastSeenAt: at,
    });
    return found;
  });
  const enrolled = device.state === 'registered' || device.state === 'unregistered';
  return {
    status: device.state,
    device: describeDevice(device),
    ...(enrolled && device.joinState.counter === 0 ? { joinState: device.joinState } : {}),
    idp: describeIdp(needs.origin, call.organizationId, keys),
    renewAfter: RENEW_AFTER,
    keepaliveAfter: KEEPALIVE_AFTER,
    ...(device.state === 'pending' ? { retryAfter: RETRY_AFTER } : {}),
    ...(collect === undefined ? {} : { collect: [...collect] }),
  };
};
