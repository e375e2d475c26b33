import pg from 'pg';
import { translateError } from './translate-error.ts';

/** Milliseconds until a node that cannot reach the database says so. */
const connectTimeout = 3_000;
/** Milliseconds for one statement: pages are small, and whoever asked has an answer of ours long before it gives up. */
const statementTimeout = 5_000;
/** A connection with nothing set: for migrations and moves, which take as long as they take. */
export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeout, keepAlive: true });
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
    query_timeout: statementTimeout + 1_000,
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: 5_000,
    application_name: 'latchkey',
    // A sequential scan locks the whole table against serializable transactions beside it
    // (https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE).
    options: '-c enable_seqscan=off -c jit=off -c default_transaction_deferrable=off',
  });
  pool.on('error', () => {}); // An idle connection that broke is replaced.
  pool.on('connect', (client) => client.on('error', () => {})); // So is one in use; its queries fail, and tell whoever asked.
  return pool;
};
