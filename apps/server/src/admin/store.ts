import type { ApiKeyScope, NewAuditEvent } from '@latchkey/contract';
import type { Device, DeviceState, DeviceToken, EvidenceLevel } from '@latchkey/device';
import type { SettingsDocument } from '@latchkey/settings';
import type { Cut, Found, Total } from '../found.ts';

/** A key of the admin API as it is kept. Times are milliseconds since 1970, UTC. */
export interface ApiKey {
  readonly id: string;
  /** null: an operator's key. */
  readonly organizationId: string | null;
  readonly description: string;
  readonly lookup: string;
  /** Keyed hash of the whole key. */
  readonly hash: string;
  /** Last four characters, to recognize it by. */
  readonly hint: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
  /** What it may be used for. */
  readonly scopes: readonly ApiKeyScope[];
}

/** A POST with an Idempotency-Key. */
export interface RepeatableRequest {
  readonly apiKeyId: string;
  /** Method and path. */
  readonly operation: string;
  readonly idempotencyKey: string;
  /** Keyed hash of the body. */
  readonly fingerprint: string;
  readonly expiresAt: number;
  /** Missing while it runs. */
  readonly answer: { readonly status: number; readonly sealed: string } | undefined;
}

export interface Page {
  readonly after?: string;
  readonly limit: number;
}

interface DeviceFilter {
  readonly state?: DeviceState;
  readonly userNameKey?: string;
  readonly q?: string;
}

/** What people sign in to, as the admin API shows it. */
export interface Application {
  readonly id: string;
  readonly name: string;
  readonly kind: 'saml' | 'api' | 'gateway';
  readonly identifier: string;
  readonly enabled: boolean;
  readonly minEvidence: EvidenceLevel;
  readonly allowBearer: boolean;
  readonly createdAt: number;
}

/** What belongs to one organization: its keys, and what is only looked at here. */
export interface AdminPort {
  readonly insertApiKey: (key: ApiKey) => Promise<void>;
  readonly findApiKeyById: (id: string) => Promise<ApiKey | undefined>;
  readonly listApiKeys: (page: Page) => Promise<readonly ApiKey[]>;
  readonly revokeApiKey: (id: string, at: number) => Promise<boolean>;
  readonly findDevice: (id: string) => Promise<Device | undefined>;
  readonly searchDevices: (filter: DeviceFilter & Cut) => Promise<Found<Device>>;
  readonly totalDevices: (filter: DeviceFilter) => Promise<Total>;
  readonly findApplication: (id: string) => Promise<Application | undefined>;
  readonly listApplications: (page: Page) => Promise<readonly Application[]>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly findDraft: () => Promise<{ readonly document: SettingsDocument; readonly revision: number } | undefined>;
  readonly findActiveVersion: () => Promise<{ readonly document: SettingsDocument; readonly version: number } | undefined>;
  readonly listDeviceTokens: (page: Page) => Promise<readonly DeviceToken[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

/** What belongs to the server itself. */
export interface AdminServerPort {
  readonly insertOperatorKey: (key: ApiKey) => Promise<void>;
  readonly findOperatorKeyById: (id: string) => Promise<ApiKey | undefined>;
  readonly listOperatorKeys: (page: Page) => Promise<readonly ApiKey[]>;
  readonly revokeOperatorKey: (id: string, at: number) => Promise<boolean>;
  /** Any organization's, by the public part. */
  readonly findApiKey: (lookup: string) => Promise<ApiKey | undefined>;
  readonly touchApiKey: (id: string, at: number) => Promise<void>;
  /** True if it is the first with these names. */
  readonly beginRequest: (request: Omit<RepeatableRequest, 'answer'>, now: number) => Promise<boolean>;
  readonly findRequest: (
    name: Pick<RepeatableRequest, 'apiKeyId' | 'operation' | 'idempotencyKey'>,
  ) => Promise<RepeatableRequest | undefined>;
  readonly finishRequest: (
    name: Pick<RepeatableRequest, 'apiKeyId' | 'operation' | 'idempotencyKey'>,
    answer: NonNullable<RepeatableRequest['answer']>,
  ) => Promise<void>;
  readonly forgetRequest: (name: Pick<RepeatableRequest, 'apiKeyId' | 'operation' | 'idempotencyKey'>) => Promise<void>;
  readonly findFact: (name: string) => Promise<string | undefined>;
  readonly saveFact: (name: string, value: string) => Promise<void>;
  /** True if the fact was there with this value, and is gone now. */
  readonly takeFact: (name: string, value: string) => Promise<boolean>;
  readonly listOrganizations: (page: Page) => Promise<readonly { readonly id: string }[]>;
  readonly findOrganization: (
    id: string,
  ) => Promise<{ readonly id: string; readonly name: string; readonly state: 'active' | 'suspended' } | undefined>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface AdminStorage {
  readonly server: AdminServerPort;
  readonly serverTransaction: <T>(work: (store: AdminServerPort) => Promise<T>) => Promise<T>;
  readonly organization: (id: string) => {
    readonly read: AdminPort;
    readonly transaction: <T>(work: (store: AdminPort) => Promise<T>) => Promise<T>;
  };
}
