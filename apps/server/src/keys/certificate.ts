import { type KeyObject, randomBytes, webcrypto } from 'node:crypto';

const year = 365 * 86_400_000;

/**
 * A self-signed certificate for SAML metadata, ten years long: peers pin the key, nobody validates a path (saml-metadata §2.4.1.1).
 * Returns base64 of the DER.
 */
export const selfSignedCertificate = async (input: {
  readonly commonName: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly now: number;
}): Promise<string> => {
  // Large, and needed for a new organization only. It needs reflect-metadata loaded first.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const ec = input.publicKey.asymmetricKeyType === 'ec';
  const algorithm = ec ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      name: [{ CN: [input.commonName] }],
      notBefore: new Date(input.now - 86_400_000),
      notAfter: new Date(input.now + 10 * year),
      signingAlgorithm: algorithm,
      keys: {
        privateKey: input.privateKey.toCryptoKey(algorithm, true, ['sign']),
        publicKey: input.publicKey.toCryptoKey(algorithm, true, ['verify']),
      },
    },
    webcrypto,
  );
  return Buffer.from(certificate.rawData).toString('base64');
};
