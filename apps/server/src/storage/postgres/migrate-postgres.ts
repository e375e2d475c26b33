import { foldText } from '@latchkey/directory';
import type { Client } from 'pg';
import { migrationChecksum, migrations, migrationsTable, pendingMigrations } from '../migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { StorageError } from '../storage-error.ts';
import { connect } from './connections.ts';
import { appRole, openTables, protectTables } from './row-level-security.ts';
import { openStatements } from './scope.ts';
import { translateError } from './translate-error.ts';

// Compared by bytes, whatever the database's own collation.
const types = { key: 'text collate "C"' };
/** Any number that nobody else takes: who holds it migrates, all others wait. */
const lock = 7_319_020_613;

const isThere = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
  );
  const tables = rows.map(({ name }) => name);
  if (tables.length > 0 && !tables.includes('migrations')) {
    throw new StorageError(
      'database_foreign',
      `its schema has ${tables.slice(0, 3).join(', ')}; give Latchkey a database of its own`,
    );
  }
  return tables.length > 0;
};

/** A page of rows at a time; only what lower() has not folded is written. */
const foldColumn = async (client: Client, { table, from, to }: NonNullable<Migration['fold']>[number]): Promise<void> => {
  for (let after = ''; ; ) {
    const { rows } = await client.query<{ id: string; text: string; folded: string }>(
      `select id, ${from} as text, ${to} as folded from ${table} where id > $1 order by id limit 1000`,
      [after],
    );
    for (const { id, text, folded } of rows) {
      const right = foldText(text);
      if (right !== folded) await client.query(`update ${table} set ${to} = $1 where id = $2`, [right, id]);
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
};

const applyAll = async (client: Client, all: readonly Migration[], now: () => number): Promise<void> => {
  if (!(await isThere(client))) await client.query(migrationsTable(types));
  const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations order by name');
  for (const migration of pendingMigrations(all, rows)) {
    // Tables that are closed are open to the server alone, as in every transaction of its own (scope.ts).
    for (const { text, values } of openStatements({ kind: 'server' }, undefined, 'write')) await client.query(text, [...values]);
    try {
      for (const statement of [...migration.statements(types), ...(migration.postgres ?? [])]) await client.query(statement);
      for (const column of migration.fold ?? []) await foldColumn(client, column);
      await client.query('insert into migrations (name, checksum, applied_at) values ($1, $2, $3)', [
        migration.name,
        migrationChecksum(migration),
        now(),
      ]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }
  const { rows: open } = await client.query(openTables);
  // Whoever may change the schema; a user who only works with it finds it done.
  const { rows: owned } = await client.query(
    `select from pg_class where oid = 'migrations'::regclass and pg_has_role(relowner, 'USAGE')`,
  );
  if (open.length > 0 && owned.length === 0)
    throw new StorageError('role_unsuitable', 'only the owner of the tables can protect them');
  if (open.length > 0 || (owned.length > 0 && (await findRole(client)).role === null)) await client.query(protectTables);
};

const findRole = async (client: Client) => {
  const { rows } = await client.query<{ role: string | null; bypasses: boolean }>(appRole);
  return rows[0] ?? { role: null, bypasses: false };
};

/**
 * Brings the schema up to date while every other node that starts waits, and says as which role transactions are to run.
 *
 * @throws StorageError
 */
export const migratePostgres = async (options: {
  readonly url: string;
  readonly now: () => number;
  readonly migrations?: readonly Migration[];
}): Promise<string | undefined> => {
  const client = await connect(options.url);
  try {
    // Of the session: it is freed when the connection ends, however it ends.
    await client.query('select pg_advisory_lock($1)', [lock]);
    await applyAll(client, options.migrations ?? migrations, options.now);
    const { role, bypasses } = await findRole(client);
    if (role === null && bypasses) {
      throw new StorageError(
        'role_unsuitable',
        'row-level security does not hold for this user; connect as the owner of the database, without SUPERUSER and BYPASSRLS',
      );
    }
    return role ?? undefined;
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end().catch(() => {});
  }
};
