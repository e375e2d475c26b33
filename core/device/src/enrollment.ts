import { type Freshness, readFreshness, readPayload, readText } from './claims.ts';
import type { Parameters } from './device.ts';
import { DeviceError } from './errors.ts';
import { parseParameters } from './parameters.ts';

export const ENROLLMENT_TYPE = 'latchkey-enroll+jwt';

export interface EnrollmentClaims extends Freshness {
  /** The whole device token, not yet looked at. */
  readonly token: string;
  /** `login@domain`, not yet folded. */
  readonly userName: string;
  readonly parameters: Parameters;
}

/** The payload of an enrollment message. */
export const buildEnrollment = (claims: EnrollmentClaims & { readonly audience: string }): object => ({
  token: claims.token,
  nonce: claims.nonce,
  aud: claims.audience,
  jti: claims.jti,
  iat: claims.iat,
  userName: claims.userName,
  parameters: claims.parameters,
});

/** Reads the payload of an enrollment whose signature has been verified. Nonce, token and user are the server's to judge. */
export const checkEnrollment = (payload: unknown, expected: { readonly audience: string }): EnrollmentClaims => {
  const claims = readPayload(payload);
  if (claims.aud !== expected.audience) throw new DeviceError('proof_audience', `aud must be ${expected.audience}`);
  return {
    ...readFreshness(claims),
    token: readText(claims, 'token', 256),
    userName: readText(claims, 'userName', 512),
    parameters: parseParameters(claims.parameters),
  };
};
