import { expect, test } from 'vitest';
import { platformOf } from './platform.ts';

test.each([
  ['Windows_NT', 'windows'],
  ['Microsoft Windows 11 Enterprise', 'windows'],
  ['Darwin', 'macos'],
  ['macOS', 'macos'],
  ['Mac OS X', 'macos'],
  ['Linux', 'linux'],
  ['Debian GNU/Linux', 'linux'],
  ['Ubuntu', 'linux'],
  ['Red Hat Enterprise Linux', 'linux'],
  ['Arch Linux', 'linux'],
  ['iOS', 'ios'],
  ['iPadOS', 'ios'],
  ['Android', 'android'],
  ['Chrome OS', 'chromeos'],
  ['chromeOS', 'chromeos'],
] as const)('osName "%s" is of the family %s', (osName, platform) => expect(platformOf(osName)).toBe(platform));

test.each(['', 'Plan 9', 'not windows', 'FreeBSD'])('osName "%s" is of no family that is known', (osName) => {
  expect(platformOf(osName)).toBeUndefined();
});
