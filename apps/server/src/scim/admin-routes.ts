import {
  createdScimTokenSchema,
  newScimTokenSchema,
  pageQuerySchema,
  type ScimExchangeView,
  type ScimTokenView,
  scimExchangePageSchema,
  scimExchangeSchema,
  scimLogFilterSchema,
  scimTokenPageSchema,
  scimTokenSchema,
} from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { ExchangeLog } from './exchange-log.ts';
import type { ScimExchange, ScimLogFilter, ScimToken } from './store.ts';
import { createScimToken, revokeScimToken, type TokenNeeds } from './token.ts';

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const exchangeView = (it: ScimExchange): ScimExchangeView => ({
  id: it.id,
  at: new Date(it.at).toISOString(),
  identityProvider: it.idp,
  client: it.client,
  tokenId: it.tokenId,
  entity: it.entity,
  method: it.method,
  path: it.path,
  status: it.status,
  milliseconds: it.microseconds / 1000,
  correlationId: it.correlationId,
  request: it.request,
  response: it.response,
});

const params = z.object({ organization: z.string(), idp: z.string().max(63) });
const tokenParams = params.extend({ token: z.string() });
const exchangeParams = params.extend({ exchange: z.string() });

/** What administrators see of provisioning sources: their tokens and the sync log. */
export const scimAdminRoutes =
  (needs: TokenNeeds & { readonly origin: string; readonly log: ExchangeLog }): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['SCIM'];
    const config = { access: 'organization' } as const;

    const view = (token: ScimToken): ScimTokenView => ({
      id: token.id,
      identityProvider: token.idp,
      description: token.description,
      state: token.revokedAt !== null ? 'revoked' : token.expiresAt <= needs.now() ? 'expired' : 'live',
      hint: token.hint,
      createdAt: new Date(token.createdAt).toISOString(),
      createdBy: token.createdBy,
      expiresAt: new Date(token.expiresAt).toISOString(),
      revokedAt: iso(token.revokedAt),
      lastUsedAt: iso(token.lastUsedAt),
    });

    app.get(
      '/organizations/:organization/scim/:idp/tokens',
      {
        config,
        schema: {
          tags,
          summary: 'List the bearer tokens of a provisioning source',
          params,
          querystring: pageQuerySchema,
          response: { 200: scimTokenPageSchema },
        },
      },
      async (request) => {
        const { organization, idp } = request.params;
        await needs.log.written();
        const { read } = needs.storage.organization(organization);
        return pageOf(request.query, (page) => read.listScimTokens(idp, page), view);
      },
    );

    app.post(
      '/organizations/:organization/scim/:idp/tokens',
      {
        config,
        schema: {
          tags,
          summary: 'Create a bearer token for a provisioning source',
          description: 'Good at once; two are live at a time. The answer is the only place the token is ever shown in.',
          params,
          body: newScimTokenSchema,
          response: { 201: createdScimTokenSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, idp } = request.params;
        const { token, secret } = await createScimToken(needs, actOf(request), { organizationId, idp, ...request.body });
        reply.code(201);
        return { ...view(token), token: secret, baseUrl: `${needs.origin}/scim/${organizationId}/${idp}/v2` };
      },
    );

    app.post(
      '/organizations/:organization/scim/:idp/tokens/:token/revoke',
      {
        config,
        schema: { tags, summary: 'Revoke a bearer token, at once', params: tokenParams, response: { 200: scimTokenSchema } },
      },
      async (request) => {
        const { organization: organizationId, idp, token: tokenId } = request.params;
        return view(await revokeScimToken(needs, actOf(request), { organizationId, idp, tokenId }));
      },
    );

    app.get(
      '/organizations/:organization/scim/:idp/log',
      {
        config,
        schema: {
          tags,
          summary: 'List the requests of a provisioning source that could change something, newest first',
          params,
          querystring: pageQuerySchema.extend(scimLogFilterSchema.shape),
          response: { 200: scimExchangePageSchema },
        },
      },
      async (request) => {
        const { organization, idp } = request.params;
        const { limit, cursor, from, until, ...others } = request.query;
        const filter: ScimLogFilter = {
          ...others,
          from: from === undefined ? undefined : Date.parse(from),
          until: until === undefined ? undefined : Date.parse(until),
        };
        await needs.log.written();
        const { read } = needs.storage.organization(organization);
        return pageOf({ limit, cursor }, (page) => read.listScimExchanges(idp, filter, page), exchangeView);
      },
    );

    app.get(
      '/organizations/:organization/scim/:idp/log/:exchange',
      { config, schema: { tags, summary: 'Show one of them', params: exchangeParams, response: { 200: scimExchangeSchema } } },
      async (request) => {
        const { organization, idp, exchange } = request.params;
        const found = await needs.storage.organization(organization).read.findScimExchange(idp, exchange);
        if (found === undefined) throw new Problem(404, 'scim_exchange_unknown', 'There is no such entry of the sync log.');
        return exchangeView(found);
      },
    );
  };
