import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { longReads } from './long-reads.ts';

let folder: string;
let path: string;
let database: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-long-reads-'));
  path = join(folder, 'some.db');
  database = new DatabaseSync(path);
  database.exec('pragma journal_mode=wal; create table t (a integer)');
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});
const query = (sql: string, ...parameters: readonly unknown[]) => ({ sql, parameters });

test('a read sees what was committed before it was asked', async () => {
  const long = longReads(path);
  for (let count = 0; count < 20; count += 1) {
    expect((await long.execute(query('select count(*) as n from t where a >= ?', 0))).rows).toEqual([{ n: count }]);
    database.prepare('insert into t values (?)').run(count);
  }
  await long.close();
});

test('a query that fails is its own matter; nothing can be written', async () => {
  const long = longReads(path);
  const answers = await Promise.allSettled([
    long.execute(query('select * from none')),
    long.execute(query('insert into t values (1)')),
    long.execute(query('select a from t')),
  ]);
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { message: expect.stringContaining('none') } },
    { status: 'rejected', reason: { message: expect.stringContaining('readonly') } },
    { status: 'fulfilled', value: { rows: [] } },
  ]);
  await long.close();
});

test('who asks when too many wait is refused; closing answers those who wait', async () => {
  const long = longReads(path);
  const answers = Promise.allSettled(Array.from({ length: 210 }, (_, n) => long.execute(query('select ? as n', n))));
  await long.close();
  const settled = await answers;
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
  expect(settled.at(-1)).toMatchObject({ reason: { name: 'StorageError', code: 'overloaded' } });
});

test('when its thread ends, those who wait hear of it, and the next one starts another', async () => {
  const nowhere = join(folder, 'later.db');
  const long = longReads(nowhere);
  await expect(long.execute(query('select 1'))).rejects.toThrow(/unable to open/);
  new DatabaseSync(nowhere).close();
  expect((await long.execute(query('select 1 as n'))).rows).toEqual([{ n: 1 }]);
  await long.close();
});
