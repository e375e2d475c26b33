import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Base64urlError, decodeBase64url, decodeBase64urlText, encodeBase64url, encodeBase64urlText } from './base64url.ts';

test('octets are written as node writes them, and read back (RFC 4648 §5)', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(decodeBase64url(text)).toEqual(bytes);
    }),
  );
});

test('text goes through UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encodeBase64urlText(text)).toBe(Buffer.from(text).toString('base64url'));
      expect(decodeBase64urlText(encodeBase64urlText(text))).toBe(text);
    }),
  );
});

test('each value has one spelling: whatever is read is written back the same (RFC 4648 §3.5)', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(encodeBase64url(decodeBase64url(text))).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(Base64urlError);
      }
    }),
  );
});

test.each([
  ['padding', 'YQ=='],
  ['the alphabet of plain base64', 'a+/b'],
  ['white space', 'YWJj\n'],
  ['an impossible length', 'YWJjZ'],
  ['pad bits that are not zero', 'YR'],
])('%s is refused', (_name, text) => {
  expect(() => decodeBase64url(text)).toThrow(Base64urlError);
});

test.each([
  ['an overlong form', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a cut sequence', [0xe2, 0x82]],
])('UTF-8 with %s is refused (RFC 3629 §3)', (_name, bytes) => {
  expect(() => decodeBase64urlText(Buffer.from(bytes).toString('base64url'))).toThrow(Base64urlError);
});
