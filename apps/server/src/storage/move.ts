import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Client } from 'pg';
import pg from 'pg';
import { connect } from './postgres/connections.ts';
import { migratePostgres } from './postgres/migrate-postgres.ts';
import { openStatements } from './postgres/scope.ts';
import { type Statement, send } from './postgres/send.ts';
import { translateError } from './postgres/translate-error.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';
import { StorageError } from './storage-error.ts';

/** A row of `server_facts` in the target: while it says `begun`, no server may work on it. */
export const MOVE_FACT = 'move';
export const MOVE_BEGUN = 'begun';

interface Table {
  readonly name: string;
  /** In the order of their names. */
  readonly columns: readonly string[];
  /** The primary key's columns: rows are copied, and compared, in their order. */
  readonly key: readonly string[];
}

export interface MovedTable {
  readonly name: string;
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, the same in both databases. */
  readonly hash: string;
}

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;

/** Any number that nobody else takes: who holds it moves. */
const lock = 7_319_020_614;
const quote = pg.escapeIdentifier;
const quoteAll = (names: readonly string[]): string => names.map(quote).join(', ');
const isOurs = (table: Table, row: Row): boolean => table.name === 'server_facts' && row.name === MOVE_FACT;

/** Every table of the source, each after those its rows refer to. */
const tablesOf = (source: DatabaseSync): readonly Table[] => {
  const names = source
    .prepare(
      `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'migrations' order by name`,
    )
    .all()
    .map(({ name }) => String(name));
  const sorted: Table[] = [];
  const add = (name: string): void => {
    if (sorted.some((table) => table.name === name)) return;
    for (const reference of source.prepare(`pragma foreign_key_list(${quote(name)})`).all()) {
      if (reference.table !== name) add(String(reference.table));
    }
    const columns = source.prepare(`pragma table_info(${quote(name)})`).all();
    const key = columns.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk));
    sorted.push({
      name,
      columns: columns.map((column) => String(column.name)).sort(),
      key: key.map((column) => String(column.name)),
    });
  };
  for (const name of names) add(name);
  return sorted;
};

/** A page of a table after the row with this key. Both engines order keys by bytes. */
const pageQuery = (
  table: Table,
  after: readonly Value[] | undefined,
  limit: number,
  parameter: (index: number) => string,
): string => {
  const key = quoteAll(table.key);
  const where = after === undefined ? '' : `where (${key}) > (${after.map((_, index) => parameter(index)).join(', ')})`;
  return `select ${quoteAll(table.columns)} from ${quote(table.name)} ${where} order by ${key} limit ${limit}`;
};

const keyOf = (table: Table, row: Row): readonly Value[] => table.key.map((column) => row[column] ?? null);

const sourcePage = (source: DatabaseSync, table: Table, after: readonly Value[] | undefined, limit: number): readonly Row[] =>
  source.prepare(pageQuery(table, after, limit, () => '?')).all(...(after ?? [])) as Row[]; // text and numbers are all it holds

/** One transaction of the server's on the target. */
const inTransaction = async <T>(target: Client, role: string | undefined, work: () => Promise<T>): Promise<T> => {
  await send(target, openStatements({ kind: 'server' }, role, 'write'));
  try {
    const value = await work();
    await target.query('commit');
    return value;
  } catch (error) {
    await target.query('rollback').catch(() => {});
    throw error;
  }
};

const ask = async (target: Client, statement: Statement): Promise<readonly Row[]> =>
  (await send(target, [statement])).flatMap(({ rows }) => rows as Row[]); // text and numbers are all it holds

const targetPage = async (
  target: Client,
  role: string | undefined,
  table: Table,
  after: readonly Value[] | undefined,
  limit: number,
): Promise<readonly Row[]> =>
  inTransaction(target, role, async () => {
    const text = pageQuery(table, after, limit, (index) => `$${index + 1}`);
    return ask(target, { text, values: after ?? [] });
  });

/** Goes on after the last row that is there: a batch is there wholly or not at all. */
const copyTable = async ({ source, target, role, batch, progress }: Parts, table: Table): Promise<void> => {
  const last = await inTransaction(target, role, async () => {
    const key = table.key.map((column) => `${quote(column)} desc`).join(', ');
    // The note of the move itself is no row of the source.
    const where = table.name === 'server_facts' ? `where name <> '${MOVE_FACT}'` : '';
    const text = `select ${quoteAll(table.key)} from ${quote(table.name)} ${where} order by ${key} limit 1`;
    return (await ask(target, { text, values: [] }))[0];
  });
  let after = last && keyOf(table, last);
  for (;;) {
    const rows = sourcePage(source, table, after, batch);
    const [final] = rows.slice(-1);
    if (final === undefined) return;
    await inTransaction(target, role, () =>
      target.query(
        `insert into ${quote(table.name)} (${quoteAll(table.columns)})
         select ${quoteAll(table.columns)} from json_populate_recordset(null::${quote(table.name)}, $1)`,
        [JSON.stringify(rows.filter((row) => !isOurs(table, row)))],
      ),
    );
    after = keyOf(table, final);
    progress(table.name, rows.length);
  }
};

