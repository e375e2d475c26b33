import { expect, test } from 'vitest';
import { runEach } from './run-each.ts';

const items = Array.from({ length: 20 }, (_, index) => index);

test('what fails is told and does not stop the others', async () => {
  const progress: number[] = [];
  const { done, failures } = await runEach(
    items,
    async (item) => {
      if (item % 5 === 0) throw new Error(`no ${item}`);
    },
    { onProgress: (ended) => progress.push(ended), stopped: () => false },
  );
  expect(done).toHaveLength(16);
  expect(failures.map(({ item }) => item).sort((a, b) => a - b)).toEqual([0, 5, 10, 15]);
  expect(progress).toEqual(items.map((index) => index + 1));
});

test('stopped: what has begun is ended, the rest is left alone', async () => {
  let ended = 0;
  const { done } = await runEach(items, async () => undefined, {
    onProgress: (count) => {
      ended = count;
    },
    stopped: () => ended >= 3,
  });
  expect(done.length).toBeGreaterThanOrEqual(3);
  expect(done.length).toBeLessThan(items.length);
});
