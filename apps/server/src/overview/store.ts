import type { DeviceState } from '@latchkey/device';
import type { SettingsDocument } from '@latchkey/settings';
import type { Total } from '../found.ts';

/** Something that is of no use after a time. */
export interface Ending {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970, UTC. */
  readonly endsAt: number;
}

/** How often something happened in an hour. */
export interface EventCount {
  readonly organizationId: string;
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly kind: 'sign_in' | 'refusal' | 'enrollment';
  readonly count: number;
}

export interface OrganizationCounts {
  readonly administrators: number;
  readonly apiKeys: number;
  readonly applications: number;
}

interface Domain {
  readonly name: string;
  readonly proof: 'granted' | 'dns' | 'none';
  readonly failingSince: number | null;
  readonly contestedAt: number | null;
}

export interface OverviewPort {
  readonly totalDevices: (filter: { readonly state?: DeviceState }) => Promise<Total>;
  readonly countLiveDeviceTokens: (at: number) => Promise<number>;
  readonly totalUsers: (filter: object) => Promise<Total>;
  readonly groups: { readonly total: (filter: object) => Promise<Total> };
  readonly departments: { readonly total: (filter: object) => Promise<Total> };
  readonly totalAuditEvents: (filter: object) => Promise<Total>;
  readonly listDomains: () => Promise<readonly Domain[]>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly findDraft: () => Promise<
    { readonly document: SettingsDocument; readonly updatedAt: number; readonly updatedBy: string } | undefined
  >;
  readonly findActiveVersion: () => Promise<{ readonly document: SettingsDocument } | undefined>;
  readonly listSigningKeys: () => Promise<
    readonly { readonly id: string; readonly purpose: string; readonly certificate: string }[]
  >;
  readonly countOwn: (at: number) => Promise<OrganizationCounts>;
  readonly listEnding: (
    what: 'device_tokens' | 'api_keys',
    at: number,
    before: number,
    limit: number,
  ) => Promise<readonly Ending[]>;
  readonly listEventCounts: (from: number) => Promise<readonly Omit<EventCount, 'organizationId'>[]>;
  readonly listAuditEvents: (cut: {
    readonly order: 'newest' | 'oldest';
    readonly after?: string;
    readonly limit: number;
  }) => Promise<readonly { readonly id: string }[]>;
}

export interface OverviewServerPort {
  readonly findFact: (name: string) => Promise<string | undefined>;
  readonly saveFact: (name: string, value: string) => Promise<void>;
  readonly countFacts: (prefix: string, from: string) => Promise<number>;
  readonly sweepFacts: (prefix: string, before: string) => Promise<void>;
  readonly countEvents: (cut: {
    readonly after: string;
    readonly until: string;
    readonly limit: number;
    readonly ownServiceProviders: string;
  }) => Promise<{ readonly counts: readonly EventCount[]; readonly last: string | undefined }>;
  readonly addEventCounts: (counts: readonly EventCount[]) => Promise<void>;
  readonly sweepEventCounts: (before: number) => Promise<void>;
  readonly searchAuditEvents: (filter: {
    readonly action: string;
    readonly order: 'newest';
    readonly limit: number;
  }) => Promise<{ readonly items: readonly { readonly at: number }[] }>;
}

export interface OverviewStorage {
  readonly nodes: 'one' | 'many';
  readonly server: OverviewServerPort;
  readonly serverTransaction: <T>(work: (store: OverviewServerPort) => Promise<T>) => Promise<T>;
  readonly organization: (id: string) => { readonly read: OverviewPort };
}
