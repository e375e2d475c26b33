import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceState } from './device.ts';
import { meetsEvidence } from './evidence.ts';
import { type DeviceEvent, refusalOfState, transition, transitions } from './state.ts';

// device-binding §7, written out once more: `from>to`.
const EDGES = new Set([
  'pending>registered',
  'pending>denied',
  'registered>unregistered',
  'unregistered>registered',
  'registered>removal_pending',
  'removal_pending>removed',
  'registered>quarantined',
  'quarantined>registered',
  ...['pending', 'denied', 'registered', 'unregistered', 'removal_pending', 'quarantined'].map((state) => `${state}>removed`),
]);
const states: DeviceState[] = ['pending', 'denied', 'registered', 'unregistered', 'removal_pending', 'removed', 'quarantined'];
const events: DeviceEvent[] = [
  'approve',
  'deny',
  'sign_in',
  'sign_out',
  'request_removal',
  'keepalive',
  'quarantine',
  'release',
  'remove',
];

test('only the edges of device-binding §7 exist, and each of them does', () => {
  const found = new Set<string>();
  for (const state of states) {
    for (const event of events) {
      const next = transition(state, event);
      if (next !== undefined) found.add(`${state}>${next}`);
    }
  }
  expect(found).toEqual(EDGES);
  expect(Object.keys(transitions).sort()).toEqual([...states].sort());
});

test('a denied or removed device never revives, whatever happens to it', () => {
  fc.assert(
    fc.property(fc.constantFrom<DeviceState>(...states), fc.array(fc.constantFrom(...events)), (start, history) => {
      let state = start;
      let over = false;
      for (const event of history) {
        over ||= state === 'denied' || state === 'removed';
        state = transition(state, event) ?? state;
        if (over) expect(['denied', 'removed']).toContain(state);
      }
    }),
  );
});

test('evidence levels are ordered (device-binding §3)', () => {
  expect(meetsEvidence('E0', 'E0')).toBe(true);
  expect(meetsEvidence('E2', 'E3')).toBe(false);
  expect(meetsEvidence('E4', 'E1')).toBe(true);
});

test('what is open to registered devices is refused in every other state, each with its code', () => {
  const codes = Object.fromEntries(Object.keys(transitions).map((state) => [state, refusalOfState(state as DeviceState)]));
  expect(codes).toEqual({
    pending: 'device_pending',
    registered: undefined,
    unregistered: 'device_unregistered',
    removal_pending: 'device_removed',
    removed: 'device_removed',
    quarantined: 'device_quarantined',
    denied: 'device_denied',
  });
});

test('a state that is said to be open, too, is not refused, and no other one', () => {
  expect(refusalOfState('unregistered', ['unregistered'])).toBeUndefined();
  expect(refusalOfState('quarantined', ['unregistered'])).toBe('device_quarantined');
});
