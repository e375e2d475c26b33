import type { NewAuditEvent } from '@latchkey/contract';
import type { Device, DeviceState } from '@latchkey/device';
import type { User } from '@latchkey/directory';
import type { Session } from './session.ts';

/** What counts once, until it could not be repeated any more. */
interface Once {
  readonly kind: 'nonce' | 'jti' | 'request' | 'response' | 'assertion';
  readonly value: string;
  readonly expiresAt: number;
}

/** What this slice needs of the store, within one organization. */
export interface SignInStore {
  readonly findDevice: (id: string) => Promise<Device | undefined>;
  readonly changeDeviceState: (
    id: string,
    from: DeviceState,
    to: { readonly state: DeviceState; readonly reason: string; readonly at: number },
  ) => Promise<boolean>;
  readonly saveSignIn: (
    id: string,
    next: Pick<Device, 'joinState' | 'previousJoinId' | 'remoteAddress' | 'lastSeenAt'>,
  ) => Promise<void>;
  readonly saveBadProofs: (id: string, badProofs: number, since: number) => Promise<void>;
  readonly saveDeviceUser: (id: string, userId: string) => Promise<void>;
  /** The user the device is bound to; a deleted one is found too. */
  readonly findDeviceUser: (deviceId: string) => Promise<User | undefined>;
  readonly findUserByName: (userNameKey: string) => Promise<User | undefined>;
  readonly wasUserDeleted: (userNameKey: string) => Promise<boolean>;
  readonly insertUser: (user: User) => Promise<boolean>;
  readonly insertSession: (session: Session) => Promise<void>;
  readonly endDeviceSessions: (deviceId: string, at: number) => Promise<number>;
  readonly useAllOnce: (things: readonly [Once, Once, Once]) => Promise<readonly [boolean, boolean, boolean]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface SignInStorage {
  readonly server: {
    readonly findOrganization: (id: string) => Promise<{ readonly state: 'active' | 'suspended' } | undefined>;
    readonly findDomain: (name: string) => Promise<{ readonly organizationId: string } | undefined>;
  };
  readonly organization: (id: string) => {
    readonly transaction: <T>(work: (store: SignInStore) => Promise<T>) => Promise<T>;
  };
}

/** Who asks, for the audit. */
export interface Caller {
  readonly remoteAddress: string;
  readonly correlationId: string;
}
