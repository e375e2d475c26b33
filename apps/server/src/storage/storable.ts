import type { CompiledQuery } from 'kysely';
import { StorageError } from './storage-error.ts';

/** What may be bound to a parameter. */
export type Storable = null | number | string | Uint8Array;

/**
 * node:sqlite binds a Date as NULL and true as 1 without a word, writes U+FFFD for a lone surrogate, and cannot read back an integer
 * over 2^53; PostgreSQL refuses NUL in text. What is not the same on both engines and on the way back does not get in.
 */
const isStorable = (value: unknown): value is Storable =>
  value === null ||
  (typeof value === 'number' && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) ||
  (typeof value === 'string' && value.isWellFormed() && !value.includes('\0')) ||
  value instanceof Uint8Array;

/** The parameters of a query, each of which every engine stores as it is. */
export const storableParameters = ({ parameters, sql }: Pick<CompiledQuery, 'parameters' | 'sql'>): Storable[] =>
  parameters.map((value, index) => {
    if (isStorable(value)) return value;
    const what =
      value instanceof Date ? 'a Date' : typeof value === 'string' ? 'text with NUL or a lone surrogate' : String(value);
    throw new StorageError('value_invalid', `parameter ${index + 1} is ${what} (${typeof value}) in ${sql}`);
  });
