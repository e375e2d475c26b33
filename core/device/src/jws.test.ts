import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64urlText } from './base64url.ts';
import { DeviceError } from './errors.ts';
import { jwkThumbprint, parsePublicJwk } from './jwk.ts';
import { readJws, signJws, verifyJws } from './jws.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = {
  sign: (text: string) => sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
};
const verifierOf = (key: typeof publicKey) => ({
  verify: (text: string, signature: string) =>
    verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
});
const verifier = verifierOf(publicKey);

// RFC 9449 §4.1, figure 1
const rfcProof =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg';

test('the DPoP proof of RFC 9449 §4.1 verifies, and its key has the thumbprint of §6.1', () => {
  const jws = readJws(rfcProof);
  const jwk = parsePublicJwk(jws.jwk);
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  expect(verifyJws(jws, 'dpop+jwt', verifierOf(key))).toMatchObject({ htm: 'POST', htu: 'https://server.example.com/token' });
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
  expect(jwkThumbprint(jwk, sha256)).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I');
});

test('what is signed is read back, whatever the payload holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (payload) => {
      const jws = readJws(signJws({ typ: 'a+jwt', kid: 'k1' }, payload, signer));
      expect(jws.kid).toBe('k1');
      expect(verifyJws(jws, 'a+jwt', verifier)).toEqual(JSON.parse(JSON.stringify(payload)));
    }),
    { numRuns: 30 },
  );
});

test('one kind of proof is not taken for another (RFC 8725 §3.11)', () => {
  const jws = readJws(signJws({ typ: 'a+jwt' }, {}, signer));
  expect(() => verifyJws(jws, 'b+jwt', verifier)).toThrow('proof_type');
});

test('a proof by another key is refused, also when it brings that key along', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = parsePublicJwk(other.publicKey.export({ format: 'jwk' }));
  const sign2 = (text: string) =>
    sign('sha256', Buffer.from(text), { key: other.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  expect(() => verifyJws(readJws(signJws({ typ: 'a+jwt', jwk }, {}, { sign: sign2 })), 'a+jwt', verifier)).toThrow(
    'proof_signature',
  );
});

const good = signJws({ typ: 'a+jwt' }, { a: 1 }, signer);
const [head = '', body = '', signature = ''] = good.split('.');
const withHeader = (header: object) => `${encodeBase64urlText(JSON.stringify(header))}.${body}.${signature}`;

test.each([
  ['alg none', withHeader({ typ: 'a+jwt', alg: 'none' })],
  ['HMAC keyed with the public key', withHeader({ typ: 'a+jwt', alg: 'HS256' })],
  ['crit', withHeader({ typ: 'a+jwt', alg: 'ES256', crit: ['b64'], b64: false })],
  ['no typ', withHeader({ alg: 'ES256' })],
  ['an empty signature', `${head}.${body}.`],
  ['a DER signature', `${head}.${body}.${Buffer.alloc(71, 48).toString('base64url')}`],
  ['four parts', `${good}.x`],
  ['the JSON form', JSON.stringify({ payload: body, signature })],
  ['padding', `${head}.${body}.${signature}=`],
  ['an array as payload', `${head}.${encodeBase64urlText('[]')}.${signature}`],
  ['a flood', `${head}.${'A'.repeat(16384)}.${signature}`],
])('a JWS with %s is refused (RFC 7515 §5.2)', (_name, text) => {
  expect(() => readJws(text)).toThrow(/^proof_malformed/);
});

test('no text makes the reader throw anything but its own error', () => {
  const near = fc.tuple(fc.nat(good.length), fc.string()).map(([at, text]) => good.slice(0, at) + text + good.slice(at));
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), (text) => {
      try {
        readJws(text);
      } catch (error) {
        expect(error).toBeInstanceOf(DeviceError);
      }
    }),
  );
});

const jwk = publicKey.export({ format: 'jwk' });
test.each([
  ['a private key', privateKey.export({ format: 'jwk' })],
  ['another curve', { ...jwk, crv: 'P-384' }],
  ['an octet key', { kty: 'oct', k: 'AAAA' }],
  ['a short coordinate', { ...jwk, x: 'AAAA' }],
  ['no object', 'key'],
])('%s is no public key of a device', (_name, value) => {
  expect(() => parsePublicJwk(value)).toThrow(/^proof_malformed/);
});
