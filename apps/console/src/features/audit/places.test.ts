import { expect, test } from 'vitest';
import { placeOf, shorten } from './places.ts';

test('what an event is about is opened where it is looked at', () => {
  expect(placeOf('device:dev_1')).toEqual({ path: 'devices', open: 'dev_1' });
  expect(placeOf('domain:acme.com')).toEqual({ path: 'sign-in/domains', open: 'acme.com' });
  expect(placeOf('server')).toBeUndefined();
  expect(placeOf('device')).toBeUndefined();
});

test('an id is told from others by its end; what is none is as it was', () => {
  expect(shorten(`device:dev_${'0'.repeat(26)}3f2a81`)).toBe('device …3f2a81');
  expect(shorten('domain:acme.com')).toBe('domain:acme.com');
});
