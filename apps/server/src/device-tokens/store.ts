import type { NewAuditEvent } from '@latchkey/contract';
import type { DeviceToken } from '@latchkey/device';

export interface DeviceTokenPort {
  readonly insertDeviceToken: (token: DeviceToken) => Promise<void>;
  readonly findDeviceTokenById: (id: string) => Promise<DeviceToken | undefined>;
  readonly listDeviceTokens: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly DeviceToken[]>;
  readonly countLiveDeviceTokens: (at: number) => Promise<number>;
  readonly revokeDeviceToken: (id: string, at: number) => Promise<boolean>;
  readonly rotateDeviceToken: (id: string, rotation: { readonly to: string; readonly expiresAt: number }) => Promise<boolean>;
  readonly markExpiryWarned: (id: string, days: number) => Promise<boolean>;
  readonly findWebhook: () => Promise<object | undefined>;
  readonly insertWebhookMessage: (message: {
    readonly id: string;
    readonly organizationId: string;
    readonly type: string;
    readonly body: string;
    readonly attempts: number;
    readonly nextAt: number;
    readonly createdAt: number;
  }) => Promise<void>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface DeviceTokenStorage {
  readonly server: {
    readonly listExpiringDeviceTokens: (
      now: number,
      before: number,
      limit: number,
    ) => Promise<readonly (DeviceToken & { readonly warnedDays: number | null })[]>;
  };
  readonly organization: (id: string) => {
    readonly read: DeviceTokenPort;
    readonly transaction: <T>(work: (store: DeviceTokenPort) => Promise<T>) => Promise<T>;
  };
}
