import { expect, test } from 'vitest';
import { endsSoon } from './ends-soon.ts';

test('only the key that signs is worth a warning, 90 days before its certificate ends', () => {
  const now = Date.UTC(2026, 10, 23);
  const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString();
  expect(endsSoon({ state: 'active', validUntil: inDays(89) }, now)).toBe(true);
  expect(endsSoon({ state: 'active', validUntil: inDays(-1) }, now)).toBe(true);
  expect(endsSoon({ state: 'active', validUntil: inDays(90) }, now)).toBe(false);
  expect(endsSoon({ state: 'retiring', validUntil: inDays(1) }, now)).toBe(false);
});
