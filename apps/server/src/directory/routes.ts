import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { importRoutes } from './import-routes.ts';
import { userRoutes } from './user-routes.ts';
import { userSetRoutes } from './user-set-routes.ts';

/** The directory: users, groups, departments, imports. */
export const directoryRoutes =
  (needs: Parameters<typeof importRoutes>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    for (const routes of [userRoutes(needs), userSetRoutes(needs), importRoutes(needs)]) await app.register(routes);
  };
