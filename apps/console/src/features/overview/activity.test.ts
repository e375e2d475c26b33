import { expect, test } from 'vitest';
import { barsOf, periods } from './activity.ts';

const from = '2026-11-22T22:00:00.000Z';
const ones = (hours: number): number[] => Array.from({ length: hours }, () => 1);
const utc = (bar: (typeof periods)[keyof typeof periods]['bar'], hours: number) =>
  barsOf(from, ones(hours), bar, true).map(({ from, count }) => [from.toISOString().slice(8, 13), count]);

test('hours stay hours', () => {
  expect(utc('hour', 3)).toEqual([
    ['22T22', 1],
    ['22T23', 1],
    ['23T00', 1],
  ]);
});

test('quarters of days and days begin where the clock has them, and the first may be short', () => {
  expect(utc('quarter', 9)).toEqual([
    ['22T22', 2],
    ['23T00', 6],
    ['23T06', 1],
  ]);
  expect(utc('day', 27)).toEqual([
    ['22T22', 2],
    ['23T00', 24],
    ['24T00', 1],
  ]);
});

test('nothing is lost by gathering, whatever the clock of the browser', () => {
  for (const { hours, bar } of Object.values(periods)) {
    const bars = barsOf(from, ones(hours), bar, false);
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(hours);
  }
});
