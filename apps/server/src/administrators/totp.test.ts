import { expect, test } from 'vitest';
import { base32, findTotpStep, hotp, totpUri } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

test('codes by counter are those of RFC 4226, appendix D', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
  expect(codes.map((_, counter) => hotp(secret, counter))).toEqual(codes);
});

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('the code at %i seconds is that of RFC 6238, appendix B', (seconds, code) => {
  expect(hotp(secret, Math.floor(seconds / 30), 8)).toBe(code);
});

test('a code holds one step before and after its own (RFC 6238 §5.2)', () => {
  const code = hotp(secret, 100);
  const at = (step: number) => findTotpStep(secret, code, step * 30_000);
  expect([98, 99, 100, 101, 102].map(at)).toEqual([undefined, 100, 100, 100, undefined]);
  expect(findTotpStep(secret, ` ${code.slice(0, 3)} ${code.slice(3)}`, 100 * 30_000)).toBe(100);
});

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j in base32 is that of RFC 4648 §10, without padding', (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded);
});

test('an app reads issuer and account from the URI', () => {
  const uri = new URL(totpUri(secret, 'Latchkey id.acme.com', 'j&d@acme.com'));
  expect(decodeURIComponent(uri.pathname)).toBe('/Latchkey id.acme.com:j&d@acme.com');
  expect(uri.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
});
