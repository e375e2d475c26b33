import { expect, test } from 'vitest';
import { listOf } from './live.ts';

test('an event makes the list stale that shows what it is about', () => {
  expect(listOf('{"type":"device","id":"dev_1","action":"device.enrolled"}')).toBe('devices');
  expect(listOf('{"type":"device_token","id":"tok_1","action":"device_token.created"}')).toBe('device-tokens');
});

test('an event that no list shows changes nothing', () => {
  expect(listOf('{"type":"backup","id":"","action":"backup.made"}')).toBeUndefined();
  expect(listOf('{}')).toBeUndefined();
});
