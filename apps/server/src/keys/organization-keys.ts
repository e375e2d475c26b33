import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { PublicJwk } from '@latchkey/device';
import type { SigningKey, VerificationKey } from '@latchkey/saml';
import { selfSignedCertificate } from './certificate.ts';
import type { MasterKey } from './master-key.ts';
import { jwsSigningKey, sha256, signingKey, verificationKeyFromCertificate } from './node-crypto.ts';
import type { SigningKeyPort, SigningKeyPurpose, StoredSigningKey } from './store.ts';

/** The keys of one organization, imported once and ready to use. */
export interface OrganizationKeys {
  /** Signs assertions for our own SP. */
  readonly idpEc: SigningKey;
  /** RSA-3072: signs assertions for foreign SPs, which may not know ECDSA. */
  readonly idpRsa: SigningKey;
  /** Signs AuthnRequests. */
  readonly spEc: SigningKey;
  /** What our own SP and the agents check assertions with. */
  readonly idpVerify: readonly VerificationKey[];
  readonly spVerify: VerificationKey;
  /** Signs access tokens (ES256). */
  readonly token: { readonly kid: string; readonly publicJwk: PublicJwk; readonly sign: (text: string) => string };
}

const generate = promisify(generateKeyPair);
const purposes: readonly SigningKeyPurpose[] = ['idp-ec', 'idp-rsa', 'sp-ec', 'token'];
const context = (id: string): string => `signing-key:${id}`;

/** New keys for a new organization, encrypted and ready to be stored. */
export const createOrganizationKeys = async (needs: {
  readonly masterKey: MasterKey;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}): Promise<readonly StoredSigningKey[]> =>
  Promise.all(
    purposes.map(async (purpose) => {
      const { privateKey, publicKey } =
        purpose === 'idp-rsa' ? await generate('rsa', { modulusLength: 3072 }) : await generate('ec', { namedCurve: 'P-256' });
      const id = needs.newId('key');
      return {
        id,
        purpose,
        privateKey: needs.masterKey.encrypt(context(id), privateKey.export({ format: 'der', type: 'pkcs8' })),
        certificate: await selfSignedCertificate({ commonName: `Latchkey ${purpose}`, privateKey, publicKey, now: needs.now() }),
        createdAt: needs.now(),
      };
    }),
  );

const tokenKey = (pkcs8: Buffer, certificate: string): OrganizationKeys['token'] => {
  const { x, y } = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ format: 'jwk' });
  if (x === undefined || y === undefined) throw new TypeError('The token key is not an elliptic-curve key.');
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  // RFC 7638 §3: the required members in lexicographic order.
  const kid = sha256(JSON.stringify({ crv: publicJwk.crv, kty: publicJwk.kty, x, y }));
  return { kid, publicJwk, ...jwsSigningKey(pkcs8) };
};

const open = (masterKey: MasterKey, stored: readonly StoredSigningKey[]): OrganizationKeys => {
  // The newest of each purpose signs.
  const newest = (purpose: SigningKeyPurpose): StoredSigningKey => {
    const key = stored.filter((each) => each.purpose === purpose).at(-1);
    if (key === undefined) throw new Error(`The organization has no signing key for ${purpose}.`);
    return key;
  };
  const secret = (key: StoredSigningKey): Buffer => masterKey.decrypt(context(key.id), key.privateKey);
  const [idpEc, idpRsa, spEc, token] = [newest('idp-ec'), newest('idp-rsa'), newest('sp-ec'), newest('token')];
  return {
    idpEc: signingKey(secret(idpEc), 'ecdsa-sha256', idpEc.certificate),
    idpRsa: signingKey(secret(idpRsa), 'rsa-sha256', idpRsa.certificate),
    spEc: signingKey(secret(spEc), 'ecdsa-sha256', spEc.certificate),
    idpVerify: [verificationKeyFromCertificate(idpEc.certificate), verificationKeyFromCertificate(idpRsa.certificate)],
    spVerify: verificationKeyFromCertificate(spEc.certificate),
    token: tokenKey(secret(token), token.certificate),
  };
};

/** Opens organizations' keys once and keeps them; keys do not change in place. */
export const organizationKeyring = (needs: {
  readonly masterKey: MasterKey;
  readonly port: (organizationId: string) => SigningKeyPort;
}): ((organizationId: string) => Promise<OrganizationKeys>) => {
  const opened = new Map<string, Promise<OrganizationKeys>>();
  return (organizationId) => {
    const known = opened.get(organizationId);
    if (known !== undefined) return known;
    const opening = needs
      .port(organizationId)
      .listSigningKeys()
      .then((stored) => open(needs.masterKey, stored));
    opened.set(organizationId, opening);
    opening.catch(() => opened.delete(organizationId));
    return opening;
  };
};
