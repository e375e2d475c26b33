import { decodeBase64url, decodeBase64urlText, encodeBase64urlText } from './base64url.ts';
import type { PublicJwk } from './device.ts';
import { DeviceError } from './errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A compact JWS that has been read but NOT verified: look at `jwk` only to enroll, at the payload only after `verifyJws`. */
export interface Jws {
  readonly typ: string;
  readonly jwk: unknown;
  readonly kid: string | undefined;
  readonly unverifiedPayload: JsonObject;
  readonly signingInput: string;
  /** base64url of r||s. */
  readonly signature: string;
}

export interface JwsHeader {
  readonly typ: string;
  readonly jwk?: PublicJwk;
  readonly kid?: string;
}

const MAX_LENGTH = 16 * 1024;

export const signJws = (header: JwsHeader, payload: object, key: { readonly sign: (text: string) => string }): string => {
  const signingInput = [{ ...header, alg: 'ES256' }, payload].map((part) => encodeBase64urlText(JSON.stringify(part))).join('.');
  return `${signingInput}.${key.sign(signingInput)}`;
};

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (detail: string, cause?: unknown): DeviceError => new DeviceError('proof_malformed', detail, { cause });

const readObject = (part: string, name: string): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(decodeBase64urlText(part));
  } catch (cause) {
    throw malformed(`the ${name} of the JWS is not base64url of JSON`, cause);
  }
  if (!isObject(value)) throw malformed(`the ${name} of the JWS is not a JSON object`);
  return value;
};

/** RFC 7515 §5.2, compact form, ES256 only: the header never chooses the algorithm. */
export const readJws = (text: string): Jws => {
  if (text.length > MAX_LENGTH) throw malformed(`the JWS is longer than ${MAX_LENGTH} characters`);
  const [protectedHeader, body, signature, ...rest] = text.split('.');
  if (protectedHeader === undefined || body === undefined || signature === undefined || rest.length > 0) {
    throw malformed('a compact JWS has three parts');
  }
  const header = readObject(protectedHeader, 'header');
  if (header.alg !== 'ES256') throw malformed('alg must be ES256');
  // RFC 7515 §4.1.11: an extension that is not understood must be refused, and none is.
  if ('crit' in header) throw malformed('crit is not supported');
  if (typeof header.typ !== 'string') throw malformed('typ is missing');
  if (header.kid !== undefined && typeof header.kid !== 'string') throw malformed('kid must be a string');
  let octets: number;
  try {
    octets = decodeBase64url(signature).length;
  } catch (cause) {
    throw malformed('the signature of the JWS is not base64url', cause);
  }
  if (octets !== 64) throw malformed('an ES256 signature has 64 octets (RFC 7518 §3.4)');
  return {
    typ: header.typ,
    jwk: header.jwk,
    kid: header.kid,
    unverifiedPayload: readObject(body, 'payload'),
    signingInput: `${protectedHeader}.${body}`,
    signature,
  };
};

/** The payload, once the signature by the given key holds. `typ` keeps one kind of proof from being used as another (RFC 8725 §3.11). */
export const verifyJws = (
  jws: Jws,
  typ: string,
  key: { readonly verify: (signingInput: string, signature: string) => boolean },
): JsonObject => {
  if (jws.typ !== typ) throw new DeviceError('proof_type', `typ must be ${typ}`);
  if (!key.verify(jws.signingInput, jws.signature)) throw new DeviceError('proof_signature', 'the signature does not hold');
  return jws.unverifiedPayload;
};