const digest = async (
  table: Table,
  page: (after: readonly Value[] | undefined) => Promise<readonly Row[]>,
): Promise<MovedTable> => {
  const hash = createHash('sha256');
  let count = 0;
  let after: readonly Value[] | undefined;
  for (;;) {
    const rows = await page(after);
    const [final] = rows.slice(-1);
    if (final === undefined) return { name: table.name, rows: count, hash: hash.digest('hex') };
    for (const row of rows) {
      if (isOurs(table, row)) continue;
      hash.update(`${JSON.stringify(table.columns.map((column) => row[column]))}\n`);
      count += 1;
    }
    after = keyOf(table, final);
  }
};

interface Parts {
  readonly source: DatabaseSync;
  readonly target: Client;
  readonly role: string | undefined;
  readonly batch: number;
  readonly progress: (table: string, rows: number) => void;
}

/** Refuses a target that is not empty, unless what it holds comes from a move that was begun. */
const begin = async ({ target, role }: Parts, tables: readonly Table[]): Promise<void> => {
  const { rows } = await target.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lock]);
  if (rows[0]?.locked !== true) throw new StorageError('database_in_use', 'another move into it is running');
  await inTransaction(target, role, async () => {
    const { rows: facts } = await target.query<{ value: string }>('select value from server_facts where name = $1', [MOVE_FACT]);
    if (facts[0]?.value === MOVE_BEGUN) return;
    for (const { name } of tables) {
      const { rowCount } = await target.query(`select from ${quote(name)} limit 1`);
      if (rowCount !== 0)
        throw new StorageError('database_in_use', `it has rows in ${name} already; move into an empty database`);
    }
    await target.query('insert into server_facts (name, value) values ($1, $2)', [MOVE_FACT, MOVE_BEGUN]);
  });
};

const compare = async (parts: Parts, tables: readonly Table[]): Promise<readonly MovedTable[]> => {
  const moved: MovedTable[] = [];
  const different: string[] = [];
  for (const table of tables) {
    const here = await digest(table, async (after) => sourcePage(parts.source, table, after, 1000));
    const there = await digest(table, (after) => targetPage(parts.target, parts.role, table, after, 1000));
    moved.push(there);
    if (here.hash !== there.hash) different.push(`${table.name} (${here.rows} rows here, ${there.rows} there)`);
  }
  if (different.length === 0) return moved;
  throw new StorageError(
    'move_differs',
    `${different.join(', ')}; the source was changed after the move was begun: empty the target database and begin again`,
  );
};

interface SealedKey {
  readonly id: string;
  readonly privateKey: string;
}

/** One of the keys that the source has encrypted. Nothing is done to what is no database of ours: a name is soon mistyped. */
const readSealedKey = (file: string): SealedKey | undefined => {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new StorageError('url_invalid', `there is no file ${file}`);
  }
  const source = new DatabaseSync(file, { readOnly: true });
  try {
    const isOurs = source.prepare("select name from sqlite_schema where name = 'migrations'").get() !== undefined;
    if (!isOurs) throw new StorageError('database_foreign', file);
    const key = source.prepare('select id, private_key from signing_keys limit 1').get();
    return key && { id: String(key.id), privateKey: String(key.private_key) };
  } catch (cause) {
    throw cause instanceof StorageError ? cause : new StorageError('database_foreign', file, { cause });
  } finally {
    source.close();
  }
};

/**
 * Moves everything from SQLite to an empty PostgreSQL database: batches in the order of keys, so that a move that was interrupted
 * goes on where it was when it is started again; then both are read whole and compared by counts and hashes. The source is locked
 * meanwhile; it is brought up to date, and keeps its rows.
 *
 * @throws StorageError
 */
export const moveStorage = async (options: {
  /** The SQLite file. */
  readonly from: string;
  /** `postgres://...` */
  readonly to: string;
  readonly now: () => number;
  /** What becomes a fact of the server's in the target, together with the end of the move. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Throws unless it can decrypt what the source has encrypted. */
  readonly unlock?: (key: SealedKey) => void;
  readonly batch?: number;
  readonly progress?: (table: string, rows: number) => void;
}): Promise<readonly MovedTable[]> => {
  const { from, to, now, facts = {}, unlock = () => {}, batch = 500, progress = () => {} } = options;
  const key = readSealedKey(from);
  if (key !== undefined) unlock(key);
  // Brings it up to date, and keeps a server from opening it.
  const held = await openSqlite({ path: from, now });
  try {
    const source = new DatabaseSync(from, { readOnly: true });
    const role = await migratePostgres({ url: to, now });
    const target = await connect(to);
    try {
      const parts: Parts = { source, target, role, batch, progress };
      const tables = tablesOf(source);
      await begin(parts, tables);
      for (const table of tables) await copyTable(parts, table);
      const moved = await compare(parts, tables);
      await inTransaction(target, role, async () => {
        await target.query('delete from server_facts where name = $1', [MOVE_FACT]);
        for (const [name, value] of Object.entries(facts)) {
          await target.query('insert into server_facts (name, value) values ($1, $2) on conflict (name) do nothing', [
            name,
            value,
          ]);
        }
      });
      return moved;
    } catch (error) {
      throw translateError(error);
    } finally {
      source.close();
      await target.end().catch(() => {});
    }
  } finally {
    await held.close();
  }
};
