import { constants, createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Digest, SignatureAlgorithm, VerificationKey } from '@latchkey/saml';
import { AgentError } from './errors.ts';

export const digest: Digest = (algorithm, text) => createHash(algorithm).update(text).digest('base64');

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
const pkcs1 = { padding: RSA_PKCS1_PADDING };
const pss = { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };
const ecdsa = { dsaEncoding: 'ieee-p1363' } as const;

const algorithms = {
  'rsa-sha256': ['rsa', 'sha256', pkcs1],
  'rsa-sha384': ['rsa', 'sha384', pkcs1],
  'rsa-sha512': ['rsa', 'sha512', pkcs1],
  'rsa-pss-sha256': ['rsa', 'sha256', pss],
  'rsa-pss-sha384': ['rsa', 'sha384', pss],
  'rsa-pss-sha512': ['rsa', 'sha512', pss],
  'ecdsa-sha256': ['ec', 'sha256', ecdsa],
  'ecdsa-sha384': ['ec', 'sha384', ecdsa],
} as const satisfies Record<SignatureAlgorithm, readonly ['rsa' | 'ec', string, object]>;

const curveSizes: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384 };

const sizeOf = (key: KeyObject): number =>
  key.asymmetricKeyDetails?.modulusLength ?? curveSizes[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 0;

const verificationKey = (certificate: string): VerificationKey => {
  const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey;
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ec') throw new Error(`a key of type ${type} cannot sign SAML here`);
  return {
    type,
    size: sizeOf(key),
    verify: (algorithm, text, signature) => {
      const [keyType, hash, options] = algorithms[algorithm];
      if (keyType !== type) return false;
      try {
        return verify(hash, Buffer.from(text), { key, ...options }, Buffer.from(signature, 'base64'));
      } catch {
        return false;
      }
    },
  };
};

/** The keys this device was told to believe at its enrollment: base64 DER certificates, of which only the key counts. */
export const pinnedKeys = (certificates: readonly string[]): readonly VerificationKey[] => {
  try {
    return certificates.map(verificationKey);
  } catch (cause) {
    throw new AgentError('state_broken', 'A pinned certificate of the identity provider cannot be read.', {
      cause,
      hint: String(cause),
    });
  }
};
