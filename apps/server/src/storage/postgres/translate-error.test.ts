import { expect, test } from 'vitest';
import { isStale, translateError } from './translate-error.ts';

const failure = (said: object): Error => Object.assign(new Error('it failed'), said);
/** As PostgreSQL says it. */
const answer = (code: string, routine = 'errfinish'): Error => failure({ severity: 'ERROR', code, routine });

// EPIPE looks like a SQLSTATE.
test.each(['EPIPE', 'ECONNRESET', 'ENOTFOUND', undefined])('a connection that fails is unavailable: %s', (code) =>
  expect(translateError(failure(code === undefined ? {} : { code }))).toMatchObject({
    name: 'StorageError',
    code: 'unavailable',
  }),
);

test.each(['57P01', '08006', '53300'])('a database that says that it cannot is unavailable: %s', (code) =>
  expect(translateError(answer(code))).toMatchObject({ name: 'StorageError', code: 'unavailable' }),
);

test('what PostgreSQL refuses keeps its name', () => {
  expect(translateError(answer('23505'))).toMatchObject({ name: 'StorageError', code: 'unique_violated' });
});

test('a mistake of ours stays one', () => {
  expect(translateError(answer('42601'))).toMatchObject({ name: 'Error', code: '42601' });
});

test('a statement whose table has changed since it was prepared is to be run again; what cannot be done at all is not', () => {
  const stale = translateError(answer('0A000', 'RevalidateCachedQuery'));
  expect(stale).toMatchObject({ name: 'StorageError', code: 'conflict' });
  expect(isStale(stale)).toBe(true);
  const unsupported = translateError(answer('0A000'));
  expect(unsupported).toMatchObject({ name: 'Error', code: '0A000' });
  expect(isStale(unsupported)).toBe(false);
});
