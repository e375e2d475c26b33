import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, open, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StorageError } from '../storage-error.ts';
import { sqliteConnection } from './connection.ts';
import { groupCommit, type Lease } from './group-commit.ts';
import { kyselyOver } from './kysely.ts';
import { nextTurn } from './turn.ts';
import { walSync } from './wal-sync.ts';

const code = (code: string) => expect.objectContaining({ name: 'StorageError', code });

let folder: string;
let database: DatabaseSync;
let other: DatabaseSync;
let wal: number;
let fatal: StorageError[];

/** The engine without its checkpoints, on a table `t` and a file whose failures are real. */
const openGroup = (options: { readonly stallLimit?: number } = {}) => {
  const failed = (error: StorageError) => {
    fatal.push(error);
    group.fail(error);
  };
  const sync = walSync(wal, failed);
  // A machine that is busy does not cut a group short.
  const groupTime = Number.POSITIVE_INFINITY;
  const connection = sqliteConnection(database);
  const group = groupCommit({ database, connection, sync, failed, committed: () => {}, groupTime, ...options });
  return { ...group, sync };
};

const run = (lease: Lease, text: string) => sql.raw(text).execute(kyselyOver(lease.executeQuery));
const insert = (value: number) => (lease: Lease) => run(lease, `insert into t values (${value})`);
const committed = () => other.prepare('select count(*) as n from t').get()?.n;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-group-'));
  const path = join(folder, 'a.db');
  database = new DatabaseSync(path);
  database.exec('pragma journal_mode=wal; pragma synchronous=normal; create table t (a integer primary key)');
  database.exec('create table child (a integer references t)');
  other = new DatabaseSync(path, { readOnly: true });
  wal = openSync(`${path}-wal`, 'r+');
  fatal = [];
});
afterEach(() => {
  other.close();
  database.close();
  rmSync(folder, { recursive: true });
});

describe('group commit', () => {
  test('transactions begun together are committed together', async () => {
    const { transaction, close } = openGroup();
    const first = transaction(async (lease) => {
      await insert(1)(lease);
      await nextTurn();
    });
    await Promise.all([first, transaction(insert(2)), transaction(insert(3)), expect.poll(committed).toBe(3)]);
    expect(fatal).toEqual([]);
    await close();
  });

  test('a COMMIT that fails fails every transaction of the group, and nothing works after it', async () => {
    const { transaction } = openGroup();
    const results = await Promise.allSettled([
      transaction(insert(1)),
      transaction(async (lease) => {
        // A violation that SQLite finds at COMMIT only.
        await run(lease, 'pragma defer_foreign_keys=on');
        await run(lease, 'insert into child values (77)');
      }),
      transaction(async () => {
        throw new RangeError('its own error is not told: it may rest on what was lost');
      }),
    ]);
    expect(results).toEqual(Array(3).fill({ status: 'rejected', reason: code('commit_failed') }));
    expect(committed()).toBe(0);
    expect(fatal).toEqual([code('commit_failed')]);
    await expect(transaction(insert(2))).rejects.toEqual(code('storage_down'));
  });

  test('a full disk takes the whole group along', async () => {
    const { transaction } = openGroup();
    database.exec('create table blobs (b blob)');
    const { page_count: pages } = database.prepare('pragma page_count').get() ?? {};
    database.exec(`pragma max_page_count=${pages}`);
    const results = await Promise.allSettled([
      transaction(insert(1)),
      transaction((lease) => run(lease, 'insert into blobs values (zeroblob(100000))')),
      transaction(insert(9)),
    ]);
    expect(results).toEqual(
      ['commit_failed', 'commit_failed', 'storage_down'].map((reason) => ({ status: 'rejected', reason: code(reason) })),
    );
    expect(committed()).toBe(0);
  });

  test('an fdatasync that fails fails those it should have covered, and nothing works after it', async () => {
    const { transaction } = openGroup();
    await transaction(insert(1));
    closeSync(wal);
    const results = await Promise.allSettled([transaction(insert(2)), transaction(insert(3))]);
    expect(results).toEqual(Array(2).fill({ status: 'rejected', reason: code('commit_failed') }));
    expect(fatal).toEqual([code('commit_failed')]);
    await expect(transaction(insert(4))).rejects.toEqual(code('storage_down'));
  });

  test('a commit is answered, and is handed to readers, only after its fdatasync', async () => {
    const { transaction, sync, close } = openGroup();
    // Every thread that could run the fdatasync waits at a pipe that nobody has opened for writing.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const opened = Array.from({ length: 64 }, () => promisify(open)(pipe, 'r'));
    const events: string[] = [];
    const answer = transaction(insert(1)).then(() => events.push('answered'));
    while (committed() !== 1) await nextTurn();
    const read = sync.pending()?.then(() => events.push('read'));
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(read).toBeDefined();
    expect(events).toEqual([]);
    // A commit during a sync is not covered by it.
    const later = transaction(insert(2)).then(() => events.push('answered later'));
    const writer = openSync(pipe, 'r+');
    for (const descriptor of await Promise.all(opened)) closeSync(descriptor);
    closeSync(writer);
    await Promise.all([answer, read, later]);
    expect(events.toSorted()).toEqual(['answered', 'answered later', 'read']);
    expect(events.at(-1)).toBe('answered later');
    expect(sync.pending()).toBeUndefined();
    await close();
  });

  test('a transaction that waits for something else is ended, and the others go on', async () => {
    const { transaction, close } = openGroup({ stallLimit: 50 });
    const stalled = transaction(async (lease) => {
      await insert(1)(lease);
      await new Promise(() => {});
    });
    const next = transaction(insert(2));
    await expect(stalled).rejects.toEqual(code('transaction_stalled'));
    await next;
    expect(committed()).toBe(1);
    await close();
  });

  test('while somebody else holds the write lock, writes wait and the event loop does not', async () => {
    const { transaction, close } = openGroup();
    const shell = new DatabaseSync(join(folder, 'a.db'));
    shell.exec('begin immediate');
    const write = transaction(insert(1));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(committed()).toBe(0);
    shell.exec('commit');
    shell.close();
    await write;
    expect(committed()).toBe(1);
    await close();
  });

  test('what runs exclusively has no group beside it', async () => {
    const { transaction, exclusively, close } = openGroup();
    const before = transaction(insert(1));
    await exclusively(async () => {
      expect(database.isTransaction).toBe(false);
      const during = transaction(insert(2));
      await nextTurn();
      expect(committed()).toBe(1);
      return { during };
    }).then(({ during }) => during);
    await before;
    expect(committed()).toBe(2);
    await close();
  });
});
