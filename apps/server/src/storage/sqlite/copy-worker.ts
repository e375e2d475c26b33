import { closeSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { RESTORED_JOIN_ID } from '@latchkey/device';

/** What a database is found to hold: the rows of each table, and its migrations. */
export interface DatabaseContents {
  readonly rows: Readonly<Record<string, number>>;
  readonly migrations: readonly string[];
}

type Task =
  | { readonly kind: 'copy'; readonly path: string; readonly target: string }
  | { readonly kind: 'adopt'; readonly path: string };

const inspect = (database: DatabaseSync): DatabaseContents => {
  const damage = database.prepare('pragma integrity_check(1)').get()?.integrity_check;
  if (damage !== 'ok') throw new Error(`the database is damaged: ${String(damage)}`);
  const names = (sql: string): readonly string[] =>
    database
      .prepare(sql)
      .all()
      .map(({ name }) => String(name));
  const tables = names("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name");
  const count = (table: string): number => Number(database.prepare(`select count(*) as rows from "${table}"`).get()?.rows);
  return {
    rows: Object.fromEntries(tables.map((table) => [table, count(table)])),
    migrations: names('select name from migrations order by name'),
  };
};

const run = (task: Task): DatabaseContents => {
  if (task.kind === 'adopt') {
    const database = new DatabaseSync(task.path);
    try {
      const contents = inspect(database);
      // A device that has signed in since the copy holds a join state this database has never heard of: it is no clone for that.
      database.prepare('update devices set join_id = ?').run(RESTORED_JOIN_ID);
      return contents;
    } finally {
      database.close();
    }
  }
  // Readable by its owner only: SQLite goes on with the empty file it finds.
  closeSync(openSync(task.target, 'wx', 0o600));
  const source = new DatabaseSync(task.path, { readOnly: true, timeout: 60_000 });
  try {
    // One read transaction (https://www.sqlite.org/lang_vacuum.html#vacuuminto). Writers go on; the WAL is not started over meanwhile.
    source.prepare('vacuum into ?').run(task.target);
  } finally {
    source.close();
  }
  const copy = openSync(task.target, 'r');
  fsyncSync(copy);
  closeSync(copy);
  const database = new DatabaseSync(task.target, { readOnly: true });
  try {
    return inspect(database);
  } finally {
    database.close();
  }
};

parentPort?.postMessage(run(workerData as Task)); // copy-database.ts is the only one that starts this
