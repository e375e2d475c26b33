import { expect, test } from 'vitest';
import { sortEndings } from './ending.ts';

const now = Date.UTC(2026, 10, 22);
const token = (days: number) =>
  ({
    kind: 'ending',
    what: 'device_token',
    id: `tok_${days}`,
    name: '',
    endsAt: new Date(now + days * 86_400_000).toISOString(),
  }) as const;

test('what ends within 7 days is loud, within 30 a warning, and later only counted', () => {
  const { soon, later } = sortEndings([token(7), token(8), token(30), token(31), token(90)], now);
  expect(soon.map(({ id, tone }) => [id, tone])).toEqual([
    ['tok_7', 'bad'],
    ['tok_8', 'warn'],
    ['tok_30', 'warn'],
  ]);
  expect(later).toEqual([['device_token', 2]]);
});
