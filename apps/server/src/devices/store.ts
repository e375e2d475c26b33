import type { NewAuditEvent } from '@latchkey/contract';
import type { Device, DeviceState, DeviceToken } from '@latchkey/device';
import type { User } from '@latchkey/directory';

/** The session a token is asked for. */
export interface LiveSession {
  readonly id: string;
  readonly deviceId: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | undefined;
}

/** The application a token is asked for. */
export interface TargetApplication {
  readonly id: string;
  readonly identifier: string;
  readonly enabled: boolean;
  readonly minEvidence: Device['evidence'];
  /** Tokens that are not bound to the device's key may be had for it. */
  readonly allowBearer: boolean;
}

/** What this slice needs of the store, within one organization. */
export interface DeviceStore {
  readonly findDevice: (id: string) => Promise<Device | undefined>;
  readonly findDeviceByKey: (jkt: string) => Promise<Device | undefined>;
  readonly findLiveDeviceBySerial: (serial: string) => Promise<Device | undefined>;
  readonly findFormerDevice: (marks: {
    readonly machineId: string;
    readonly serial: string;
    readonly hostName: string;
    readonly userName: string;
  }) => Promise<Device | undefined>;
  readonly countUserDevices: (userName: string) => Promise<number>;
  readonly insertDevice: (device: Device) => Promise<boolean>;
  readonly changeDeviceState: (
    id: string,
    from: DeviceState,
    to: { readonly state: DeviceState; readonly reason: string; readonly at: number },
  ) => Promise<boolean>;
  /** `forgetsSerial`: it is collected no longer. */
  readonly saveDeviceSeen: (
    id: string,
    seen: Pick<Device, 'parameters' | 'remoteAddress' | 'lastSeenAt'> & { readonly forgetsSerial?: boolean },
  ) => Promise<void>;
  readonly resetJoinState: (id: string, joinId: string) => Promise<void>;
  readonly findDeviceToken: (lookup: string) => Promise<DeviceToken | undefined>;
  readonly countEnrollment: (tokenId: string, at: number) => Promise<boolean>;
  readonly findUserByName: (userNameKey: string) => Promise<User | undefined>;
  readonly findUser: (id: string) => Promise<User | undefined>;
  readonly wasUserDeleted: (userNameKey: string) => Promise<boolean>;
  readonly findSession: (id: string) => Promise<LiveSession | undefined>;
  readonly endDeviceSessions: (deviceId: string, at: number) => Promise<number>;
  readonly findApplicationByIdentifier: (identifier: string) => Promise<TargetApplication | undefined>;
  readonly useOnce: (kind: 'nonce' | 'jti', value: string, expiresAt: number) => Promise<boolean>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface DeviceOrganization {
  readonly read: DeviceStore;
  /** Those that name the same `turn` write one row: a store may let them go one after another. */
  readonly transaction: <T>(
    work: (store: DeviceStore) => Promise<T>,
    options?: { readonly turn?: string | undefined },
  ) => Promise<T>;
}

export interface DeviceStorage {
  readonly server: {
    readonly findDeviceOrganization: (deviceId: string) => Promise<string | undefined>;
    readonly findDeviceTokenOrganization: (lookup: string) => Promise<string | undefined>;
    readonly findOrganization: (id: string) => Promise<{ readonly state: 'active' | 'suspended' } | undefined>;
    readonly findDomain: (name: string) => Promise<{ readonly organizationId: string } | undefined>;
  };
  readonly organization: (id: string) => DeviceOrganization;
}

/** Who asks, for the audit. */
export interface Caller {
  readonly remoteAddress: string;
  readonly correlationId: string;
}
