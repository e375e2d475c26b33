import type { OrganizationStore, ServerStore } from './stores.ts';

export interface StorageOptions {
  /** `sqlite:/path/to/file.db` or `postgres://user:password@host/database` */
  readonly url: string;
  readonly now: () => number;
  /** Connections of this node to PostgreSQL. */
  readonly connections?: number;
  /** Storage cannot promise durability any more: let the process end. Called once. */
  readonly onFatal?: (error: Error) => void;
}

export interface OrganizationStorage {
  /** Never sees what is not committed, never hands out what is not on disk. */
  readonly read: OrganizationStore;
  /**
   * All or nothing; answered when it is on disk. Throwing rolls back this transaction only. Inside, await nothing but `store`:
   * every other transaction waits for this one. On PostgreSQL `work` runs again if another transaction was in its way: it must have
   * no effect but by `store` and its result. What is asked of `store` in one go (`Promise.all`) is sent in one go. Those of a node that name the same `turn` go one after another: they are known to write
   * one row, and would lose against each other.
   */
  transaction<T>(work: (store: OrganizationStore) => Promise<T>, options?: { readonly turn?: string | undefined }): Promise<T>;
}

export interface Storage {
  /** Whether no other process writes to this database, or any number of nodes may. */
  readonly nodes: 'one' | 'many';
  /** Reads outside any organization. */
  readonly server: ServerStore;
  serverTransaction<T>(work: (store: ServerStore) => Promise<T>): Promise<T>;
  organization(id: string): OrganizationStorage;
  /** Throws unless an (empty) transaction can be made durable. */
  check(): Promise<void>;
  /** Waits for what was begun. */
  close(): Promise<void>;
}
