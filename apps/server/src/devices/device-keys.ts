import type { PublicJwk } from '@latchkey/device';

/** What never changes about a device: where it belongs, and the imported key. */
export interface DeviceKey {
  readonly organizationId: string;
  readonly verify: (text: string, signature: string) => boolean;
}

export type FindDeviceKey = (deviceId: string) => Promise<DeviceKey | undefined>;

const MAX_KEYS = 20_000;

/** Finds devices' keys, keeping those used last: importing a key costs more than verifying with it. */
export const deviceKeyring = (needs: {
  readonly findDeviceOrganization: (deviceId: string) => Promise<string | undefined>;
  readonly findDevice: (organizationId: string, deviceId: string) => Promise<{ readonly publicKey: PublicJwk } | undefined>;
  readonly importKey: (jwk: PublicJwk) => { readonly verify: (text: string, signature: string) => boolean };
}): FindDeviceKey => {
  const kept = new Map<string, DeviceKey>();
  const load = async (deviceId: string): Promise<DeviceKey | undefined> => {
    const organizationId = await needs.findDeviceOrganization(deviceId);
    if (organizationId === undefined) return undefined;
    const device = await needs.findDevice(organizationId, deviceId);
    return device && { organizationId, verify: needs.importKey(device.publicKey).verify };
  };
  return async (deviceId) => {
    // A Map is in the order of insertion: what is used is put last, what is first is dropped.
    const known = kept.get(deviceId) ?? (await load(deviceId));
    if (known === undefined) return undefined;
    kept.delete(deviceId);
    kept.set(deviceId, known);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEYS && oldest !== undefined) kept.delete(oldest);
    return known;
  };
};
