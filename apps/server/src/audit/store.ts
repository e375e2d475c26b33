import type { NewAuditEvent } from '@latchkey/contract';
import type { Device } from '@latchkey/device';
import type { Total } from '../found.ts';

/** An audit event as it is kept. */
export interface AuditEvent extends NewAuditEvent {
  readonly id: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** Which events are meant; all filters must match. */
export interface AuditFilter {
  readonly action?: string;
  readonly outcome?: 'success' | 'refused';
  readonly actor?: string;
  readonly subject?: string;
  readonly correlationId?: string;
  /** First moment. */
  readonly from?: number;
  /** First moment that is no longer meant. */
  readonly until?: number;
}

/** A page of events, by time. */
export interface AuditCut {
  readonly order: 'newest' | 'oldest';
  /** Id of the event that the page before ended with. */
  readonly after?: string;
  readonly limit: number;
}

/** It may be short and still have a `next`: see found.ts. */
export interface FoundEvents {
  readonly items: readonly AuditEvent[];
  /** Where it goes on: behind the event with this id. */
  readonly next: string | undefined;
}

export interface AuditPort {
  /** In the order of ids, in which nodes have begun them: for who hears of them as they come. */
  readonly listAuditEvents: (cut: AuditCut) => Promise<readonly AuditEvent[]>;
  readonly searchAuditEvents: (filter: AuditFilter & AuditCut) => Promise<FoundEvents>;
  readonly totalAuditEvents: (filter: AuditFilter) => Promise<Total>;
  readonly findAuditEvent: (id: string) => Promise<AuditEvent | undefined>;
}

/** What is known of sign-ins: their events, and the devices they are about. */
export interface SignInPort extends AuditPort {
  readonly findDevice: (id: string) => Promise<Pick<Device, 'userName' | 'userId' | 'parameters'> | undefined>;
}

export interface AuditStorage {
  /** The operators' own acts. */
  readonly server: AuditPort;
  readonly organization: (id: string) => { readonly read: SignInPort };
}
