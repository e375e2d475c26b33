import type { NewAuditEvent } from '@latchkey/contract';
import type { ImportColumn, ImportRow, RowProblem, Source, User, UserSet } from '@latchkey/directory';
import type { Cut, Found, Position } from '../found.ts';
import type { DirectoryPort, DirectoryServerPort, UserSetKind } from './store.ts';

/**
 * From its upload to its end: `uploading`, `checking`, `ready` (previewed), `preparing` (its new users are written, and nobody sees them),
 * `finishing` (decided: seen, and what is to be changed is changed), `applied`; or `cancelling`, then `cancelled` or `failed`.
 */
type ImportState =
  | 'uploading'
  | 'checking'
  | 'ready'
  | 'preparing'
  | 'finishing'
  | 'cancelling'
  | 'applied'
  | 'cancelled'
  | 'failed';

export type LineChange = 'new' | 'add' | 'modify' | 'delete' | 'none' | 'error' | 'skipped';

export interface NewSet {
  readonly kind: UserSetKind;
  readonly id: string;
  readonly name: string;
}

/** A CSV file of users. Times are milliseconds since 1970, UTC. */
export interface Import {
  readonly id: string;
  readonly fileName: string;
  readonly existing: 'override' | 'error';
  readonly state: ImportState;
  /** Why it was called off, as a code. */
  readonly reason: string;
  readonly bytes: number;
  readonly rows: number;
  /** How many lines the state has dealt with, in the order of user names. */
  readonly done: number;
  /** Behind which of them it goes on. */
  readonly position: Position | undefined;
  readonly counts: Readonly<Record<Exclude<LineChange, 'new'>, number>>;
  readonly columns: readonly ImportColumn[];
  /** Groups and departments that are made with it. */
  readonly newSets: readonly NewSet[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly appliedBy: string;
  readonly decidedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Who works on it: a node writes only while this is its own. */
  readonly lease: string;
  readonly leaseUntil: number;
}

export interface ImportChange {
  readonly line: number;
  readonly change: LineChange;
  readonly problems: readonly RowProblem[];
}

export interface ImportLine extends ImportChange {
  readonly userNameKey: string;
  /** Undefined: it could not be read. */
  readonly row: ImportRow | undefined;
}

export interface PresentUser {
  readonly user: User;
  readonly userNameKey: string;
  readonly importId: string | undefined;
  /** Ids. */
  readonly groups: readonly string[];
}

export interface ImportPort extends DirectoryPort {
  readonly insertImport: (made: Import) => Promise<void>;
  readonly findImport: (id: string) => Promise<Import | undefined>;
  readonly listImports: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly Import[]>;
  readonly isImporting: () => Promise<boolean>;
  readonly saveImport: (next: Import, from: Pick<Import, 'state' | 'lease'>) => Promise<boolean>;
  readonly insertLines: (importId: string, lines: readonly ImportLine[]) => Promise<void>;
  readonly listLines: (
    importId: string,
    cut: { readonly after: number; readonly limit: number; readonly changes?: readonly LineChange[] },
  ) => Promise<readonly ImportLine[]>;
  readonly searchLines: (importId: string, cut: Cut & { readonly changes: readonly LineChange[] }) => Promise<Found<ImportLine>>;
  readonly saveLines: (importId: string, changes: readonly ImportChange[]) => Promise<void>;
  readonly removeLines: (importId: string, limit: number, changes?: readonly LineChange[]) => Promise<number>;
  readonly removeImport: (id: string) => Promise<void>;
  readonly findPresent: (userNameKeys: readonly string[]) => Promise<readonly PresentUser[]>;
  readonly findSetsByName: (
    kind: UserSetKind,
    nameKeys: readonly string[],
  ) => Promise<ReadonlyMap<string, Pick<UserSet, 'id' | 'name' | 'source'>>>;
  readonly insertHiddenUsers: (
    importId: string,
    users: readonly { readonly user: User; readonly groupIds: readonly string[] }[],
  ) => Promise<void>;
  readonly ownUsers: (ids: readonly string[]) => Promise<void>;
  readonly removeHiddenUsers: (importId: string, limit: number) => Promise<number>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface ImportServerPort extends DirectoryServerPort {
  readonly listDueImports: (
    at: number,
    limit: number,
  ) => Promise<readonly { readonly id: string; readonly organizationId: string }[]>;
  readonly listEndedImports: (
    before: number,
    limit: number,
  ) => Promise<readonly { readonly id: string; readonly organizationId: string }[]>;
}

export interface ImportStorage {
  /** Where one process writes, everybody's transactions wait for ours. */
  readonly nodes: 'one' | 'many';
  readonly server: ImportServerPort;
  readonly organization: (id: string) => {
    readonly read: ImportPort;
    readonly transaction: <T>(work: (store: ImportPort) => Promise<T>) => Promise<T>;
  };
}

/** On whose behalf an import changes the directory. */
export const BY: Source = 'csv';
