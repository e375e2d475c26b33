import { CompiledQuery } from 'kysely';
import type { Migration } from '../migrations/migration.ts';
import type { OrganizationStorage, Storage } from '../storage.ts';
import { StorageError } from '../storage-error.ts';
import { type OrganizationStore, organizationStore, serverStore } from '../stores.ts';
import { connectionPool } from './connections.ts';
import { kyselyOver } from './kysely.ts';
import { migratePostgres } from './migrate-postgres.ts';
import type { Scope } from './scope.ts';
import { transactions } from './transactions.ts';

interface Options {
  readonly url: string;
  readonly now: () => number;
  readonly migrations?: readonly Migration[];
  /** Connections of this node. */
  readonly connections?: number;
}

const server: Scope = { kind: 'server' };

/** Storage on PostgreSQL, for any number of nodes. It never fails for good: when the database is back, so is this. */
export const openPostgres = async (options: Options): Promise<Storage> => {
  const { url, now, connections = 16 } = options;
  const role = await migratePostgres(options);
  const pool = connectionPool(url, connections);
  const run = transactions({ pool, role });

  let closing = false;
  let active = 0;
  let idle: (() => void) | undefined;
  const counted = async <T>(task: () => Promise<T>): Promise<T> => {
    if (closing) throw new StorageError('storage_down', 'it was closed');
    active += 1;
    try {
      return await task();
    } finally {
      active -= 1;
      if (active === 0) idle?.();
    }
  };

  const readIn = (scope: Scope) => kyselyOver((query) => counted(() => run.read(scope, query)));
  const openOrganization = (id: string): OrganizationStorage => {
    const scope: Scope = { kind: 'organization', id };
    return {
      read: organizationStore(readIn(scope), id, now),
      transaction: <T>(work: (store: OrganizationStore) => Promise<T>, { turn }: { readonly turn?: string | undefined } = {}) =>
        counted(() => run.transaction(scope, (execute) => work(organizationStore(kyselyOver(execute), id, now)), turn)),
    };
  };

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing = true;
    if (active > 0) {
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    }
    await pool.end();
  };

  return {
    nodes: 'many',
    server: serverStore(readIn(server), now),
    serverTransaction: (work) => counted(() => run.transaction(server, (execute) => work(serverStore(kyselyOver(execute), now)))),
    organization: openOrganization,
    // Assigns a transaction id, which a standby or a database without room for its log does not.
    check: () =>
      counted(() =>
        run.transaction(server, async (execute) => void (await execute(CompiledQuery.raw('select pg_current_xact_id()')))),
      ),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};
