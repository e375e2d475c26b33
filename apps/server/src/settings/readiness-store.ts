import type { Cut, Found, Total } from '../found.ts';
import type { Draft, Version } from './store.ts';

/** Active users of a domain. */
export interface UserCount {
  readonly users: number;
  /** Who have an enrolled device. */
  readonly withDevice: number;
  /** Of these, whose device was seen lately. */
  readonly seen: number;
}

/** Enrolled devices of a domain's users. */
export interface DeviceCount {
  readonly devices: number;
  readonly notSeen: number;
}

/** The domains whose users come in by their devices, and those whose users do at another identity provider. */
export interface WaysIn {
  readonly device: readonly string[];
  readonly external: readonly string[];
}

export interface LockedOutFilter extends Cut {
  readonly live: WaysIn;
  readonly drafted: WaysIn;
  readonly domain?: string;
  /** Only who has a way in now. */
  readonly newly?: boolean;
}

export interface LockedOutUser {
  readonly id: string;
  readonly userName: string;
  readonly displayName: string;
  /** Enrolled ones. */
  readonly devices: number;
}

interface SignInEvent {
  readonly at: number;
  readonly details: Readonly<Record<string, unknown>>;
}

interface Counted<Count> {
  readonly domains: ReadonlyMap<string, Count>;
  readonly isEstimate: boolean;
}

/** What judging a draft by its users needs of the store, within one organization. */
export interface ReadinessPort {
  readonly findDraft: () => Promise<Draft | undefined>;
  readonly findActiveVersion: () => Promise<Version | undefined>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly countUsersByDomain: (seenSince: number) => Promise<Counted<UserCount>>;
  readonly countDevicesByDomain: (seenSince: number) => Promise<Counted<DeviceCount>>;
  readonly searchLockedOut: (filter: LockedOutFilter) => Promise<Found<LockedOutUser>>;
  readonly totalLockedOut: (filter: Omit<LockedOutFilter, keyof Cut>) => Promise<Total>;
  readonly searchAuditEvents: (filter: {
    readonly action: string;
    readonly subject?: string;
    readonly order: 'newest';
    readonly limit: number;
  }) => Promise<{ readonly items: readonly SignInEvent[] }>;
}
