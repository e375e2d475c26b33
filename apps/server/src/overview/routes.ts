import { type Area, activityQuerySchema, activitySchema, healthSchema, overviewSchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Caller, callerOf } from '../http/caller.ts';
import { readActivity } from './read-activity.ts';
import { type HealthNeeds, readHealth } from './read-health.ts';
import { readOverview } from './read-overview.ts';

const params = z.object({ organization: z.string() });

/** Operators come here by breaking the glass only, and then see everything. */
const mayRead =
  (caller: Caller) =>
  (area: Area): boolean =>
    caller.kind === 'operator' || caller.may(area, 'read');

/** What the start page of an organization shows. */
export const overviewRoutes =
  (needs: HealthNeeds & Parameters<typeof readOverview>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Overview'];
    // Each answer leaves out what the caller may not see. The page asks for it by itself.
    const config = { access: 'organization', judgedByContent: true, background: true } as const;

    app.get(
      '/organizations/:organization/overview',
      { config, schema: { tags, summary: 'Show how the organization stands', params, response: { 200: overviewSchema } } },
      async (request) =>
        readOverview(needs, { organizationId: request.params.organization, mayRead: mayRead(callerOf(request)) }),
    );

    app.get(
      '/organizations/:organization/activity',
      {
        config,
        schema: {
          tags,
          summary: 'Count sign-ins, refusals and enrollments by the hour',
          params,
          querystring: activityQuerySchema,
          response: { 200: activitySchema },
        },
      },
      async (request) =>
        readActivity(needs, {
          organizationId: request.params.organization,
          hours: request.query.hours,
          mayRead: mayRead(callerOf(request)),
        }),
    );

    app.get(
      '/health',
      {
        config: { access: 'any', background: true },
        schema: { tags: ['Server'], summary: 'Show how the server does', response: { 200: healthSchema } },
      },
      async () => readHealth(needs),
    );
  };
