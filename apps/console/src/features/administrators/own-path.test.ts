import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

test('a path of this server is where the sign-in leads back to', () => {
  expect(ownPath('/o/org_1/devices?state=pending#top')).toBe('/o/org_1/devices?state=pending#top');
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  '/\n/evil.example',
  'javascript:alert(1)',
  'evil',
  '',
  7,
  undefined,
])('open redirect: %j leads nowhere', (value) => {
  expect(ownPath(value)).toBeUndefined();
});
