import { StorageError, type StorageErrorCode } from '../storage-error.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const codes: Readonly<Record<string, StorageErrorCode>> = {
  '23503': 'reference_violated',
  '23505': 'unique_violated',
  '25P02': 'transaction_failed',
  '25P03': 'transaction_stalled',
  '40001': 'conflict',
  '40P01': 'conflict',
  // What is prepared is stale (isStale), or is used in a way that no query of ours is.
  '0A000': 'conflict',
  // A standby: this is not the node to write to.
  '25006': 'unavailable',
  '57014': 'unavailable',
  '57P01': 'unavailable',
  '57P02': 'unavailable',
  '57P03': 'unavailable',
  '57P04': 'unavailable',
};

/** Classes of codes: connection exceptions, insufficient resources (disk full, too many connections), system errors. */
const unavailableClasses = ['08', '53', '58'];

/** Every SQLSTATE has a digit; the system's own EPIPE, of five letters too, has none. */
const sqlState = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;

/**
 * Another node has changed the schema under a statement that is prepared on this connection: on another connection it is prepared
 * anew.
 */
export const isStale = (error: unknown): boolean =>
  error instanceof StorageError &&
  error.cause instanceof Error &&
  sqlState(error.cause) === '0A000' &&
  error.cause.message.includes('cached plan');

/** What a failure of pg means to a caller. What PostgreSQL has not said itself comes from the connection: the database is out of reach. */
export const translateError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof StorageError || error instanceof TypeError) return error;
  const state = sqlState(error);
  if (state === undefined) return new StorageError('unavailable', error.message, { cause: error });
  const code = codes[state] ?? (unavailableClasses.includes(state.slice(0, 2)) ? 'unavailable' : undefined);
  return code === undefined ? error : new StorageError(code, error.message, { cause: error });
};
