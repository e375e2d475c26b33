import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JoinState } from './device.ts';
import { adoptJoinState, judgeJoinState, nextJoinState, RESTORED_JOIN_ID } from './join-state.ts';

const start = { joinState: { counter: 0, id: 'id0' }, previousJoinId: '' };

/** A server and holders of copies of one key, each with the join state it was last given. */
const play = (turns: readonly { holder: number; lost: boolean }[]) => {
  let device: typeof start = start;
  let ids = 0;
  const held = new Map<number, JoinState>();
  for (const [turn, { holder, lost }] of turns.entries()) {
    const verdict = judgeJoinState(device, held.get(holder) ?? start.joinState);
    if (verdict === 'clone_suspected') return turn;
    ids += 1;
    device = nextJoinState(device, verdict, `id${ids}`);
    if (!lost) held.set(holder, device.joinState);
  }
  return undefined;
};

test('one machine is never suspected, however many replies are lost (device-binding §5.9)', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (losses) => {
      expect(play(losses.map((lost) => ({ holder: 0, lost })))).toBeUndefined();
    }),
  );
});

test('clone that alternates perfectly: detected at the third sign-in, where a bare counter would see nothing', () => {
  const turns = [0, 1, 0, 1].map((holder) => ({ holder, lost: false }));
  expect(play(turns)).toBe(2);
});

test('two machines that both hear their replies are detected once each has signed in and one of the two again', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1), { maxLength: 20 }), (holders) => {
      const turns = [...holders, 0, 1, 0].map((holder) => ({ holder, lost: false }));
      expect(play(turns)).toBeDefined();
    }),
  );
});

test.each([
  ['an older count', { counter: 1, id: 'a' }],
  ['the previous count with an invented id', { counter: 2, id: 'x' }],
  ['the current count with the previous id', { counter: 3, id: 'b' }],
  ['a count that was never handed out', { counter: 4, id: 'c' }],
])('%s means a clone', (_name, presented) => {
  expect(judgeJoinState({ joinState: { counter: 3, id: 'c' }, previousJoinId: 'b' }, presented)).toBe('clone_suspected');
});

test('before the first sign-in there is no previous state to present', () => {
  expect(judgeJoinState(start, { counter: -1, id: '' })).toBe('clone_suspected');
});

const restored = { joinState: { counter: 3, id: RESTORED_JOIN_ID }, previousJoinId: 'b' };

test.each([
  ['as it was backed up', { counter: 3, id: 'c' }],
  ['that has signed in since', { counter: 7, id: 'g' }],
])('after a restore a device %s goes on, and may lose that reply too', (_name, presented) => {
  const device = adoptJoinState(restored, presented);
  expect(judgeJoinState(device, presented)).toBe('current');
  const next = nextJoinState(device, 'current', 'new');
  expect(next.joinState).toEqual({ counter: presented.counter + 1, id: 'new' });
  expect(judgeJoinState(next, presented)).toBe('lost_reply');
});

test('clone of a device after a restore: the second of the two to sign in is detected', () => {
  const next = nextJoinState(adoptJoinState(restored, { counter: 7, id: 'g' }), 'current', 'new');
  const twin = { counter: 5, id: 'e' };
  expect(judgeJoinState(adoptJoinState(next, twin), twin)).toBe('clone_suspected');
});

test('a state older than the backup means a clone, after a restore too', () => {
  const old = { counter: 2, id: 'x' };
  expect(judgeJoinState(adoptJoinState(restored, old), old)).toBe('clone_suspected');
});
