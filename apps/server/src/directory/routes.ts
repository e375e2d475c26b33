import { newUserSchema, type UserView, userPageSchema, userQuerySchema, userSchema } from '@latchkey/contract';
import { foldUserName, type User } from '@latchkey/directory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { changeUserState } from './change-user-state.ts';
import { createUser } from './create-user.ts';

const view = (user: User): UserView => ({
  id: user.id,
  userName: user.userName,
  displayName: user.displayName,
  state: user.state,
  source: user.source,
  createdAt: new Date(user.createdAt).toISOString(),
  updatedAt: new Date(user.updatedAt).toISOString(),
});

const params = z.object({ organization: z.string() });
const userParams = params.extend({ user: z.string() });

/** Users: facts of identity, live at once. */
export const directoryRoutes =
  (needs: Parameters<typeof createUser>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Users'];
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/users',
      {
        config,
        schema: { tags, summary: 'List users', params, querystring: userQuerySchema, response: { 200: userPageSchema } },
      },
      async (request) => {
        const { read } = needs.storage.organization(request.params.organization);
        const { userName, q, state } = request.query;
        if (userName !== undefined) {
          const user = await read.findUserByName(foldUserName(userName).userNameKey);
          return { items: user === undefined || (state !== undefined && user.state !== state) ? [] : [view(user)], next: null };
        }
        return pageOf(
          request.query,
          (page) =>
            read.listUsers({
              ...page,
              ...(state === undefined ? {} : { state }),
              ...(q === undefined ? {} : { prefix: q.normalize('NFC').toLowerCase() }),
            }),
          view,
        );
      },
    );

    app.post(
      '/organizations/:organization/users',
      { config, schema: { tags, summary: 'Create a user', params, body: newUserSchema, response: { 201: userSchema } } },
      async (request, reply) => {
        reply.code(201);
        const { organization: organizationId } = request.params;
        return view(await createUser(needs, actOf(request), { organizationId, ...request.body }));
      },
    );

    app.get(
      '/organizations/:organization/users/:user',
      { config, schema: { tags, summary: 'Show a user', params: userParams, response: { 200: userSchema } } },
      async (request) => {
        const user = await needs.storage.organization(request.params.organization).read.findUser(request.params.user);
        if (user === undefined || user.state === 'deleted') throw new Problem(404, 'user_unknown', 'There is no such user.');
        return view(user);
      },
    );

    for (const [path, state, summary] of [
      ['disable', 'disabled', 'Disable a user; sessions end at once'],
      ['enable', 'active', 'Enable a disabled user'],
    ] as const) {
      app.post(
        `/organizations/:organization/users/:user/${path}`,
        { config, schema: { tags, summary, params: userParams, response: { 200: userSchema } } },
        async (request) => {
          const { organization: organizationId, user: userId } = request.params;
          return view(await changeUserState(needs, actOf(request), { organizationId, userId, state }));
        },
      );
    }

    app.delete(
      '/organizations/:organization/users/:user',
      {
        config,
        schema: { tags, summary: 'Delete a user; sessions end at once', params: userParams, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const { organization: organizationId, user: userId } = request.params;
        await changeUserState(needs, actOf(request), { organizationId, userId, state: 'deleted' });
        reply.code(204);
        return null;
      },
    );
  };
