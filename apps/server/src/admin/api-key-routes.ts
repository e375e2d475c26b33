import {
  type ApiKeyScope,
  type ApiKeyView,
  apiKeyPageSchema,
  apiKeySchema,
  createdApiKeySchema,
  newApiKeySchema,
  operatorAreas,
  organizationAreas,
  pageQuerySchema,
  setupSchema,
  whoamiSchema,
} from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf, type Caller, callerOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { includesScope, scopeFor } from './area.ts';
import { createApiKey } from './create-api-key.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { setUp } from './set-up.ts';
import type { ApiKey } from './store.ts';

export type ApiKeyRoutesNeeds = Parameters<typeof createApiKey>[0] & Parameters<typeof setUp>[0];

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const params = z.object({ organization: z.string() });
const keyParams = z.object({ key: z.string() });

/**
 * Nobody makes a key that may do more than they may themselves. Operators make the first key of an organization, which may do everything.
 *
 * @throws Problem
 */
const checkScopes = (caller: Caller, organizationId: string | null, scopes: readonly ApiKeyScope[]): void => {
  if (caller.kind === 'operator' && organizationId !== null) return;
  const mine = caller.kind === 'operator' ? operatorAreas : organizationAreas;
  const exceeded = mine.find((area) =>
    (['read', 'write'] as const).some((what) => includesScope(scopes, scopeFor(area, what)) && !caller.may(area, what)),
  );
  if (exceeded === undefined) return;
  throw new Problem(
    403,
    'scope_exceeds_own',
    'This key would be allowed more than you are.',
    `You may not do all of it in the area ${exceeded}. Choose scopes that your role has, or ask somebody with full access.`,
  );
};

/** Who may use this API: setup, whoami, and the keys of organizations and operators. */
export const apiKeyRoutes =
  (needs: ApiKeyRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['API keys'];

    const view = (key: ApiKey): ApiKeyView => ({
      id: key.id,
      organizationId: key.organizationId,
      description: key.description,
      state: key.revokedAt !== null ? 'revoked' : needs.now() >= key.expiresAt ? 'expired' : 'live',
      hint: key.hint,
      scopes: [...key.scopes],
      createdAt: new Date(key.createdAt).toISOString(),
      expiresAt: new Date(key.expiresAt).toISOString(),
      revokedAt: iso(key.revokedAt),
      lastUsedAt: iso(key.lastUsedAt),
    });

    app.post(
      '/setup',
      {
        config: { access: 'public' },
        schema: {
          tags: ['Server'],
          summary: "Spend the one-time setup code for an operator's key",
          security: [],
          body: setupSchema,
          response: { 201: createdApiKeySchema },
        },
      },
      async (request, reply) => {
        const { key, secret } = await setUp(needs, { remoteAddress: request.ip, correlationId: request.id }, request.body);
        reply.code(201);
        return { ...view(key), key: secret };
      },
    );

    app.get(
      '/whoami',
      { config: { access: 'any' }, schema: { tags, summary: 'Show whose key this is', response: { 200: whoamiSchema } } },
      async (request) => {
        const caller = callerOf(request);
        if (caller.by !== 'api-key') {
          throw new Problem(409, 'api_key_needed', 'This tells of API keys.', 'The console asks for /api/v1/console/session.');
        }
        const operator = caller.kind === 'operator';
        const key = operator
          ? await needs.storage.server.findOperatorKeyById(caller.id)
          : await needs.storage.organization(caller.organizationId).read.findApiKeyById(caller.id);
        if (key === undefined) throw new Problem(401, 'unauthorized', 'The API key is not known here.');
        const organization = operator ? undefined : await needs.storage.server.findOrganization(caller.organizationId);
        return {
          kind: caller.kind,
          apiKey: view(key),
          organization: organization === undefined ? null : { id: organization.id, name: organization.name },
        };
      },
    );

    app.get(
      '/organizations/:organization/api-keys',
      {
        config: { access: 'organization' },
        schema: {
          tags,
          summary: "List an organization's keys",
          params,
          querystring: pageQuerySchema,
          response: { 200: apiKeyPageSchema },
        },
      },
      async (request) =>
        pageOf(request.query, (page) => needs.storage.organization(request.params.organization).read.listApiKeys(page), view),
    );

    app.post(
      '/organizations/:organization/api-keys',
      {
        config: { access: 'management', dangerous: true },
        schema: {
          tags,
          summary: "Create an organization's key",
          description:
            'An operator may do this too: that is how an organization gets its first key. It is in the audit the organization reads.',
          params,
          body: newApiKeySchema,
          response: { 201: createdApiKeySchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        checkScopes(callerOf(request), organizationId, request.body.scopes);
        const { key, secret } = await createApiKey(needs, actOf(request), { organizationId, ...request.body });
        reply.code(201);
        return { ...view(key), key: secret };
      },
    );

    app.post(
      '/organizations/:organization/api-keys/:key/revoke',
      {
        config: { access: 'organization' },
        schema: {
          tags,
          summary: "Revoke an organization's key",
          params: params.extend(keyParams.shape),
          response: { 200: apiKeySchema },
        },
      },
      async (request) => {
        const { organization: organizationId, key: keyId } = request.params;
        return view(await revokeApiKey(needs, actOf(request), { organizationId, keyId }));
      },
    );

    app.get(
      '/api-keys',
      {
        config: { access: 'operator' },
        schema: { tags, summary: "List operators' keys", querystring: pageQuerySchema, response: { 200: apiKeyPageSchema } },
      },
      async (request) => pageOf(request.query, (page) => needs.storage.server.listOperatorKeys(page), view),
    );

    app.post(
      '/api-keys',
      {
        config: { access: 'operator', dangerous: true },
        schema: { tags, summary: "Create an operator's key", body: newApiKeySchema, response: { 201: createdApiKeySchema } },
      },
      async (request, reply) => {
        checkScopes(callerOf(request), null, request.body.scopes);
        const { key, secret } = await createApiKey(needs, actOf(request), { organizationId: null, ...request.body });
        reply.code(201);
        return { ...view(key), key: secret };
      },
    );

    app.post(
      '/api-keys/:key/revoke',
      {
        config: { access: 'operator' },
        schema: { tags, summary: "Revoke an operator's key", params: keyParams, response: { 200: apiKeySchema } },
      },
      async (request) => view(await revokeApiKey(needs, actOf(request), { organizationId: null, keyId: request.params.key })),
    );
  };
