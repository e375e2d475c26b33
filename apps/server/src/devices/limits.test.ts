import { expect, test } from 'vitest';
import { createLimiter, createSample, peerOf } from './limits.ts';

const clock = () => {
  let at = 1_000_000;
  const wait = (milliseconds: number): void => {
    at += milliseconds;
  };
  return { now: () => at, wait };
};

test('a limit counts each key by itself, says how long to wait, and starts anew each minute', () => {
  const { now, wait } = clock();
  const limiter = createLimiter({ limit: 2, now });
  expect([limiter.take('a'), limiter.take('a'), limiter.take('b')]).toEqual([0, 0, 0]);
  wait(20_000);
  expect(limiter.wait('a')).toBe(40);
  expect(limiter.take('a')).toBe(40);
  expect(limiter.wait('b')).toBe(0);
  expect([limiter.left('a'), limiter.left('b'), limiter.left('c')].map(({ remaining }) => remaining)).toEqual([0, 1, 2]);
  expect(limiter.left('a').reset).toBe(40);
  wait(40_000);
  expect(limiter.take('a')).toBe(0);
});

test('a clock that is set back does not lock anybody out', () => {
  const { now, wait } = clock();
  const limiter = createLimiter({ limit: 1, now });
  limiter.take('a');
  wait(-500_000);
  expect(limiter.take('a')).toBe(0);
});

test('a flood of keys does not grow the memory, nor lift the limit of those who were counted', () => {
  const { now } = clock();
  const limiter = createLimiter({ limit: 1, now });
  for (let index = 0; index < 100_500; index += 1) limiter.take(`key ${index}`);
  expect(limiter.wait('key 1')).toBeGreaterThan(0);
  expect(limiter.wait('key 100400')).toBe(0);
});

test('refusals of strangers are all counted and a few of them logged', () => {
  const { now, wait } = clock();
  const [counted, logged]: [string[], object[]] = [[], []];
  const sample = createSample({
    count: (code) => counted.push(code),
    log: (details) => logged.push(details),
    perMinute: 2,
    now,
  });
  for (let index = 0; index < 5; index += 1) sample('token_unknown', { index });
  expect([counted.length, logged.length]).toEqual([5, 2]);
  wait(60_000);
  sample('token_unknown', {});
  expect(logged).toHaveLength(3);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
])('the peer at %s is %s: an IPv6 customer has a whole /64', (address, peer) => {
  expect(peerOf(address)).toBe(peer);
});
