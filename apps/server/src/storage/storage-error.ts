const sentences = {
  url_invalid: 'that names no database',
  database_in_use: 'the database is in use',
  database_foreign: 'that is no database of Latchkey',
  role_unsuitable: 'the database user cannot be used',
  file_system_unsuitable: 'the file system cannot hold the database',
  database_newer: 'the database was written by a newer version of Latchkey',
  migration_changed: 'a migration differs from the one that was applied',
  value_invalid: 'a value cannot be stored',
  unique_violated: 'a row with this key exists',
  reference_violated: 'a row that is referred to does not exist',
  move_differs: 'what was moved is not what was there',
  transaction_ended: 'a store was used after its transaction had ended',
  transaction_failed: 'a statement was sent after another one of the same transaction had failed',
  transaction_stalled: 'a transaction waited for something other than storage',
  conflict: 'others kept changing the same at the same time',
  commit_failed: 'the write could not be made durable',
  unavailable: 'the database cannot be reached',
  overloaded: 'more is asked than can be answered',
  storage_down: 'the storage has failed and must be opened anew',
} as const;

export type StorageErrorCode = keyof typeof sentences;

/** What storage throws; `detail` says what and where, `cause` is for the log. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, detail?: string, options?: { readonly cause: unknown }) {
    super(detail === undefined ? sentences[code] : `${sentences[code]}: ${detail}`, options);
    this.code = code;
  }
}

const passing: readonly StorageErrorCode[] = [
  'unavailable',
  'conflict',
  'commit_failed',
  'overloaded',
  'storage_down',
  'transaction_stalled',
];

/** Whether the same may go well later: nothing was wrong with what was asked. */
export const isUnavailable = (error: unknown): boolean => error instanceof StorageError && passing.includes(error.code);
