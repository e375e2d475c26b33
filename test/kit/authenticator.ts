import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

type Cbor = number | string | Uint8Array | ReadonlyMap<number | string, Cbor>;

const head = (major: number, value: number): Buffer => {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
};

/** RFC 8949 §3, as much as WebAuthn needs. */
const cbor = (value: Cbor): Buffer => {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each)])]);
};

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');

/** WebAuthn §6.1: somebody was there. */
const USER_PRESENT = 0x01;
const ATTESTED = 0x40;

// biome-ignore lint/suspicious/noExplicitAny: options as they came over the wire
type Options = any;

/** A passkey in software: one credential for one site (WebAuthn Level 3), a P-256 key, attestation `none`. */
export const createAuthenticator = (site: { readonly origin: string }) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  let counter = 0;

  const clientData = (type: string, challenge: string, origin: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authenticatorData = (rpId: string, flags: number, attested = Buffer.alloc(0)): Buffer => {
    counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, attested]);
  };
  const answer = (response: Record<string, unknown>) => ({
    id: base64url(credentialId),
    rawId: base64url(credentialId),
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });

  return {
    /** Goes back in time, as a copy of it does that was made before. */
    setCounter: (value: number): void => {
      counter = value;
    },

    /** `navigator.credentials.create`; `change` is what a liar says. */
    create: (options: Options, change: { origin?: string; attestation?: ReadonlyMap<string, Cbor>; format?: string } = {}) => {
      const origin = change.origin ?? site.origin;
      // RFC 9053 §7.1.1: kty EC2, alg ES256, crv P-256.
      const key = new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]);
      const length = Buffer.from([0, credentialId.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, cbor(key)]);
      const attestation = new Map<string, Cbor>([
        ['fmt', change.format ?? 'none'],
        ['attStmt', change.attestation ?? new Map()],
        ['authData', authenticatorData(options.rp.id, USER_PRESENT | ATTESTED, attested)],
      ]);
      return answer({
        clientDataJSON: base64url(clientData('webauthn.create', options.challenge, origin)),
        attestationObject: base64url(cbor(attestation)),
        transports: ['internal'],
      });
    },

    /** `navigator.credentials.get`. */
    get: (options: Options, change: { origin?: string } = {}) => {
      const data = clientData('webauthn.get', options.challenge, change.origin ?? site.origin);
      const authData = authenticatorData(options.rpId, USER_PRESENT);
      return answer({
        clientDataJSON: base64url(data),
        authenticatorData: base64url(authData),
        signature: base64url(sign('sha256', Buffer.concat([authData, sha256(data)]), privateKey)),
      });
    },
  };
};
