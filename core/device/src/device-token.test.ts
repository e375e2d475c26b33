import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeviceToken, formatDeviceToken, judgeDeviceToken, parseDeviceToken } from './device-token.ts';
import { DeviceError } from './errors.ts';
import { formatToken, parseToken } from './secret-token.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base62 = (length: number) => fc.string({ unit: fc.constantFrom(...BASE62), minLength: length, maxLength: length });
const text = formatDeviceToken({ lookup: 'abcDEF0123', secret: 'x'.repeat(32) });

test('a token is written and read back', () => {
  fc.assert(
    fc.property(base62(10), base62(32), (lookup, secret) => {
      const written = formatDeviceToken({ lookup, secret });
      expect(written).toMatch(/^lkd_[0-9A-Za-z]{48}$/);
      expect(parseDeviceToken(written)).toEqual({ lookup, secret, text: written });
    }),
  );
});

test('the checksum is the CRC-32 of what precedes it in base62', () => {
  let value = 0;
  for (const character of text.slice(-6)) value = value * 62 + BASE62.indexOf(character);
  expect(value).toBe(crc32(text.slice(0, -6)));
});

test('a typing error is caught without the server: one character changed, two neighbours swapped', () => {
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...BASE62), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      const swapped =
        text.slice(0, at) +
        text
          .slice(at, at + 2)
          .split('')
          .reverse()
          .join('') +
        text.slice(at + 2);
      for (const wrong of [changed, swapped]) if (wrong !== text) expect(() => parseDeviceToken(wrong)).toThrow(DeviceError);
    }),
  );
});

test.each(['', 'lkd_', 'password1', text.slice(1), `${text}x`, text.toUpperCase(), `${text.slice(0, 20)}-${text.slice(21)}`])(
  'what is no token is refused and not echoed: %j',
  (wrong) => {
    let refused: unknown;
    try {
      parseDeviceToken(wrong);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(DeviceError);
    expect(refused).toMatchObject({ code: 'token_malformed' });
    if (wrong.length > 5) expect(String(refused)).not.toContain(wrong);
  },
);

test('another kind of secret of the same form is not a device token', () => {
  const apiKey = formatToken('lka_', { lookup: 'abcDEF0123', secret: 'x'.repeat(32) });
  expect(parseToken('lka_', apiKey).lookup).toBe('abcDEF0123');
  expect(() => parseDeviceToken(apiKey)).toThrow('token_malformed');
  expect(() => parseDeviceToken(`lkd_${apiKey.slice(4)}`)).toThrow('token_malformed');
});

const token: DeviceToken = {
  id: 'tok_1',
  organizationId: 'org_1',
  description: '',
  lookup: 'abcDEF0123',
  hash: '',
  hint: '',
  domains: [],
  enrollment: 'automatic',
  maxEnrollments: null,
  enrollments: 7,
  createdAt: 0,
  createdBy: '',
  expiresAt: 1000,
  revokedAt: null,
  lastUsedAt: null,
  platforms: [],
  networks: [],
  rotatedTo: null,
};

test.each([
  ['good', {}],
  ['good', { domains: ['acme.com', 'other.example.com'] }],
  ['good', { maxEnrollments: 8 }],
  ['token_spent', { maxEnrollments: 7 }],
  ['token_spent', { maxEnrollments: 0 }],
  ['token_expired', { expiresAt: 500 }],
  ['token_revoked', { revokedAt: 400, expiresAt: 300 }],
  ['token_domain', { domains: ['other.example.com'] }],
  ['good', { platforms: ['windows', 'linux'] }],
  ['token_platform', { platforms: ['windows'] }],
  ['token_network', { networks: ['192.0.2.0/24'] }],
] as const)('a token is judged %s when %o', (verdict, change) => {
  const judged = judgeDeviceToken(
    { ...token, ...change },
    { domain: 'acme.com', platform: 'linux', inNetworks: false, now: 500 },
  );
  expect(judged).toEqual(verdict === 'good' ? { kind: 'good' } : { kind: 'refused', code: verdict });
});

test('a token for some platforms is not for a machine of which nobody knows the platform', () => {
  const facts = { domain: 'acme.com', platform: undefined, inNetworks: true, now: 500 };
  expect(judgeDeviceToken({ ...token, platforms: ['linux'] }, facts)).toEqual({ kind: 'refused', code: 'token_platform' });
  expect(judgeDeviceToken({ ...token, networks: ['192.0.2.0/24'] }, facts)).toEqual({ kind: 'good' });
});
