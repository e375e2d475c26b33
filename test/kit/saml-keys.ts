import 'reflect-metadata';
import { constants, generateKeyPairSync, hash, type KeyObject, sign, verify, webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { Digest, SignatureAlgorithm, SigningKey, VerificationKey } from '../../core/saml/src/crypto.ts';

/** `Digest` of `core/saml` by node:crypto. */
export const nodeDigest: Digest = (algorithm, text) => hash(algorithm, text, 'base64');

/** A key pair with a self-signed certificate, as an identity provider has it. */
export interface SamlKeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly privatePem: string;
  readonly certificatePem: string;
  readonly signingKey: (algorithm: SignatureAlgorithm) => SigningKey;
  readonly verificationKey: VerificationKey;
}

export async function rsaKey(bits = 2048): Promise<SamlKeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return pair(privateKey, publicKey, 'rsa', bits, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' });
}

export async function ecKey(curve: 'P-256' | 'P-384' = 'P-256'): Promise<SamlKeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return pair(asP1363(privateKey), asP1363(publicKey), 'ec', curve === 'P-256' ? 256 : 384, {
    name: 'ECDSA',
    namedCurve: curve,
    hash: 'SHA-256',
  });
}

interface CertificateAlgorithm {
  readonly name: string;
  readonly hash: string;
  readonly namedCurve?: string;
}

async function pair(
  privateKey: KeyObject,
  publicKey: KeyObject,
  type: VerificationKey['type'],
  size: number,
  algorithm: CertificateAlgorithm,
): Promise<SamlKeyPair> {
  const privateDer = privateKey.export({ format: 'der', type: 'pkcs8' });
  const publicDer = publicKey.export({ format: 'der', type: 'spki' });
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Latchkey test',
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2040-01-01T00:00:00Z'),
      signingAlgorithm: algorithm,
      keys: {
        privateKey: await webcrypto.subtle.importKey('pkcs8', privateDer, algorithm, true, ['sign']),
        publicKey: await webcrypto.subtle.importKey('spki', publicDer, algorithm, true, ['verify']),
      },
    },
    webcrypto,
  );
  const base64 = Buffer.from(certificate.rawData).toString('base64');
  return {
    privateKey,
    publicKey,
    privatePem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    certificatePem: certificate.toString('pem'),
    signingKey: (name) => ({
      algorithm: name,
      certificate: base64,
      sign: (text) => sign(hashName(name), Buffer.from(text), withOptions(privateKey, name)).toString('base64'),
    }),
    verificationKey: {
      type,
      size,
      verify: (name, text, signature) => {
        try {
          return verify(hashName(name), Buffer.from(text), withOptions(publicKey, name), Buffer.from(signature, 'base64'));
        } catch {
          return false;
        }
      },
    },
  };
}

function hashName(algorithm: SignatureAlgorithm): string {
  return algorithm.slice(algorithm.lastIndexOf('-') + 1);
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

function withOptions(key: KeyObject, algorithm: SignatureAlgorithm): KeyObject | ({ key: KeyObject } & typeof PSS) {
  return algorithm.startsWith('rsa-pss') ? { key, ...PSS } : key;
}

/**
 * ECDSA as r||s (RFC 4051 §2.3.6). The option stands on the key object itself, where node:crypto looks for it as well: given `{ key, dsaEncoding }`
 * it throws and catches two errors before it finds the key, which takes as long as half a signature.
 */
function asP1363(key: KeyObject): KeyObject {
  return Object.assign(key, { dsaEncoding: 'ieee-p1363' });
}
