import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDer, toDer } from './ecdsa-signature.ts';

describe.each([
  ['P-256', 32],
  ['P-384', 48],
] as const)('an ECDSA signature on %s', (namedCurve, half) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });

  test('is the same r||s from DER as Node itself makes of it, for a thousand signatures (leading zeros among them)', () => {
    const lengths = new Set<number>();
    for (let made = 0; made < 1000; made++) {
      const der = sign('sha256', Buffer.from(String(made)), privateKey);
      lengths.add(der.length);
      expect(toDer(fromDer(der, half), half)).toEqual(der);
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  test('goes to DER and back unchanged, whatever r and s are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2 * half, maxLength: 2 * half }), (octets) => {
        const signature = Buffer.from(octets);
        const der = toDer(signature, half);
        expect(der && fromDer(der, half)).toEqual(signature);
      }),
    );
  });

  test('of another length is none', () => {
    for (const length of [0, 1, half, 2 * half - 1, 2 * half + 1, 200])
      expect(toDer(Buffer.alloc(length, 1), half)).toBeUndefined();
  });
});
