import { expect, test } from 'vitest';
import { recent } from './recent.ts';

const reader = (options: { maxEntries?: number } = {}) => {
  const clock = { at: 0 };
  const asked = recent<number>({ maxAge: 100, maxEntries: options.maxEntries ?? 10, monotonicNow: () => clock.at });
  let reads = 0;
  return { clock, ask: (key = 'a') => asked(key, async () => ++reads), asked };
};

test('a read is shared until it is as old as it may be, counted from before it began', async () => {
  const { clock, ask } = reader();
  const first = ask();
  clock.at = 99;
  expect(await Promise.all([first, ask()])).toEqual([1, 1]);
  clock.at = 100;
  expect(await ask()).toBe(2);
});

test('what failed is asked for again, and nothing older is used instead', async () => {
  const { clock, ask, asked } = reader();
  await ask();
  clock.at = 100;
  await expect(asked('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await ask()).toBe(2);
});

test('a failure is told to all who wait for it', async () => {
  const { ask, asked } = reader();
  const failing = asked('a', () => Promise.reject(new Error('unreachable')));
  for (const each of [failing, ask()]) await expect(each).rejects.toThrow('unreachable');
  expect(await ask()).toBe(1);
});

test('each key has an answer of its own', async () => {
  const { ask } = reader();
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual([1, 1, 2]);
});

test('the oldest goes when there are too many', async () => {
  const { ask } = reader({ maxEntries: 2 });
  for (const key of ['a', 'b', 'c']) await ask(key);
  expect(await ask('c')).toBe(3);
  expect(await ask('a')).toBe(4);
});
