import type { DigestAlgorithm, SignatureAlgorithm, VerificationKey } from '../crypto.ts';

export const DSIG_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';
export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

interface SignatureMethod {
  readonly uri: string;
  readonly digest: DigestAlgorithm;
  readonly keyType: VerificationKey['type'];
}

const MINIMUM_BITS: Readonly<Record<VerificationKey['type'], number>> = { rsa: 2048, ec: 256 };

// RFC 9231 §2.3. The RSA-PSS names are the ones without parameters (§2.3.10): nothing in the message can weaken them.
const SIGNATURE_METHODS: Readonly<Record<SignatureAlgorithm, SignatureMethod>> = {
  'rsa-sha256': { uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', digest: 'sha256', keyType: 'rsa' },
  'rsa-sha384': { uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', digest: 'sha384', keyType: 'rsa' },
  'rsa-sha512': { uri: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', digest: 'sha512', keyType: 'rsa' },
  'rsa-pss-sha256': { uri: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', digest: 'sha256', keyType: 'rsa' },
  'rsa-pss-sha384': { uri: 'http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1', digest: 'sha384', keyType: 'rsa' },
  'rsa-pss-sha512': { uri: 'http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1', digest: 'sha512', keyType: 'rsa' },
  'ecdsa-sha256': { uri: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', digest: 'sha256', keyType: 'ec' },
  'ecdsa-sha384': { uri: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384', digest: 'sha384', keyType: 'ec' },
};

const DIGEST_METHODS: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};

// Proof for the casts: the keys of a record are its key type.
const SIGNATURE_BY_URI = new Map(
  Object.entries(SIGNATURE_METHODS).map(([algorithm, { uri }]) => [uri, algorithm as SignatureAlgorithm]),
);
const DIGEST_BY_URI = new Map(Object.entries(DIGEST_METHODS).map(([algorithm, uri]) => [uri, algorithm as DigestAlgorithm]));

export function signatureAlgorithmUri(algorithm: SignatureAlgorithm): string {
  return SIGNATURE_METHODS[algorithm].uri;
}

/** Undefined for whatever is not in the list: SHA-1, MD5, HMAC, DSA, none (class 27). */
export function signatureAlgorithmFromUri(uri: string): SignatureAlgorithm | undefined {
  return SIGNATURE_BY_URI.get(uri);
}

export function digestAlgorithmUri(algorithm: DigestAlgorithm): string {
  return DIGEST_METHODS[algorithm];
}

export function digestAlgorithmFromUri(uri: string): DigestAlgorithm | undefined {
  return DIGEST_BY_URI.get(uri);
}

/** The hash that is part of a signature algorithm. */
export function digestOf(algorithm: SignatureAlgorithm): DigestAlgorithm {
  return SIGNATURE_METHODS[algorithm].digest;
}

/** True if a key may be used with the algorithm that a message names (class 26: key confusion; class 27: small keys). */
export function keyFits(key: VerificationKey, algorithm: SignatureAlgorithm): boolean {
  return key.type === SIGNATURE_METHODS[algorithm].keyType && key.size >= MINIMUM_BITS[key.type];
}
