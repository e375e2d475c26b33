import { expect, test } from 'vitest';
import { rememberBriefly } from './remember-briefly.ts';

const counted = () => {
  const clock = { now: 0 };
  const asked: string[] = [];
  let fails = false;
  const find = rememberBriefly(
    async (key: string) => {
      asked.push(key);
      if (fails) throw new Error('unreachable');
      return `${key} ${asked.length}`;
    },
    () => clock.now,
  );
  return { clock, asked, find, fail: (value: boolean) => (fails = value) };
};

test('an answer is remembered for a second and asked for again after it', async () => {
  const { clock, asked, find } = counted();
  expect(await find('a')).toBe('a 1');
  clock.now = 999;
  expect(await find('a')).toBe('a 1');
  clock.now = 1000;
  expect(await find('a')).toBe('a 2');
  expect(asked).toEqual(['a', 'a']);
});

test('those who ask at the same time share one answer', async () => {
  const { asked, find } = counted();
  expect(await Promise.all([find('a'), find('a'), find('b')])).toEqual(['a 1', 'a 1', 'b 2']);
  expect(asked).toEqual(['a', 'b']);
});

test('a failure is told to all who wait and is not remembered', async () => {
  const { find, fail } = counted();
  fail(true);
  const both = [find('a'), find('a')];
  for (const each of both) await expect(each).rejects.toThrow('unreachable');
  fail(false);
  expect(await find('a')).toBe('a 2');
});
