import type { NewAuditEvent } from '@latchkey/contract';

/** How long, in days. */
export interface RetentionPeriods {
  readonly auditDays: number;
  readonly signInDetailsDays: number;
  readonly removedDays: number;
}

export interface Retention extends RetentionPeriods {
  readonly revision: number;
  readonly updatedAt: number | null;
  readonly updatedBy: string | null;
  /** The last event that was reduced: id. */
  readonly reducedTo: string;
  /** When it is carried out again; pushed on by whoever does, so that of several nodes one does. */
  readonly nextAt: number;
  readonly sweptAt: number | null;
}

/** What of an event is reduced. */
interface KeptEvent {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly remoteAddress: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface RetentionPort {
  readonly findRetention: () => Promise<Retention | undefined>;
  /** False if there is one. */
  readonly insertRetention: (retention: Retention) => Promise<boolean>;
  /** False if it is no longer of that revision. */
  readonly saveRetention: (
    next: RetentionPeriods & Pick<Retention, 'revision' | 'updatedAt' | 'updatedBy'>,
    revision: number,
  ) => Promise<boolean>;
  /** False if somebody else holds it. */
  readonly holdSweep: (from: number, to: number, done?: Partial<Pick<Retention, 'reducedTo' | 'sweptAt'>>) => Promise<boolean>;
  readonly listAuditEvents: (cut: {
    readonly order: 'oldest';
    readonly after?: string;
    readonly limit: number;
  }) => Promise<readonly KeptEvent[]>;
  readonly reduceAuditEvent: (event: Pick<KeptEvent, 'id' | 'remoteAddress' | 'details'>) => Promise<void>;
  /** Those made before this moment, the oldest first; how many. */
  readonly removeAuditEvents: (before: number, limit: number) => Promise<number>;
  readonly removeRemovedDevices: (before: number, limit: number) => Promise<number>;
  readonly removeDeletedUsers: (before: number, limit: number) => Promise<number>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface RetentionStorage {
  readonly server: { readonly listDueSweeps: (at: number, limit: number) => Promise<readonly string[]> };
  readonly organization: (id: string) => {
    readonly read: RetentionPort;
    readonly transaction: <T>(work: (store: RetentionPort) => Promise<T>) => Promise<T>;
  };
}

/** Of an organization that has said nothing. */
export const defaultRetention: Retention = {
  auditDays: 400,
  signInDetailsDays: 90,
  removedDays: 400,
  revision: 0,
  updatedAt: null,
  updatedBy: null,
  reducedTo: '',
  nextAt: 0,
  sweptAt: null,
};
