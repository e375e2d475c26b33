import {
  constants,
  createHash,
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

/** What node:crypto is told for each algorithm of `core/saml`. ECDSA is r||s, as XML signatures and JWS write it. */
const signatureOptions: Readonly<
  Record<SignatureAlgorithm, { readonly hash: string; readonly options: object; readonly type: 'rsa' | 'ec' }>
> = {
  'rsa-sha256': { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING }, type: 'rsa' },
  'rsa-sha384': { hash: 'sha384', options: { padding: constants.RSA_PKCS1_PADDING }, type: 'rsa' },
  'rsa-sha512': { hash: 'sha512', options: { padding: constants.RSA_PKCS1_PADDING }, type: 'rsa' },
  'rsa-pss-sha256': { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, type: 'rsa' },
  'rsa-pss-sha384': { hash: 'sha384', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }, type: 'rsa' },
  'rsa-pss-sha512': { hash: 'sha512', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }, type: 'rsa' },
  'ecdsa-sha256': { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' }, type: 'ec' },
  'ecdsa-sha384': { hash: 'sha384', options: { dsaEncoding: 'ieee-p1363' }, type: 'ec' },
};

/** One-shot `crypto.hash`: half the cost of a Hash object for short texts. */
export const nodeDigest: Digest = (algorithm, text) => hash(algorithm, text, 'base64');

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'base64url');

export const hmac = (key: Uint8Array, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

/** Compares two texts in a time that does not depend on where they differ. */
export const equalInConstantTime = (a: string, b: string): boolean => {
  const left = createHash('sha256').update(a).digest();
  const right = createHash('sha256').update(b).digest();
  return timingSafeEqual(left, right);
};

/** A SAML signing key; `pkcs8` is DER or PEM. Imported once, never for each message. */
export const signingKey = (pkcs8: Buffer | string, algorithm: SignatureAlgorithm, certificate: string): SigningKey => {
  const privateKey =
    typeof pkcs8 === 'string' ? createPrivateKey(pkcs8) : createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const { hash: hashName, options } = signatureOptions[algorithm];
  const key = { key: privateKey, ...options };
  return { algorithm, certificate, sign: (text) => sign(hashName, Buffer.from(text, 'utf8'), key).toString('base64') };
};

const verificationKey = (publicKey: KeyObject): VerificationKey => {
  const rsa = publicKey.asymmetricKeyType === 'rsa';
  const size = rsa
    ? (publicKey.asymmetricKeyDetails?.modulusLength ?? 0)
    : publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1'
      ? 256
      : publicKey.asymmetricKeyDetails?.namedCurve === 'secp384r1'
        ? 384
        : 0;
  return {
    type: rsa ? 'rsa' : 'ec',
    size,
    verify: (algorithm, text, signature) => {
      const { hash: hashName, options, type } = signatureOptions[algorithm];
      if ((type === 'rsa') !== rsa) return false;
      try {
        return verify(hashName, Buffer.from(text, 'utf8'), { key: publicKey, ...options }, Buffer.from(signature, 'base64'));
      } catch {
        return false;
      }
    },
  };
};

/** The public key of a certificate (base64 DER). Its dates are not looked at: trust comes from configuration (saml-metadata §2.4.1.1). */
export const verificationKeyFromCertificate = (certificate: string): VerificationKey =>
  verificationKey(new X509Certificate(Buffer.from(certificate, 'base64')).publicKey);

/** The key of an enrolled device, for proofs. */
export const deviceVerifyKey = (jwk: PublicJwk): { readonly verify: (text: string, signature: string) => boolean } => {
  const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' as const };
  return {
    verify: (text, signature) => {
      try {
        return verify('sha256', Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64url'));
      } catch {
        return false;
      }
    },
  };
};

/** A P-256 key that signs JWS (ES256). */
export const jwsSigningKey = (pkcs8: Buffer): { readonly sign: (text: string) => string } => {
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  return { sign: (text) => sign('sha256', Buffer.from(text, 'utf8'), key).toString('base64url') };
};
