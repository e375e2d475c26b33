import { expect, test } from 'vitest';
import { type Board, createSharedLimiter, exchangeCounts, type SharedLimiter } from './shared-limiter.ts';

/** What all nodes counted, as the database keeps it. */
const createBoard = (): Board => {
  const minutes = new Map<number, Map<string, Map<string, number>>>();
  const of = (minute: number): Map<string, Map<string, number>> => {
    const sums = minutes.get(minute) ?? new Map();
    minutes.set(minute, sums);
    return sums;
  };
  return {
    add: async (minute, counts) => {
      for (const [limiter, news] of counts) {
        const sums = of(minute).get(limiter) ?? new Map<string, number>();
        for (const [key, count] of news) sums.set(key, (sums.get(key) ?? 0) + count);
        of(minute).set(limiter, sums);
      }
      return of(minute);
    },
    list: async (minute) => of(minute),
  };
};

const together = (limiter: SharedLimiter) => new Map([['of tests', limiter]]);

const twoNodes = (options: { readonly limit: number; readonly tellFrom: number }) => {
  const clock = { at: 120_000 };
  const board = createBoard();
  const node = () => {
    const limiter = createSharedLimiter({ ...options, now: () => clock.at });
    return { ...limiter, exchange: () => exchangeCounts(together(limiter), board, clock.at) };
  };
  return { clock, a: node(), b: node() };
};

test('what one node counted limits the other after an exchange, and not before', async () => {
  const { clock, a, b } = twoNodes({ limit: 8, tellFrom: 2 });
  for (let event = 0; event < 6; event += 1) expect(a.take('x')).toBe(0);
  for (let event = 0; event < 2; event += 1) expect(b.take('x')).toBe(0);
  await a.exchange();
  expect(b.wait('x')).toBe(0);
  await b.exchange();
  clock.at += 20_000;
  expect(b.wait('x')).toBe(40);
  expect(b.take('x')).toBe(40);
  expect(b.wait('y')).toBe(0);
  await a.exchange();
  expect(a.take('x')).toBe(40);
  clock.at += 40_000;
  expect(b.wait('x')).toBe(0);
});

test('nothing is told twice, and what is left is what all nodes have left', async () => {
  const { clock, a, b } = twoNodes({ limit: 10, tellFrom: 1 });
  expect(a.left('x')).toEqual({ remaining: 10, reset: 60 });
  a.take('x');
  for (let round = 0; round < 3; round += 1) {
    await a.exchange();
    await b.exchange();
  }
  b.take('x');
  await b.exchange();
  await a.exchange();
  clock.at += 15_000;
  expect([a.left('x'), b.left('x')]).toEqual([
    { remaining: 8, reset: 45 },
    { remaining: 8, reset: 45 },
  ]);
});

test('a key that nobody has used at a node is limited there all the same', async () => {
  const { a, b } = twoNodes({ limit: 8, tellFrom: 2 });
  for (let event = 0; event < 8; event += 1) a.take('x');
  await a.exchange();
  await b.exchange();
  expect(b.left('x').remaining).toBe(0);
  expect(b.take('x')).toBe(60);
});

test('a node that was started anew takes what it had counted for that of others', async () => {
  const { clock, a } = twoNodes({ limit: 8, tellFrom: 1 });
  const board = createBoard();
  for (let event = 0; event < 8; event += 1) a.take('x');
  await exchangeCounts(together(a), board, clock.at);
  const anew = createSharedLimiter({ limit: 8, tellFrom: 1, now: () => clock.at });
  await exchangeCounts(together(anew), board, clock.at);
  expect(anew.take('x')).toBe(60);
});

test('who is far from the limit is not told of', async () => {
  const limiter = createSharedLimiter({ limit: 8, tellFrom: 2, now: () => 0 });
  limiter.take('x');
  await exchangeCounts(together(limiter), { ...createBoard(), add: async () => expect.unreachable() }, 0);
});

test('an exchange that fails loses no count; one that ends in the next minute changes nothing', async () => {
  const clock = { at: 0 };
  const limiter = createSharedLimiter({ limit: 4, tellFrom: 1, now: () => clock.at });
  for (let event = 0; event < 3; event += 1) limiter.take('x');
  const gone = async () => {
    throw new Error('the database is gone');
  };
  await expect(exchangeCounts(together(limiter), { ...createBoard(), add: gone }, 0)).rejects.toThrow('gone');
  expect(limiter.news(0)).toEqual(new Map([['x', 3]]));
  // It was added, and only the rest was lost: it is not added again.
  const board = createBoard();
  await expect(exchangeCounts(together(limiter), { ...board, list: gone }, 0)).rejects.toThrow('gone');
  await exchangeCounts(together(limiter), board, 0);
  expect(await board.list(0, 1)).toEqual(new Map([['of tests', new Map([['x', 3]])]]));

  limiter.take('x');
  const slow: Board['add'] = async () => {
    clock.at = 60_000;
    limiter.take('x');
    return new Map([['of tests', new Map([['x', 100]])]]);
  };
  await exchangeCounts(together(limiter), { ...board, add: slow }, 0);
  expect(limiter.wait('x')).toBe(0);
  expect(limiter.news(0)).toEqual(new Map());
});
