import type { CompiledQuery, QueryResult } from 'kysely';
import pg from 'pg';
import { storableParameters } from '../storable.ts';
import { StorageError } from '../storage-error.ts';
import { translateError } from './translate-error.ts';

/** Milliseconds until a node that cannot reach the database says so. */
const connectTimeout = 3_000;
/** Milliseconds for one statement: pages are small, and whoever asked has an answer of ours long before it gives up. */
const statementTimeout = 5_000;
/** More than the queries this server has; only a list of varying length (`in (...)`) makes new ones, and those stay without a name. */
const namedStatements = 500;

const INT8 = 20;

/** Counts and times are 64 bits wide there and numbers here. */
const readBigint = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new StorageError('value_invalid', `the database holds the integer ${text}, over 2^53`);
};

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? readBigint : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser, // its overloads say the same
};

/** A connection with nothing set: for migrations and moves, which take as long as they take. */
export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeout, keepAlive: true, types });
  client.on('error', () => {}); // Whoever awaits a query hears of it.
  try {
    await client.connect();
  } catch (error) {
    throw translateError(error);
  }
  return client;
};

/**
 * The pool. Only what changes no answer is set at the start of a connection; role, tenant and isolation are set inside each
 * transaction, because a pooled connection is anybody's.
 */
export const connectionPool = (url: string, max: number): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectTimeout,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    pipeline: true,
    query_timeout: statementTimeout + 1_000,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: 5_000,
    application_name: 'latchkey',
    // A sequential scan locks the whole table against serializable transactions beside it
    // (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE).
    options: '-c enable_seqscan=off -c jit=off -c default_transaction_deferrable=off',
    types,
  });
  pool.on('error', () => {}); // An idle connection that broke is replaced.
  pool.on('connect', (client) => client.on('error', () => {})); // So is one in use; its queries fail, and tell whoever asked.
  return pool;
};

const names = new Map<string, string>();
const nameOf = (sql: string): string | undefined => {
  const known = names.get(sql);
  if (known !== undefined || names.size >= namedStatements) return known;
  const name = `q${names.size}`;
  names.set(sql, name);
  return name;
};

/** Sends one query; its parameters are judged before anything leaves. */
export const send = async <R>(client: pg.ClientBase, query: CompiledQuery): Promise<QueryResult<R>> => {
  const values = storableParameters(query);
  const name = nameOf(query.sql);
  const { rows, rowCount } = await client.query({ text: query.sql, values, ...(name === undefined ? {} : { name }) });
  return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
};
