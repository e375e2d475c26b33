import { DatabaseSync } from 'node:sqlite';
import { CompiledQuery } from 'kysely';
import { expect, test } from 'vitest';
import { sqliteConnection } from './connection.ts';

const open = () => {
  const database = new DatabaseSync(':memory:');
  return { database, connection: sqliteConnection(database) };
};
const query = (sql: string, parameters: unknown[] = []) => CompiledQuery.raw(sql, parameters);

test('undefined is refused, not bound as nothing', () => {
  const { connection } = open();
  expect(() => connection.execute(query('select ?', [undefined]))).toThrow(/parameter 1 is undefined/);
});

test('an integer that another program stored over 2^53 is an error, not a wrong number', () => {
  const { connection } = open();
  expect(() => connection.execute(query('select 9007199254740993 as n'))).toThrow(/9007199254740993|safe|range/i);
});

test('rows are plain objects; changes are counted, returned rows too', () => {
  const { connection } = open();
  connection.execute(query('create table t (a integer, b text)'));
  expect(connection.execute(query('insert into t values (1, ?), (2, null)', ['x']))).toEqual({ rows: [], numAffectedRows: 2n });
  expect(connection.execute(query('select * from t')).rows).toStrictEqual([
    { a: 1, b: 'x' },
    { a: 2, b: null },
  ]);
  expect(connection.execute(query('update t set a = a + 1 returning a'))).toStrictEqual({
    rows: [{ a: 2 }, { a: 3 }],
    numAffectedRows: 2n,
  });
});

test('prepared statements survive a change of the schema and thousands of other statements', () => {
  const { database, connection } = open();
  connection.execute(query('create table t (a integer)'));
  connection.execute(query('insert into t values (1)'));
  const all = () => connection.execute(query('select * from t')).rows;
  expect(all()).toEqual([{ a: 1 }]);
  for (let i = 0; i < 2000; i += 1) connection.execute(query(`select ${i}`));
  database.exec('create index i on t (a)');
  expect(all()).toEqual([{ a: 1 }]);
});
