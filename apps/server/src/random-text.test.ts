import { expect, test } from 'vitest';
import { randomText } from './random-text.ts';

test.each([0, 1, 10, 32, 1000])('%i characters of base62', (length) => {
  expect(randomText(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
});

test('every character appears, none much more often than another', () => {
  const counts = new Map<string, number>();
  for (const letter of randomText(62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 1000 each on average; six standard deviations either way.
  expect(Math.max(...counts.values())).toBeLessThan(1200);
  expect(Math.min(...counts.values())).toBeGreaterThan(800);
});
