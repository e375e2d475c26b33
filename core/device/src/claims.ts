import { DeviceError } from './errors.ts';
import { isObject, type JsonObject } from './jws.ts';
import { isPlainText } from './parameters.ts';

/** What every proof carries: the server's nonce, an id of its own and the device's clock, which is only recorded. */
export interface Freshness {
  readonly nonce: string;
  readonly jti: string;
  /** Seconds since 1970 by the device's clock; believed by nobody. */
  readonly iat: number;
}

export const readPayload = (payload: unknown): JsonObject => {
  if (!isObject(payload)) throw new DeviceError('proof_malformed', 'the payload must be an object');
  return payload;
};

export const readText = (payload: JsonObject, name: string, maxLength: number): string => {
  const value = payload[name];
  if (!isPlainText(value, maxLength) || value === '') {
    throw new DeviceError('proof_malformed', `${name} must be text of 1 to ${maxLength} characters`);
  }
  return value;
};

export const readFreshness = (payload: JsonObject): Freshness => {
  // RFC 9449 §8: without a nonce the answer is a fresh one, not a refusal.
  if (payload.nonce === undefined) throw new DeviceError('use_dpop_nonce', 'nonce is missing');
  const { iat } = payload;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw new DeviceError('proof_malformed', 'iat must be a number');
  return { nonce: readText(payload, 'nonce', 256), jti: readText(payload, 'jti', 128), iat };
};
