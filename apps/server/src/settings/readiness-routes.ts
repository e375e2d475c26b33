import { lockedOutQuerySchema, lockedOutUserPageSchema, readinessSchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { foundPage } from '../http/page.ts';
import { judgeReadiness, lockedOutFilter, viewLockedOut } from './judge-readiness.ts';
import type { ReadinessPort } from './readiness-store.ts';

const params = z.object({ organization: z.string() });

/** Who would be locked out by activating the draft. */
export const readinessRoutes =
  (needs: {
    readonly storage: { readonly organization: (id: string) => { readonly read: ReadinessPort } };
    readonly now: () => number;
  }): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/settings/readiness',
      {
        config,
        schema: {
          tags: ['Settings'],
          summary: 'Who could sign in if the draft were activated now, by domain',
          params,
          response: { 200: readinessSchema },
        },
      },
      async (request) => judgeReadiness(needs.storage.organization(request.params.organization).read, needs.now()),
    );

    app.get(
      '/organizations/:organization/users/locked-out',
      {
        config,
        schema: {
          tags: ['Users'],
          summary: 'List the active users who could not sign in if the draft were activated now',
          params,
          querystring: lockedOutQuerySchema,
          response: { 200: lockedOutUserPageSchema },
        },
      },
      async (request) => {
        const { read } = needs.storage.organization(request.params.organization);
        const { domain, newly } = request.query;
        const { filter, settings } = await lockedOutFilter(read, { domain, newly: newly !== undefined });
        return foundPage(
          request.query,
          (cut) => read.searchLockedOut({ ...filter, ...cut }),
          () => read.totalLockedOut(filter),
          (user) => viewLockedOut(read, settings, user),
        );
      },
    );
  };
