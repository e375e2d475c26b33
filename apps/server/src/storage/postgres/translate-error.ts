import { StorageError, type StorageErrorCode } from '../storage-error.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const codes: Readonly<Record<string, StorageErrorCode>> = {
  '23503': 'reference_violated',
  '23505': 'unique_violated',
  '25P02': 'transaction_failed',
  '25P03': 'transaction_stalled',
  '40001': 'conflict',
  '40P01': 'conflict',
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

/** Only what PostgreSQL has said has a severity; `EPIPE` looks like a code of its own, too. */
const sqlState = (error: Error): string | undefined =>
  'severity' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** By the place in PostgreSQL's source that says so: the code means many things, and the sentence is in the server's language. */
const isStalePlan = (error: unknown): boolean =>
  error instanceof Error && 'routine' in error && error.routine === 'RevalidateCachedQuery';

/**
 * Another node has changed the schema under a statement that is prepared on this connection: on another connection it is prepared
 * anew.
 */
export const isStale = (error: unknown): boolean => error instanceof StorageError && isStalePlan(error.cause);

/** What a failure of pg means to a caller. What PostgreSQL has not said itself comes from the connection: the database is out of reach. */
export const translateError = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof StorageError || error instanceof TypeError) return error;
  const state = sqlState(error);
  if (state === undefined) return new StorageError('unavailable', error.message, { cause: error });
  const code = isStalePlan(error)
    ? 'conflict'
    : (codes[state] ?? (unavailableClasses.includes(state.slice(0, 2)) ? 'unavailable' : undefined));
  return code === undefined ? error : new StorageError(code, error.message, { cause: error });
};
