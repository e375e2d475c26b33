import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { foldText } from '@latchkey/directory';
import { isLongRead } from '../long-read.ts';
import { migrationChecksum, migrations, migrationsTable, pendingMigrations } from '../migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import type { OrganizationStorage, Storage } from '../storage.ts';
import { StorageError } from '../storage-error.ts';
import { type OrganizationStore, organizationStore, serverStore } from '../stores.ts';
import { checkpoints } from './checkpoints.ts';
import { sqliteConnection } from './connection.ts';
import { groupCommit } from './group-commit.ts';
import { kyselyOver } from './kysely.ts';
import { longReads } from './long-reads.ts';
import { isTurnOver, nextTurn } from './turn.ts';
import { walSync } from './wal-sync.ts';

interface Options {
  readonly path: string;
  readonly now: () => number;
  readonly onFatal?: (error: Error) => void;
  readonly migrations?: readonly Migration[];
  readonly walPages?: number;
}

/** Anybody can name an organization that does not exist: the cache is bounded. */
const cachedOrganizations = 1000;

// Text is compared by bytes unless a column says otherwise.
const types = { key: 'text' };

const syncFolder = (path: string): void => {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
};

/** One process writes: SQLite locks the file `<path>.lock` and the kernel frees it when the process ends, however it ends. */
const lock = (path: string): DatabaseSync => {
  const made = mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (made !== undefined) syncFolder(dirname(made));
  const database = new DatabaseSync(`${path}.lock`);
  try {
    database.exec('pragma journal_mode=memory; begin exclusive');
    return database;
  } catch (cause) {
    database.close();
    throw new StorageError('database_in_use', `another process has ${path} open; stop that one first`, { cause });
  }
};

/** A page of rows at a time; only what lower() has not folded is written. */
const foldColumn = (database: DatabaseSync, { table, from, to }: NonNullable<Migration['fold']>[number]): void => {
  const page = database.prepare(`select id, ${from} as text, ${to} as folded from ${table} where id > ? order by id limit 1000`);
  const write = database.prepare(`update ${table} set ${to} = ? where id = ?`);
  for (let rows = page.all(''); rows.length > 0; rows = page.all(String(rows.at(-1)?.id))) {
    for (const { id, text, folded } of rows) {
      const right = foldText(String(text));
      if (right !== folded) write.run(right, String(id));
    }
  }
};

/** Looks before anything is written: what belongs to another program stays as it is. */
const refuseForeign = (path: string): void => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database
      .prepare("select name from sqlite_schema where type = 'table'")
      .all()
      .map(({ name }) => name);
    if (tables.length > 0 && !tables.includes('migrations')) throw new StorageError('database_foreign', path);
  } finally {
    database.close();
  }
};

const migrate = (database: DatabaseSync, all: readonly Migration[], now: () => number): void => {
  database.exec(migrationsTable(types));
  const applied = database
    .prepare('select name, checksum from migrations order by name')
    .all()
    .map(({ name, checksum }) => ({ name: String(name), checksum: String(checksum) }));
  const record = database.prepare('insert into migrations (name, checksum, applied_at) values (?, ?, ?)');
  for (const migration of pendingMigrations(all, applied)) {
    database.exec('begin immediate');
    try {
      for (const statement of migration.statements(types)) database.exec(statement);
      for (const column of migration.fold ?? []) foldColumn(database, column);
      record.run(migration.name, migrationChecksum(migration), now());
      database.exec('commit');
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      throw error;
    }
  }
};

/** Opens the write connection on a database that is up to date and wholly on disk. May block: nothing is served yet. */
const openWriter = ({ path, now, migrations: all = migrations }: Options): DatabaseSync => {
  // Readable by its owner only; SQLite gives the WAL the same permissions. Only before SQLite has it open: closing a descriptor
  // of the database or of its `-shm` would drop SQLite's locks on it (the WAL itself is never locked).
  closeSync(openSync(path, 'a', 0o600));
  refuseForeign(path);
  const database = new DatabaseSync(path);
  try {
    const mode = database.prepare('pragma journal_mode=wal').get()?.journal_mode;
    if (mode !== 'wal') throw new StorageError('file_system_unsuitable', `no shared memory beside ${path}; use a local disk`);
    database.exec('pragma synchronous=full; pragma wal_autocheckpoint=0; pragma temp_store=memory');
    database.exec('pragma cache_size=-32768'); // 32 MiB; the read connection's is emptied by every commit.
    migrate(database, all, now);
    // What a killed process had written but not synced becomes durable before anybody reads it; the WAL is started over.
    database.exec('pragma wal_checkpoint(restart); pragma user_version=1');
    syncFolder(dirname(path));
    // From here on a COMMIT writes without a sync. Not `off`: that leaves out the sync of the WAL's header when it is started over,
    // without which a power loss can bring back old frames (docs/decisions/0002-durability.md).
    database.exec('pragma synchronous=normal');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Storage on one SQLite file: see docs/decisions/0002-durability.md for why an answered write survives a power loss. */
export const openSqlite = async (options: Options): Promise<Storage> => {
  const { path, now, onFatal, walPages = 16_000 } = options;
  const locked = lock(path);
  let database: DatabaseSync;
  try {
    database = openWriter(options);
  } catch (error) {
    locked.close();
    throw error;
  }
  const reader = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  const wal = openSync(`${path}-wal`, 'r+');

  let failure: StorageError | undefined;
  const failed = (error: StorageError): void => {
    if (failure !== undefined) return;
    failure = error;
    group.fail(error);
    onFatal?.(error);
  };
  const sync = walSync(wal, failed);
  const group = groupCommit({
    database,
    connection: sqliteConnection(database),
    sync,
    failed,
    committed: () => checkpoint.consider(),
  });
  const checkpoint = checkpoints({ path, wal, database, walPages, exclusively: group.exclusively, failed });

  const reads = sqliteConnection(reader);
  const long = longReads(path);
  const readDatabase = kyselyOver(async (query) => {
    if (isTurnOver()) await nextTurn();
    if (failure !== undefined) throw new StorageError('storage_down', undefined, { cause: failure });
    const result = isLongRead(query) ? await long.execute(query) : reads.execute<never>(query);
    await sync.pending(); // What is not on disk yet might never have been.
    return result;
  });

  const organizations = new Map<string, OrganizationStorage>();
  const openOrganization = (id: string): OrganizationStorage => ({
    read: organizationStore(readDatabase, id, now),
    transaction: <T>(work: (store: OrganizationStore) => Promise<T>) =>
      group.transaction((lease) => work(organizationStore(kyselyOver(lease.executeQuery), id, now))),
  });

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await group.close();
    failure ??= new StorageError('storage_down', 'it was closed');
    await sync.pending()?.catch(() => {});
    await long.close();
    await checkpoint.close();
    reader.close();
    database.close();
    closeSync(wal);
    locked.close();
  };

  return {
    nodes: 'one',
    server: serverStore(readDatabase, now),
    serverTransaction: (work) => group.transaction((lease) => work(serverStore(kyselyOver(lease.executeQuery), now))),
    organization: (id) => {
      let organization = organizations.get(id);
      if (organization === undefined) {
        organization = openOrganization(id);
        if (organizations.size >= cachedOrganizations) organizations.clear();
        organizations.set(id, organization);
      }
      return organization;
    },
    check: () => group.transaction(async () => {}),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};
