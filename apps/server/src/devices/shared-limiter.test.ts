import { expect, test } from 'vitest';
import { createSharedLimiter } from './shared-limiter.ts';

/** What all nodes counted, as the database keeps it. */
const board = () => {
  const sums = new Map<string, number>();
  return async (minute: number, counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>> =>
    new Map(
      [...counts].map(([key, count]) => {
        const sum = (sums.get(`${minute} ${key}`) ?? 0) + count;
        sums.set(`${minute} ${key}`, sum);
        return [key, sum] as const;
      }),
    );
};

test('what one node counted limits the other after an exchange, and not before', async () => {
  const clock = { at: 120_000 };
  const [a, b] = [1, 2].map(() => createSharedLimiter({ limit: 8, now: () => clock.at }));
  const add = board();
  if (a === undefined || b === undefined) throw new TypeError('two nodes');
  for (let event = 0; event < 6; event += 1) expect(a.take('x')).toBe(0);
  for (let event = 0; event < 2; event += 1) expect(b.take('x')).toBe(0);
  await a.exchange(add);
  expect(b.wait('x')).toBe(0);
  await b.exchange(add);
  clock.at += 20_000;
  expect(b.wait('x')).toBe(40);
  expect(b.take('x')).toBe(40);
  expect(b.wait('y')).toBe(0);
  // Nothing is told twice.
  await a.exchange(add);
  await b.exchange(add);
  expect(a.take('x')).toBe(0);
  clock.at += 40_000;
  expect(b.wait('x')).toBe(0);
});

test('who is far from the limit is not told of', async () => {
  const limiter = createSharedLimiter({ limit: 8, now: () => 0 });
  limiter.take('x');
  await limiter.exchange(async () => expect.unreachable());
});

test('an exchange that fails loses no count; one that ends in the next minute changes nothing', async () => {
  const clock = { at: 0 };
  const limiter = createSharedLimiter({ limit: 4, now: () => clock.at });
  for (let event = 0; event < 3; event += 1) limiter.take('x');
  const failing = async () => {
    throw new Error('the database is gone');
  };
  await expect(limiter.exchange(failing)).rejects.toThrow('gone');
  let told = 0;
  await limiter.exchange(async (_minute, counts) => {
    told = counts.get('x') ?? 0;
    clock.at = 60_000;
    limiter.take('x');
    return new Map([['x', 100]]);
  });
  expect(told).toBe(3);
  expect(limiter.wait('x')).toBe(0);
});
