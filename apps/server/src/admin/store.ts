import type { NewAuditEvent } from '@latchkey/contract';

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
}

export interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** Keys of one organization. */
export interface ApiKeyPort {
  readonly insertApiKey: (key: ApiKey) => Promise<void>;
  readonly findApiKeyById: (id: string) => Promise<ApiKey | undefined>;
  readonly listApiKeys: (page: Page) => Promise<readonly ApiKey[]>;
  readonly revokeApiKey: (id: string, at: number) => Promise<boolean>;
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
  readonly findFact: (name: string) => Promise<string | undefined>;
  readonly saveFact: (name: string, value: string) => Promise<void>;
  /** True if the fact was there with this value, and is gone now. */
  readonly takeFact: (name: string, value: string) => Promise<boolean>;
  readonly findOrganization: (id: string) => Promise<{ readonly state: 'active' | 'suspended' } | undefined>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface AdminStorage {
  readonly server: AdminServerPort;
  readonly serverTransaction: <T>(work: (store: AdminServerPort) => Promise<T>) => Promise<T>;
  readonly organization: (id: string) => {
    readonly read: ApiKeyPort;
    readonly transaction: <T>(work: (store: ApiKeyPort) => Promise<T>) => Promise<T>;
  };
}
