import { type Freshness, readFreshness, readPayload } from './claims.ts';
import { DeviceError } from './errors.ts';

export const DPOP_TYPE = 'dpop+jwt';

/** The call a DPoP proof is for (RFC 9449 §4.2). */
export interface DpopTarget {
  readonly htm: string;
  readonly htu: string;
  /** Where the call carries an access token: base64url SHA-256 of it. */
  readonly ath?: string;
}

/** RFC 9449 §4.3 step 9: query and fragment are ignored. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '');

/** The payload of a DPoP proof. */
export const buildDpop = (proof: DpopTarget & Freshness): object => ({
  htm: proof.htm,
  htu: withoutQuery(proof.htu),
  jti: proof.jti,
  iat: proof.iat,
  nonce: proof.nonce,
  ...(proof.ath === undefined ? {} : { ath: proof.ath }),
});

/** Reads the payload of a DPoP proof whose signature by the stored key has been verified. */
export const checkDpop = (payload: unknown, expected: DpopTarget): Freshness => {
  const claims = readPayload(payload);
  if (claims.htm !== expected.htm) throw new DeviceError('proof_method', `htm must be ${expected.htm}`);
  if (typeof claims.htu !== 'string' || withoutQuery(claims.htu) !== withoutQuery(expected.htu)) {
    throw new DeviceError('proof_target', `htu must be ${withoutQuery(expected.htu)}`);
  }
  if (expected.ath !== undefined && claims.ath !== expected.ath) {
    throw new DeviceError('proof_digest', 'ath must be the digest of the access token');
  }
  return readFreshness(claims);
};
