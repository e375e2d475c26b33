import { decodeBase64url } from './base64url.ts';
import type { PublicJwk } from './device.ts';
import { DeviceError } from './errors.ts';
import { isObject } from './jws.ts';

/** RFC 7518 §6.2.2, §6.3.2, §6.4: a key with one of these is not a public key, and must never be sent. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const isCoordinate = (value: unknown): value is string => {
  if (typeof value !== 'string') return false;
  try {
    return decodeBase64url(value).length === 32;
  } catch {
    return false;
  }
};

/** A P-256 public key from the wire, reduced to the members of its thumbprint. That the point is on the curve is the importer's check. */
export const parsePublicJwk = (value: unknown): PublicJwk => {
  if (!isObject(value)) throw new DeviceError('proof_malformed', 'jwk must be an object');
  const secret = PRIVATE_MEMBERS.find((member) => member in value);
  if (secret !== undefined) throw new DeviceError('proof_malformed', `jwk holds the private member "${secret}"`);
  const { kty, crv, x, y } = value;
  if (kty !== 'EC' || crv !== 'P-256') throw new DeviceError('proof_malformed', 'jwk must be an EC key on P-256');
  if (!isCoordinate(x) || !isCoordinate(y))
    throw new DeviceError('proof_malformed', 'x and y of jwk must be 32 octets in base64url');
  return { kty, crv, x, y };
};

/** RFC 7638 §3: the digest of the required members in lexical order. `sha256` returns base64url. */
export const jwkThumbprint = (jwk: PublicJwk, sha256: (text: string) => string): string =>
  sha256(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }));
