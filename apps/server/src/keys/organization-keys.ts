import { generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKeyPurpose } from '@latchkey/contract';
import type { PublicJwk } from '@latchkey/device';
import type { SigningKey, VerificationKey } from '@latchkey/saml';
import { selfSignedCertificate } from './certificate.ts';
import type { MasterKey } from './master-key.ts';
import { jwsSigningKey, sha256, signingKey, verificationKeyFromCertificate } from './node-crypto.ts';
import type { SigningKeyPort, StoredSigningKey } from './store.ts';

/** A key of access tokens, for whoever checks them. */
interface PublicTokenKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
}

/** The keys of one organization, imported and ready to use. What signs is the active one; checked is by all that are published. */
export interface OrganizationKeys {
  /** Signs assertions for our own SP. */
  readonly idpEc: SigningKey;
  /** RSA-3072: signs assertions for foreign SPs, which may not know ECDSA. */
  readonly idpRsa: SigningKey;
  /** Signs AuthnRequests. */
  readonly spEc: SigningKey;
  /** What assertions are checked with. RSA first: applications that take only one key are signed for with that. */
  readonly idpCertificates: readonly string[];
  readonly idpVerify: readonly VerificationKey[];
  readonly spCertificates: readonly string[];
  readonly spVerify: readonly VerificationKey[];
  /** Signs access tokens (ES256). */
  readonly token: PublicTokenKey & { readonly sign: (text: string) => string };
  readonly tokenVerify: readonly PublicTokenKey[];
}

const generate = promisify(generateKeyPair);
const purposes: readonly SigningKeyPurpose[] = ['idp-ec', 'idp-rsa', 'sp-ec', 'token'];
const context = (id: string): string => `signing-key:${id}`;

interface NewKeyNeeds {
  readonly masterKey: MasterKey;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}

/** A new key, encrypted and ready to be stored. */
export const createSigningKey = async (needs: NewKeyNeeds, purpose: SigningKeyPurpose): Promise<StoredSigningKey> => {
  const { privateKey, publicKey } =
    purpose === 'idp-rsa' ? await generate('rsa', { modulusLength: 3072 }) : await generate('ec', { namedCurve: 'P-256' });
  const id = needs.newId('key');
  const now = needs.now();
  return {
    id,
    purpose,
    privateKey: needs.masterKey.encrypt(context(id), privateKey.export({ format: 'der', type: 'pkcs8' })),
    certificate: await selfSignedCertificate({ commonName: `Latchkey ${purpose}`, privateKey, publicKey, now }),
    createdAt: now,
    state: 'active',
    stateSince: now,
  };
};

/** The keys of a new organization. */
export const createOrganizationKeys = (needs: NewKeyNeeds): Promise<readonly StoredSigningKey[]> =>
  Promise.all(purposes.map((purpose) => createSigningKey(needs, purpose)));

/** @throws TypeError if the certificate is for no elliptic-curve key */
export const publicTokenKey = (certificate: string): PublicTokenKey => {
  const { x, y } = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ format: 'jwk' });
  if (x === undefined || y === undefined) throw new TypeError('The token key is not an elliptic-curve key.');
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  // RFC 7638 §3: the required members in lexicographic order.
  return { kid: sha256(JSON.stringify({ crv: publicJwk.crv, kty: publicJwk.kty, x, y })), publicJwk };
};

const order = ['active', 'next', 'retiring'] as const;

const open = (masterKey: MasterKey, stored: readonly StoredSigningKey[]): OrganizationKeys => {
  const active = (purpose: SigningKeyPurpose): StoredSigningKey => {
    const key = stored.find((each) => each.purpose === purpose && each.state === 'active');
    if (key === undefined) throw new Error(`The organization has no signing key for ${purpose}.`);
    return key;
  };
  const certificates = (...wanted: readonly SigningKeyPurpose[]): readonly string[] =>
    order.flatMap((state) =>
      wanted.flatMap((purpose) =>
        stored.filter((key) => key.purpose === purpose && key.state === state).map(({ certificate }) => certificate),
      ),
    );
  const secret = (key: StoredSigningKey): Buffer => masterKey.decrypt(context(key.id), key.privateKey);
  const [idpEc, idpRsa, spEc, token] = [active('idp-ec'), active('idp-rsa'), active('sp-ec'), active('token')];
  const idpCertificates = certificates('idp-rsa', 'idp-ec');
  const spCertificates = certificates('sp-ec');
  return {
    idpEc: signingKey(secret(idpEc), 'ecdsa-sha256', idpEc.certificate),
    idpRsa: signingKey(secret(idpRsa), 'rsa-sha256', idpRsa.certificate),
    spEc: signingKey(secret(spEc), 'ecdsa-sha256', spEc.certificate),
    idpCertificates,
    idpVerify: idpCertificates.map(verificationKeyFromCertificate),
    spCertificates,
    spVerify: spCertificates.map(verificationKeyFromCertificate),
    token: { ...publicTokenKey(token.certificate), ...jwsSigningKey(secret(token)) },
    tokenVerify: certificates('token').map(publicTokenKey),
  };
};

/** All nodes follow a rotation within 2 s. */
const MAX_AGE = 1000;

/** Opens organizations' keys and keeps them; each second somebody asks it looks whether they are still the ones. */
export const organizationKeyring = (needs: {
  readonly masterKey: MasterKey;
  readonly port: (organizationId: string) => SigningKeyPort;
  readonly monotonicNow: () => number;
}) => {
  interface Opened {
    readonly version: string;
    readonly keys: OrganizationKeys;
  }
  const kept = new Map<string, { readonly at: number; readonly opened: Promise<Opened> }>();
  const read = async (organizationId: string, before: Promise<Opened> | undefined): Promise<Opened> => {
    const stored = await needs.port(organizationId).listSigningKeys();
    const version = stored.map(({ id, state }) => `${id} ${state}`).join();
    const known = await before?.catch(() => undefined);
    return known?.version === version ? known : { version, keys: open(needs.masterKey, stored) };
  };
  return {
    keysOf: async (organizationId: string): Promise<OrganizationKeys> => {
      const now = needs.monotonicNow();
      const known = kept.get(organizationId);
      if (known !== undefined && now - known.at < MAX_AGE) return (await known.opened).keys;
      const made = { at: now, opened: read(organizationId, known?.opened) };
      kept.set(organizationId, made);
      made.opened.catch(() => {
        if (kept.get(organizationId) === made) kept.delete(organizationId);
      });
      return (await made.opened).keys;
    },
    forget: (organizationId: string): void => {
      kept.delete(organizationId);
    },
  };
};
