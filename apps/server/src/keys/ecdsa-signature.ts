/**
 * ECDSA signatures are r||s in XML signatures and JWS, and DER in OpenSSL. Node converts them too (`dsaEncoding`), but asking for it makes a
 * verification cost half as much again and a signature twice: a bare KeyObject is its fast path.
 */

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** A DER INTEGER of the big-endian `octets`: no leading zeros, but one where the top bit would make it negative. */
const derInteger = (octets: Buffer): Buffer => {
  let start = 0;
  while (start < octets.length - 1 && octets[start] === 0) start++;
  const positive = (octets[start] ?? 0) >= 0x80 ? 1 : 0;
  const length = octets.length - start + positive;
  const integer = Buffer.alloc(2 + length);
  integer[0] = INTEGER;
  integer[1] = length;
  octets.copy(integer, 2 + positive, start);
  return integer;
};

/** DER of an r||s signature whose halves have `half` octets each; undefined if it has another length. For curves up to P-384. */
export const toDer = (signature: Buffer, half: number): Buffer | undefined => {
  if (signature.length !== 2 * half) return undefined;
  const r = derInteger(signature.subarray(0, half));
  const s = derInteger(signature.subarray(half));
  return Buffer.concat([Buffer.from([SEQUENCE, r.length + s.length]), r, s]);
};

/** r||s of the DER signature that OpenSSL has just made. For curves up to P-384. */
export const fromDer = (der: Buffer, half: number): Buffer => {
  const signature = Buffer.alloc(2 * half);
  let at = 2;
  for (const end of [half, 2 * half]) {
    const length = der[at + 1] ?? 0;
    const excess = Math.max(0, length - half);
    der.copy(signature, end - (length - excess), at + 2 + excess, at + 2 + length);
    at += 2 + length;
  }
  return signature;
};
