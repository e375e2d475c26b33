import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';
import { storableParameters } from '../storable.ts';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';

export type Query = Pick<CompiledQuery, 'sql' | 'parameters'>;

interface Prepared {
  readonly statement: StatementSync;
  /** None: it returns no rows. */
  readonly columns: readonly string[];
}

/** More than the queries this server has; only a list of varying length (`in (...)`) makes new ones. */
const cacheLimit = 500;

// https://www.sqlite.org/rescode.html: the extended result codes that callers decide by.
const constraintCodes: Readonly<Record<number, StorageErrorCode>> = {
  787: 'reference_violated',
  1555: 'unique_violated',
  2067: 'unique_violated',
};

const translate = (error: unknown): unknown => {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return error;
  const code = constraintCodes[error.errcode];
  return code === undefined ? error : new StorageError(code, error.message, { cause: error });
};

const toObject = <R>(columns: readonly string[], row: readonly SQLOutputValue[]): R => {
  const object: Record<string, SQLOutputValue | undefined> = {};
  for (const [index, name] of columns.entries()) object[name] = row[index];
  return object as R; // Kysely derives R from the query that it built: the row has its columns.
};

/** Runs Kysely's queries on one connection, with its statements kept prepared. */
export const sqliteConnection = (database: DatabaseSync) => {
  const cache = new Map<string, Prepared>();

  const prepare = (sql: string): Prepared => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    // Objects from node:sqlite have no prototype and cost half as much again as an array.
    statement.setReturnArrays(true);
    const prepared = { statement, columns: statement.columns().map(({ name }) => name) };
    // It never gets that far but by lists of every length; then all are prepared anew.
    if (cache.size >= cacheLimit) cache.clear();
    cache.set(sql, prepared);
    return prepared;
  };

  return {
    execute: <R>(query: Query): QueryResult<R> => {
      const values = storableParameters(query);
      try {
        const { statement, columns } = prepare(query.sql);
        if (columns.length > 0) {
          // With setReturnArrays each row is an array; the types do not know.
          const rows = statement.all(...values) as unknown as SQLOutputValue[][];
          return { rows: rows.map((row) => toObject<R>(columns, row)), numAffectedRows: BigInt(rows.length) };
        }
        return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
      } catch (error) {
        throw translate(error);
      }
    },
  };
};

export type SqliteConnection = ReturnType<typeof sqliteConnection>;
