import type { NewAuditEvent } from '@latchkey/contract';
import type { DeviceToken } from '@latchkey/device';

export interface DeviceTokenPort {
  readonly insertDeviceToken: (token: DeviceToken) => Promise<void>;
  readonly findDeviceTokenById: (id: string) => Promise<DeviceToken | undefined>;
  readonly listDeviceTokens: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly DeviceToken[]>;
  readonly countLiveDeviceTokens: (at: number) => Promise<number>;
  readonly revokeDeviceToken: (id: string, at: number) => Promise<boolean>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface DeviceTokenStorage {
  readonly organization: (id: string) => {
    readonly read: DeviceTokenPort;
    readonly transaction: <T>(work: (store: DeviceTokenPort) => Promise<T>) => Promise<T>;
  };
}
