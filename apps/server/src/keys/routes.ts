import { X509Certificate } from 'node:crypto';
import {
  newSigningKeySchema,
  type SigningKeyPurpose,
  type SigningKeyView,
  signingKeySchema,
  signingKeysSchema,
} from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { publicTokenKey } from './organization-keys.ts';
import { activateSigningKey, publishSigningKey, removeSigningKey } from './rotate-signing-keys.ts';
import type { StoredSigningKey } from './store.ts';

type SigningKeyRoutesNeeds = Parameters<typeof publishSigningKey>[0] & {
  /** Where an organization's keys are published. */
  readonly addresses: (
    organizationId: string,
  ) => Pick<z.output<typeof signingKeysSchema>, 'idpMetadataUrl' | 'spMetadataUrl' | 'keySetUrl'>;
};

const algorithms: Readonly<Record<SigningKeyPurpose, string>> = {
  'idp-ec': 'ecdsa-sha256',
  'idp-rsa': 'rsa-sha256',
  'sp-ec': 'ecdsa-sha256',
  token: 'ES256',
};

const iso = (at: number): string => new Date(at).toISOString();

const view = ({ id, purpose, state, stateSince, createdAt, certificate }: StoredSigningKey): SigningKeyView => {
  const x509 = new X509Certificate(Buffer.from(certificate, 'base64'));
  return {
    id,
    purpose,
    state,
    stateSince: iso(stateSince),
    algorithm: algorithms[purpose],
    certificate: x509.toString(),
    fingerprint: x509.fingerprint256,
    kid: purpose === 'token' ? publicTokenKey(certificate).kid : null,
    validFrom: iso(x509.validFromDate.getTime()),
    validUntil: iso(x509.validToDate.getTime()),
    createdAt: iso(createdAt),
  };
};

/** The keys that an organization signs with, and their rotation. */
export const signingKeyRoutes =
  (needs: SigningKeyRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Signing keys'];
    const params = z.object({ organization: z.string() });
    const one = params.extend({ key: z.string() });
    const config = { access: 'organization' } as const;
    const dangerous = { access: 'organization', dangerous: true } as const;
    const base = '/organizations/:organization/signing-keys';

    app.get(
      base,
      { config, schema: { tags, summary: 'List signing keys', params, response: { 200: signingKeysSchema } } },
      async (request) => {
        const { organization } = request.params;
        const keys = await needs.storage.organization(organization).read.listSigningKeys();
        return { items: keys.map(view), next: null, ...needs.addresses(organization) };
      },
    );

    app.post(
      base,
      {
        config: dangerous,
        schema: {
          tags,
          summary: 'Publish the next key of a purpose',
          description: 'Metadata, key set and devices get to know it; it signs nothing yet.',
          params,
          body: newSigningKeySchema,
          response: { 201: signingKeySchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        const key = await publishSigningKey(needs, actOf(request), { organizationId, purpose: request.body.purpose });
        reply.code(201);
        return view(key);
      },
    );

    app.post(
      `${base}/:key/activate`,
      {
        config: dangerous,
        schema: {
          tags,
          summary: 'Sign with this key from now on',
          description: 'The one before stays published until it is removed; until then it can be activated again.',
          params: one,
          response: { 200: signingKeySchema },
        },
      },
      async (request) => {
        const { organization: organizationId, key: keyId } = request.params;
        return view(await activateSigningKey(needs, actOf(request), { organizationId, keyId }));
      },
    );

    app.delete(
      `${base}/:key`,
      {
        config: dangerous,
        schema: {
          tags,
          summary: 'Remove a key that does not sign',
          description: 'What it has signed is refused from now on.',
          params: one,
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, key: keyId } = request.params;
        await removeSigningKey(needs, actOf(request), { organizationId, keyId });
        reply.code(204);
        return null;
      },
    );
  };
