/**
 * What server and agent must agree on about a device: its token, its key, its proofs, its state. Pure: keys and digests are handed in.
 *
 * @example
 * const jws = readJws(body.enrollment);
 * const jwk = parsePublicJwk(jws.jwk);
 * const claims = checkEnrollment(verifyJws(jws, ENROLLMENT_TYPE, keyOf(jwk)), { audience: origin });
 */
export { Base64urlError, decodeBase64url, decodeBase64urlText, encodeBase64url, encodeBase64urlText } from './base64url.ts';
export { type AgentClaim, formatClaim, parseClaim } from './claim.ts';
export type { Freshness } from './claims.ts';
export type { Device, DeviceState, EvidenceLevel, JoinState, Parameters, PublicJwk } from './device.ts';
export {
  DEVICE_TOKEN_PREFIX,
  type DeviceToken,
  type DeviceTokenVerdict,
  type EnrollmentFacts,
  formatDeviceToken,
  judgeDeviceToken,
  parseDeviceToken,
} from './device-token.ts';
export { buildDpop, checkDpop, DPOP_TYPE, type DpopTarget } from './dpop.ts';
export { buildEnrollment, checkEnrollment, ENROLLMENT_TYPE, type EnrollmentClaims } from './enrollment.ts';
export { DeviceError, type DeviceErrorCode, deviceErrorTexts, isDeviceErrorCode } from './errors.ts';
export { evidenceLevels, meetsEvidence } from './evidence.ts';
export { adoptJoinState, type JoinStateVerdict, judgeJoinState, nextJoinState, RESTORED_JOIN_ID } from './join-state.ts';
export { jwkThumbprint, parsePublicJwk } from './jwk.ts';
export { type JsonObject, type Jws, type JwsHeader, readJws, signJws, verifyJws } from './jws.ts';
export { keepCollected, optionalParameterNames, type ParameterName, parameterNames, parseParameters } from './parameters.ts';
export { type Platform, platformOf, platforms } from './platform.ts';
export { buildProof, type CheckedProof, checkProof, type ExpectedProof, PROOF_TYPE, type ProofClaims } from './proof.ts';
export { deviceErrorRemedies } from './remedies.ts';
export { formatToken, LOOKUP_LENGTH, parseToken, SECRET_LENGTH, type SecretToken } from './secret-token.ts';
export { type DeviceEvent, refusalOfState, transition, transitions } from './state.ts';
