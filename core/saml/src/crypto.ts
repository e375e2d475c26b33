/**
 * The cryptography this core needs, handed in by the apps (they make it from `node:crypto`, once for each key).
 * Everything is synchronous; text goes in as a string and is taken as UTF-8; binary comes back as base64.
 */

export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** No SHA-1, MD5, HMAC or DSA: what is not in this list cannot be asked for (RFC 9231; saml-core §5.4.2). */
export type SignatureAlgorithm =
  | 'rsa-sha256'
  | 'rsa-sha384'
  | 'rsa-sha512'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
  | 'ecdsa-sha256'
  | 'ecdsa-sha384';

/** Digest of the UTF-8 octets of `text`, as base64. */
export type Digest = (algorithm: DigestAlgorithm, text: string) => string;

/** A private key with the one algorithm it signs with. */
export interface SigningKey {
  readonly algorithm: SignatureAlgorithm;
  /** The certificate that goes into KeyInfo and metadata: base64 of its DER, no line breaks. */
  readonly certificate: string;
  /** Signature over the UTF-8 octets of `text`, as base64; ECDSA as r||s (RFC 4051 §2.3.6). */
  readonly sign: (text: string) => string;
}

/** A public key from configuration: the message never chooses it. */
export interface VerificationKey {
  readonly type: 'rsa' | 'ec';
  /** Modulus bits of an RSA key, 256 or 384 for P-256 or P-384. */
  readonly size: number;
  /** True if `signature` (base64; ECDSA as r||s) over the UTF-8 octets of `text` is good. Never throws. */
  readonly verify: (algorithm: SignatureAlgorithm, text: string, signature: string) => boolean;
}
