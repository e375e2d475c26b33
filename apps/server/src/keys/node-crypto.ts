import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { PublicJwk } from '@latchkey/device';
import type { Digest, SignatureAlgorithm, SigningKey, VerificationKey } from '@latchkey/saml';
import { fromDer, toDer } from './ecdsa-signature.ts';

/** What node:crypto is told for each algorithm of `core/saml`; PKCS #1 v1.5 is what a bare RSA key does (RFC 8017 §8.2). */
const algorithms: Readonly<Record<SignatureAlgorithm, { readonly hash: string; readonly type: 'rsa' | 'rsa-pss' | 'ec' }>> = {
  'rsa-sha256': { hash: 'sha256', type: 'rsa' },
  'rsa-sha384': { hash: 'sha384', type: 'rsa' },
  'rsa-sha512': { hash: 'sha512', type: 'rsa' },
  'rsa-pss-sha256': { hash: 'sha256', type: 'rsa-pss' },
  'rsa-pss-sha384': { hash: 'sha384', type: 'rsa-pss' },
  'rsa-pss-sha512': { hash: 'sha512', type: 'rsa-pss' },
  'ecdsa-sha256': { hash: 'sha256', type: 'ec' },
  'ecdsa-sha384': { hash: 'sha384', type: 'ec' },
};

/** RFC 9231 §2.3.10: the salt is as long as the digest. */
const pss = (key: KeyObject) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });

/** Octets of r and of s: a curve's name as node:crypto gives it. */
const halves: Readonly<Record<string, number>> = { prime256v1: 32, secp384r1: 48 };

const halfOf = (key: KeyObject): number => halves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 0;

const signOctets = (hashName: string, octets: Buffer, key: KeyObject, half: number): Buffer => {
  const signature = sign(hashName, octets, key);
  return half === 0 ? signature : fromDer(signature, half);
};

const verifyOctets = (hashName: string, octets: Buffer, key: KeyObject, half: number, signature: Buffer): boolean => {
  const encoded = half === 0 ? signature : toDer(signature, half);
  return encoded !== undefined && verify(hashName, octets, key, encoded);
};

/** One-shot `crypto.hash`: half the cost of a Hash object for short texts. */
export const nodeDigest: Digest = (algorithm, text) => hash(algorithm, text, 'base64');

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'base64url');

/** HMAC-SHA256, base64url. A KeyObject, since Node imports a Buffer anew for each. */
export const hmac = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

/** Compares two texts in a time that does not depend on where they differ; of their lengths no secret is made. */
export const equalInConstantTime = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** A SAML signing key; `pkcs8` is DER or PEM. Imported once, never for each message. */
export const signingKey = (pkcs8: Buffer | string, algorithm: SignatureAlgorithm, certificate: string): SigningKey => {
  const privateKey =
    typeof pkcs8 === 'string' ? createPrivateKey(pkcs8) : createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const { hash: hashName, type } = algorithms[algorithm];
  const half = halfOf(privateKey);
  return {
    algorithm,
    certificate,
    sign: (text) => {
      const octets = Buffer.from(text, 'utf8');
      return (
        type === 'rsa-pss' ? sign(hashName, octets, pss(privateKey)) : signOctets(hashName, octets, privateKey, half)
      ).toString('base64');
    },
  };
};

const verificationKey = (publicKey: KeyObject): VerificationKey => {
  const rsa = publicKey.asymmetricKeyType === 'rsa';
  const half = halfOf(publicKey);
  return {
    type: rsa ? 'rsa' : 'ec',
    size: rsa ? (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) : half * 8,
    verify: (algorithm, text, signature) => {
      const { hash: hashName, type } = algorithms[algorithm];
      if ((type === 'ec') === rsa) return false;
      const octets = Buffer.from(text, 'utf8');
      const value = Buffer.from(signature, 'base64');
      try {
        return type === 'rsa-pss'
          ? verify(hashName, octets, pss(publicKey), value)
          : verifyOctets(hashName, octets, publicKey, half, value);
      } catch {
        return false;
      }
    },
  };
};

/** The public key of a certificate (base64 DER). Its dates are not looked at: trust comes from configuration (saml-metadata §2.4.1.1). */
export const verificationKeyFromCertificate = (certificate: string): VerificationKey =>
  verificationKey(new X509Certificate(Buffer.from(certificate, 'base64')).publicKey);

/** When a certificate ends, milliseconds since 1970. */
export const endOfCertificate = (certificate: string): number =>
  new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();

/** The key of an enrolled device, for proofs. */
export const deviceVerifyKey = (jwk: PublicJwk): { readonly verify: (text: string, signature: string) => boolean } => {
  const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return {
    verify: (text, signature) => {
      try {
        return verifyOctets('sha256', Buffer.from(text, 'utf8'), publicKey, 32, Buffer.from(signature, 'base64url'));
      } catch {
        return false;
      }
    },
  };
};

/** A P-256 key that signs JWS (ES256). */
export const jwsSigningKey = (pkcs8: Buffer): { readonly sign: (text: string) => string } => {
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return { sign: (text) => signOctets('sha256', Buffer.from(text, 'utf8'), privateKey, 32).toString('base64url') };
};
