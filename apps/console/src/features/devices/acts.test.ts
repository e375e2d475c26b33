import { expect, test } from 'vitest';
import { actsOf, commonActs, deviceStates, requestOf } from './acts.ts';

test('for several devices only what all of them allow is offered', () => {
  expect(commonActs(['pending', 'pending'])).toEqual(['approve', 'deny', 'remove-now']);
  expect(commonActs(['pending', 'registered'])).toEqual(['remove-now']);
  expect(commonActs(['registered', 'removed'])).toEqual([]);
  expect(commonActs([])).toEqual([]);
});

test('whatever is not removed can be removed', () => {
  for (const state of deviceStates) expect(actsOf(state).includes('remove-now')).toBe(state !== 'removed');
});

test('removing now and at the next keepalive are one route', () => {
  expect(requestOf('remove-now', 'stolen')).toEqual({ path: 'remove', body: { reason: 'stolen', force: true } });
  expect(requestOf('remove', '')).toEqual({ path: 'remove', body: { force: false } });
  expect(requestOf('approve', '')).toEqual({ path: 'approve', body: {} });
});
