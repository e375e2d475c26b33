import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrations } from '../migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { openStorage } from '../open.ts';
import { openSqlite } from './open-sqlite.ts';

const code = (code: string) => expect.objectContaining({ name: 'StorageError', code });
const now = () => 1_800_000_000_000;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-open-'));
  path = join(folder, 'data', 'latchkey.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const step = (name: string, ...statements: string[]): Migration => ({ name, statements: () => statements });
const two = step('9999-two', 'create table two (a integer)', 'insert into two values (2)');

test('a database is made with its folder, for its owner only, and keeps what was written', async () => {
  const first = await openSqlite({ path, now });
  await first.serverTransaction((store) => store.saveFact('color', 'red'));
  for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o077).toBe(0);
  await first.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  const second = await openSqlite({ path, now });
  expect(await second.server.findFact('color')).toBe('red');
  await second.close();
});

test('a URL that is not understood says how to write it', async () => {
  await expect(openStorage({ url: 'mysql://db', now })).rejects.toThrow(/sqlite:\/path/);
});

test('a second process is refused, and the first goes on', async () => {
  const first = await openSqlite({ path, now });
  await expect(openSqlite({ path, now })).rejects.toEqual(code('database_in_use'));
  await first.serverTransaction((store) => store.saveFact('color', 'red'));
  await first.close();
  await (await openSqlite({ path, now })).close();
});

test('a migration that fails leaves nothing; the next start goes on from the last that was applied', async () => {
  const broken = step('9999-two', 'create table two (a integer)', 'insert into none values (2)');
  await expect(openSqlite({ path, now, migrations: [...migrations, broken] })).rejects.toThrow(/none/);
  const storage = await openSqlite({ path, now, migrations: [...migrations, two] });
  await storage.close();
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('select a from two').all()).toEqual([{ a: 2 }]);
  expect(database.prepare('select name, applied_at from migrations order by name').all()).toEqual([
    ...migrations.map(({ name }) => ({ name, applied_at: now() })),
    { name: '9999-two', applied_at: now() },
  ]);
  database.close();
});

test('a database of a newer version is refused, not changed', async () => {
  await (await openSqlite({ path, now, migrations: [...migrations, two] })).close();
  const before = readFileSync(path);
  await expect(openSqlite({ path, now })).rejects.toThrow(/9999-two, unknown here; start the newer version/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a released migration that was changed is refused', async () => {
  await (await openSqlite({ path, now, migrations: [...migrations, two] })).close();
  const changed = step('9999-two', 'create table two (a text)');
  await expect(openSqlite({ path, now, migrations: [...migrations, changed] })).rejects.toEqual(code('migration_changed'));
});

test('the database of another program is refused and stays as it is, and so is what is no database', async () => {
  await (await openSqlite({ path, now })).close();
  const foreign = join(folder, 'foreign.db');
  const database = new DatabaseSync(foreign);
  database.exec('create table theirs (a integer)');
  database.close();
  const before = readFileSync(foreign);
  await expect(openSqlite({ path: foreign, now })).rejects.toEqual(code('database_foreign'));
  expect(readFileSync(foreign).equals(before)).toBe(true);
  for (const suffix of ['-wal', '-shm']) expect(existsSync(foreign + suffix)).toBe(false);
  writeFileSync(join(folder, 'text.db'), 'not a database, but long enough to be read as one'.repeat(100));
  await expect(openSqlite({ path: join(folder, 'text.db'), now })).rejects.toThrow(/not a database/);
});

test('the WAL stays short and the same file while writes and reads go on without a pause', async () => {
  const walPages = 100;
  const storage = await openSqlite({ path, now, walPages });
  const wal = `${path}-wal`;
  const { ino } = statSync(wal);
  let largest = 0;
  let done = false;
  const reads = async (): Promise<void> => {
    while (!done) {
      await storage.server.findFact('fact-0');
      largest = Math.max(largest, statSync(wal).size);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writes = Array.from({ length: 16 }, async (_, caller) => {
    for (let i = 0; i < 60; i += 1) {
      await storage.serverTransaction((store) => store.saveFact(`fact-${caller}`, String(i).repeat(20_000)));
    }
  });
  const reader = reads();
  await Promise.all(writes);
  done = true;
  await reader;
  // Some 8,000 pages were written.
  expect(largest).toBeLessThan(10 * walPages * 4096);
  expect(statSync(wal).ino).toBe(ino);
  await storage.close();
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
});

test('a reader that holds an old state keeps the WAL from being started over, not from being written', async () => {
  const storage = await openSqlite({ path, now, walPages: 50 });
  const shell = new DatabaseSync(path, { readOnly: true });
  shell.exec('begin');
  shell.prepare('select * from server_facts').all();
  const write = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      await storage.serverTransaction((store) => store.saveFact('fact', String(i).repeat(20_000)));
    }
  };
  await write(100);
  expect(shell.prepare('select * from server_facts').all()).toEqual([]);
  shell.exec('commit');
  shell.close();
  const { size } = statSync(`${path}-wal`);
  await write(100);
  expect(statSync(`${path}-wal`).size).toBeLessThan(2 * size);
  await storage.close();
});

test('when the WAL is taken away, writes fail and the process is told to end', async () => {
  const errors: Error[] = [];
  const storage = await openSqlite({ path, now, walPages: 20, onFatal: (error) => errors.push(error) });
  rmSync(`${path}-wal`);
  const write = async (): Promise<void> => {
    for (let i = 0; i < 1000; i += 1) {
      await storage.serverTransaction((store) => store.saveFact('fact', String(i).repeat(20_000)));
    }
  };
  await expect(write()).rejects.toEqual(code('storage_down'));
  expect(errors).toEqual([code('commit_failed')]);
  await expect(storage.server.findFact('fact')).rejects.toEqual(code('storage_down'));
  await storage.close();
});
