import { z } from 'zod';
import { id, timestamp } from './common.ts';

/** `idp-ec` and `idp-rsa` sign assertions (for our own service provider, and for other people's), `sp-ec` requests, `token` access tokens. */
export const signingKeyPurposeSchema = z.enum(['idp-ec', 'idp-rsa', 'sp-ec', 'token']).meta({ id: 'SigningKeyPurpose' });
export type SigningKeyPurpose = z.output<typeof signingKeyPurposeSchema>;

const signingKeyStateSchema = z
  .enum(['next', 'active', 'retiring'])
  .describe('`next` is published and does not sign yet, `active` signs, `retiring` is published and signs no more.');
export type SigningKeyState = z.output<typeof signingKeyStateSchema>;

export const signingKeySchema = z
  .object({
    id,
    purpose: signingKeyPurposeSchema,
    state: signingKeyStateSchema,
    stateSince: timestamp,
    algorithm: z.string().describe('As SAML and JOSE name them: `rsa-sha256`, `ecdsa-sha256`, `ES256`.'),
    certificate: z.string().describe('PEM.'),
    fingerprint: z.string().describe('SHA-256 over the certificate, in hexadecimal with colons.'),
    kid: z.string().nullable().describe('Of a `token` key: its id in the key set (RFC 7638).'),
    validFrom: timestamp,
    validUntil: timestamp,
    createdAt: timestamp,
  })
  .meta({ id: 'SigningKey' });
export type SigningKeyView = z.output<typeof signingKeySchema>;

export const newSigningKeySchema = z.strictObject({ purpose: signingKeyPurposeSchema }).meta({ id: 'NewSigningKey' });

/** Every key of an organization, and where it is published. */
export const signingKeysSchema = z
  .object({
    items: z.array(signingKeySchema),
    next: z.null(),
    idpMetadataUrl: z.string().describe('Also the entity id of the identity provider.'),
    spMetadataUrl: z.string().describe('Also the entity id of the service provider.'),
    keySetUrl: z.string().describe('The public keys of access tokens (RFC 7517).'),
  })
  .meta({ id: 'SigningKeys' });
export type SigningKeysView = z.output<typeof signingKeysSchema>;
