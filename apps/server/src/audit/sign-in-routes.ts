import { signInPageSchema, signInQuerySchema, signInStorySchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeSignIn } from './describe-sign-in.ts';
import { getEvent } from './get-event.ts';
import { findByCorrelation, listSignIns, tellSignIn } from './list-sign-ins.ts';
import type { AuditStorage } from './store.ts';
import { viewEvent } from './view-event.ts';

const params = z.object({ organization: z.string() });

const timeOf = (moment: string | undefined): number | undefined => (moment === undefined ? undefined : Date.parse(moment));

/** What the audit knows of sign-ins and enrollments, in the words of whoever was refused and of whoever is asked why. */
export const signInRoutes =
  (needs: {
    readonly storage: AuditStorage;
    /** Entity id of our own service provider. */
    readonly ownServiceProvider: (organizationId: string) => string;
  }): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Sign-ins'];
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/sign-ins',
      {
        config,
        schema: {
          tags,
          summary: 'List sign-ins and enrollments, newest first',
          description: 'A page may be short, or even empty, and still have a `next`.',
          params,
          querystring: signInQuerySchema,
          response: { 200: signInPageSchema },
        },
      },
      async (request) => {
        const { organization } = request.params;
        const { read } = needs.storage.organization(organization);
        const own = needs.ownServiceProvider(organization);
        const { limit, cursor, kind, result, device, correlationId, from, until } = request.query;
        if (correlationId !== undefined) {
          const events = await findByCorrelation(read, correlationId);
          return { items: await Promise.all(events.map((event) => describeSignIn(read, own, event))), next: null };
        }
        const { items, next } = await listSignIns(
          read,
          own,
          { kind, result, actor: device && `device:${device}`, from: timeOf(from), until: timeOf(until) },
          { limit, ...(cursor === undefined ? {} : { after: cursor }) },
        );
        return { items: await Promise.all(items.map((event) => describeSignIn(read, own, event))), next: next ?? null };
      },
    );

    app.get(
      '/organizations/:organization/sign-ins/:event',
      {
        config,
        schema: {
          tags,
          summary: 'Show a sign-in or enrollment, with everything that belongs to it',
          params: params.extend({ event: z.string() }),
          response: { 200: signInStorySchema },
        },
      },
      async (request) => {
        const { organization, event: id } = request.params;
        const { read } = needs.storage.organization(organization);
        const event = await getEvent(read, id);
        const events = await tellSignIn(read, event);
        return { ...(await describeSignIn(read, needs.ownServiceProvider(organization), event)), events: events.map(viewEvent) };
      },
    );
  };
