import { type AboutView, aboutSchema } from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

export interface AboutRouteNeeds {
  readonly about: AboutView;
}

/** What an operator is asked for when something is wrong: what runs here, on what, and where its data is. */
export const aboutRoute =
  ({ about }: AboutRouteNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/operator/about',
      {
        config: { access: 'operator' },
        schema: { tags: ['Server'], summary: 'Show what runs here', response: { 200: aboutSchema } },
      },
      async () => about,
    );
  };
