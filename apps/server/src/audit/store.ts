import type { NewAuditEvent } from '@latchkey/contract';

/** An audit event as it is kept. */
export interface AuditEvent extends NewAuditEvent {
  readonly id: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

/** What a page of events is cut from; all filters must match. */
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
  readonly order: 'newest' | 'oldest';
  /** Id of the last event of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export interface AuditPort {
  readonly listAuditEvents: (filter: AuditFilter) => Promise<readonly AuditEvent[]>;
}

export interface AuditStorage {
  /** The operators' own acts. */
  readonly server: { readonly listServerAuditEvents: (filter: AuditFilter) => Promise<readonly AuditEvent[]> };
  readonly organization: (id: string) => { readonly read: AuditPort };
}
