import { type Freshness, readFreshness, readPayload, readText } from './claims.ts';
import type { JoinState, Parameters } from './device.ts';
import { DeviceError, type DeviceErrorCode } from './errors.ts';
import { isObject, type JsonObject } from './jws.ts';
import { parseParameters } from './parameters.ts';

export const PROOF_TYPE = 'latchkey-proof+jwt';

export interface ProofClaims extends Freshness {
  readonly userName: string;
  readonly deviceId: string;
  readonly parameters: Parameters;
  readonly joinState: JoinState;
}

/** What the IdP knows by itself of the sign-in that is being proven. */
export interface ExpectedProof {
  /** Our entityID. */
  readonly audience: string;
  /** base64url SHA-256 of the body as it was received. */
  readonly digest: string;
  /** The origin of the SP that made the request, by its registration. */
  readonly origin: string;
  /** The assertion consumer service the Response will be for. */
  readonly responseConsumerURL: string;
  /** The device the message says it comes from, whose key verified the proof. */
  readonly deviceId: string;
  /** What the AuthnRequest says the agent said; absent at SPs that know nothing of us. */
  readonly claim?: { readonly userName: string; readonly deviceId: string; readonly parameters: Parameters };
}

/** The payload of a sign-in proof. */
export const buildProof = (proof: ProofClaims & Omit<ExpectedProof, 'claim'>): object => ({
  digest: proof.digest,
  origin: proof.origin,
  responseConsumerURL: proof.responseConsumerURL,
  aud: proof.audience,
  nonce: proof.nonce,
  jti: proof.jti,
  iat: proof.iat,
  userName: proof.userName,
  deviceId: proof.deviceId,
  parameters: proof.parameters,
  joinState: { counter: proof.joinState.counter, id: proof.joinState.id },
});

const readJoinState = (value: unknown): JoinState => {
  if (!isObject(value)) throw new DeviceError('proof_malformed', 'joinState must be an object');
  const { counter } = value;
  if (typeof counter !== 'number' || !Number.isSafeInteger(counter) || counter < 0) {
    throw new DeviceError('proof_malformed', 'joinState.counter must be a whole number');
  }
  return { counter, id: readText(value, 'id', 128) };
};

/** A field of the claim that the proof leaves out is only not believed; one that it states otherwise is a lie. */
const repeatsClaim = (payload: JsonObject, { claim }: ExpectedProof): boolean => {
  if (claim === undefined) return true;
  const stated = isObject(payload.parameters) ? payload.parameters : {};
  return (
    payload.userName === claim.userName &&
    payload.deviceId === claim.deviceId &&
    Object.entries(claim.parameters).every(([name, value]) => stated[name] === undefined || stated[name] === value)
  );
};

/** device-binding §5.8, in order; the signature by the stored key comes before. */
const steps: readonly (readonly [DeviceErrorCode, string, (payload: JsonObject, expected: ExpectedProof) => boolean])[] = [
  ['proof_audience', 'aud is not our entityID', (payload, expected) => payload.aud === expected.audience],
  ['proof_digest', 'digest is not that of the posted body', (payload, expected) => payload.digest === expected.digest],
  ['proof_origin', 'origin is not that of the service provider', (payload, expected) => payload.origin === expected.origin],
  [
    'proof_consumer',
    'responseConsumerURL is not the assertion consumer service of the request',
    (payload, expected) => payload.responseConsumerURL === expected.responseConsumerURL,
  ],
  ['proof_device', 'deviceId is not the device that proves', (payload, expected) => payload.deviceId === expected.deviceId],
  ['proof_claim', 'userName, deviceId or parameters differ from the claim in the request', repeatsClaim],
];

/** A sign-in proof, and why it does not fit the sign-in it came with, if so. */
export interface CheckedProof extends ProofClaims {
  readonly mismatch: { readonly code: DeviceErrorCode; readonly detail: string } | undefined;
}

/**
 * Reads the payload of a sign-in proof whose signature by the stored key has been verified. That it does not fit is an answer, not an
 * error: once its nonce has been spent it is a decision about a proven device, which is audited.
 */
export const checkProof = (payload: unknown, expected: ExpectedProof): CheckedProof => {
  const claims = readPayload(payload);
  const [code, detail] = steps.find(([, , holds]) => !holds(claims, expected)) ?? [];
  return {
    ...readFreshness(claims),
    userName: readText(claims, 'userName', 512),
    deviceId: expected.deviceId,
    parameters: parseParameters(claims.parameters),
    joinState: readJoinState(claims.joinState),
    mismatch: code === undefined || detail === undefined ? undefined : { code, detail },
  };
};
