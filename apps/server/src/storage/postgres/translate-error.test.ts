import { expect, test } from 'vitest';
import { translateError } from './translate-error.ts';

const failure = (code?: string): Error => Object.assign(new Error('it failed'), code === undefined ? {} : { code });

test.each(['EPIPE', 'ECONNRESET', 'ENOTFOUND', undefined, '57P01', '08006', '53300'])(
  'a database that cannot be reached is unavailable: %s',
  (code) => expect(translateError(failure(code))).toMatchObject({ name: 'StorageError', code: 'unavailable' }),
);

test('what PostgreSQL refuses keeps its name', () => {
  expect(translateError(failure('23505'))).toMatchObject({ name: 'StorageError', code: 'unique_violated' });
});

test('a mistake of ours stays one', () => {
  expect(translateError(failure('42601'))).toMatchObject({ name: 'Error', code: '42601' });
});
