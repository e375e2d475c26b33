import { newRetentionSchema, type RetentionView, retentionSchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { etag, ifMatch } from '../http/etag.ts';
import { changeRetention } from './change-retention.ts';
import { defaultRetention, type Retention, type RetentionStorage } from './store.ts';

const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const view = (retention: Retention): RetentionView => ({
  auditDays: retention.auditDays,
  signInDetailsDays: retention.signInDetailsDays,
  removedDays: retention.removedDays,
  revision: retention.revision,
  updatedAt: moment(retention.updatedAt),
  updatedBy: retention.updatedBy,
  sweptAt: moment(retention.sweptAt),
});

/** How long an organization keeps what happened, and who is gone. */
export const retentionRoutes =
  (needs: { readonly storage: RetentionStorage; readonly now: () => number }): FastifyPluginAsyncZod =>
  async (app) => {
    const path = '/organizations/:organization/retention';
    const shared = { tags: ['Retention'], params: z.object({ organization: z.string() }), response: { 200: retentionSchema } };

    app.get(
      path,
      { config: { access: 'organization' }, schema: { ...shared, summary: 'Show how long things are kept' } },
      async (request, reply) => {
        const { read } = needs.storage.organization(request.params.organization);
        const retention = (await read.findRetention()) ?? defaultRetention;
        reply.header('ETag', etag(retention.revision));
        return view(retention);
      },
    );

    app.put(
      path,
      {
        config: { access: 'organization', dangerous: true },
        schema: {
          ...shared,
          summary: 'Say how long things are kept',
          description:
            'Live at once: what that makes too old is gone for good at the next sweep, within a day. With `If-Match` only if nobody has changed it since.',
          body: newRetentionSchema,
        },
      },
      async (request, reply) => {
        const retention = await changeRetention(needs, actOf(request), {
          organizationId: request.params.organization,
          periods: request.body,
          revision: ifMatch(request),
        });
        reply.header('ETag', etag(retention.revision));
        return view(retention);
      },
    );
  };
