import { type Freshness, readFreshness, readPayload } from './claims.ts';
import { DeviceError } from './errors.ts';

export const DPOP_TYPE = 'dpop+jwt';

/** The call a DPoP proof is for (RFC 9449 §4.2). */
export interface DpopTarget {
  readonly htm: string;
  readonly htu: string;
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
});

/** Reads the payload of a DPoP proof whose signature by the stored key has been verified. */
export const checkDpop = (payload: unknown, expected: DpopTarget): Freshness => {
  const claims = readPayload(payload);
  if (claims.htm !== expected.htm) throw new DeviceError('proof_method', `htm must be ${expected.htm}`);
  if (typeof claims.htu !== 'string' || withoutQuery(claims.htu) !== withoutQuery(expected.htu)) {
    throw new DeviceError('proof_target', `htu must be ${withoutQuery(expected.htu)}`);
  }
  return readFreshness(claims);
};
