import { newUserSchema, type UserView, userChangeSchema, userPageSchema, userQuerySchema, userSchema } from '@latchkey/contract';
import { foldUserName, lockedFields, type Source, type User } from '@latchkey/directory';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf, callerOf } from '../http/caller.ts';
import { etag, ifMatch } from '../http/etag.ts';
import { foundPage } from '../http/page.ts';
import { type Account, readAccount } from './account.ts';
import { adoptUser } from './adopt-user.ts';
import { changeUser } from './change-user.ts';
import { changeUserState } from './change-user-state.ts';
import { createUser } from './create-user.ts';
import { userUnknown } from './refusals.ts';
import type { GroupName } from './store.ts';

/** By which door a request comes. */
export const sourceOf = (request: FastifyRequest): Source => (callerOf(request).by === 'administrator' ? 'console' : 'api');

const fields = ['userName', 'displayName', 'email', 'department', 'state', 'existence'] as const;

const view = (user: User, department: GroupName | undefined): UserView => ({
  id: user.id,
  userName: user.userName,
  displayName: user.displayName,
  email: user.email,
  department: department ?? null,
  comments: user.comments,
  state: user.state,
  disabledBy: user.disabledBy ?? null,
  source: user.source,
  readOnly: [...lockedFields(user.source, fields, 'api')],
  revision: user.revision,
  createdAt: new Date(user.createdAt).toISOString(),
  updatedAt: new Date(user.updatedAt).toISOString(),
});

const send = (reply: FastifyReply, { user, department, groups }: Account): UserView => {
  reply.header('ETag', etag(user.revision));
  return { ...view(user, department), groups: [...groups] };
};

const params = z.object({ organization: z.string() });
const userParams = params.extend({ user: z.string() });

/** Users: facts of identity, live at once. */
export const userRoutes =
  (needs: Parameters<typeof createUser>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Users'];
    const config = { access: 'organization' } as const;
    const readOf = (organizationId: string) => needs.storage.organization(organizationId).read;

    app.get(
      '/organizations/:organization/users',
      {
        config,
        schema: {
          tags,
          summary: 'List users',
          description: 'By user name. With `q` those whose user name begins with it, then those whose display name does.',
          params,
          querystring: userQuerySchema,
          response: { 200: userPageSchema },
        },
      },
      async (request) => {
        const read = readOf(request.params.organization);
        const { userName, q, state, department, group, source } = request.query;
        if (userName !== undefined) {
          const user = await read.findUserByName(foldUserName(userName).userNameKey);
          const items = user === undefined || (state !== undefined && user.state !== state) ? [] : [user];
          const accounts = await Promise.all(items.map((each) => readAccount(read, each)));
          return {
            items: accounts.map((each) => view(each.user, each.department)),
            next: null,
            total: items.length,
            totalIsEstimate: false,
          };
        }
        const filter = {
          ...(q === undefined ? {} : { q }),
          ...(state === undefined ? {} : { state }),
          ...(department === undefined ? {} : { departmentId: department }),
          ...(group === undefined ? {} : { groupId: group }),
          ...(source === undefined ? {} : { source }),
        };
        // A deleted group has members until they are let go of.
        if (group !== undefined && (await read.groups.find(group)) === undefined) {
          return { items: [], next: null, total: 0, totalIsEstimate: false };
        }
        let departments: ReadonlyMap<string, GroupName> = new Map();
        return foundPage(
          request.query,
          async (cut) => {
            const found = await read.searchUsers({ ...filter, ...cut });
            const ids = [...new Set(found.items.flatMap(({ departmentId }) => departmentId ?? []))];
            departments = new Map((await read.departments.findAll(ids)).map(({ id, name }) => [id, { id, name }]));
            return found;
          },
          () => read.totalUsers(filter),
          (user) => view(user, departments.get(user.departmentId ?? '')),
        );
      },
    );

    app.post(
      '/organizations/:organization/users',
      { config, schema: { tags, summary: 'Create a user', params, body: newUserSchema, response: { 201: userSchema } } },
      async (request, reply) => {
        reply.code(201);
        const { organization: organizationId } = request.params;
        return send(reply, await createUser(needs, actOf(request), { organizationId, by: sourceOf(request), ...request.body }));
      },
    );

    app.get(
      '/organizations/:organization/users/:user',
      {
        config,
        schema: { tags, summary: 'Show a user, with its groups', params: userParams, response: { 200: userSchema } },
      },
      async (request, reply) => {
        const read = readOf(request.params.organization);
        const user = await read.findUser(request.params.user);
        if (user === undefined || user.state === 'deleted') throw userUnknown();
        return send(reply, await readAccount(read, user));
      },
    );

    app.patch(
      '/organizations/:organization/users/:user',
      {
        config,
        schema: {
          tags,
          summary: 'Change a user',
          description:
            'What is left out stays; `groups` are all groups. With `If-Match`, only if the user is still as you have seen (else 412). What its source owns is refused (409, with `owner`).',
          params: userParams,
          body: userChangeSchema,
          response: { 200: userSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, user: userId } = request.params;
        const input = { organizationId, userId, by: sourceOf(request), change: request.body, ifRevision: ifMatch(request) };
        return send(reply, await changeUser(needs, actOf(request), input));
      },
    );

    for (const [path, state, summary] of [
      ['disable', 'disabled', 'Disable a user; sessions end at once'],
      ['enable', 'active', 'Enable a disabled user'],
    ] as const) {
      app.post(
        `/organizations/:organization/users/:user/${path}`,
        { config, schema: { tags, summary, params: userParams, response: { 200: userSchema } } },
        async (request, reply) => {
          const { organization: organizationId, user: userId } = request.params;
          const input = { organizationId, userId, state, by: sourceOf(request), ifRevision: ifMatch(request) };
          const user = await changeUserState(needs, actOf(request), input);
          return send(reply, await readAccount(readOf(organizationId), user));
        },
      );
    }

    app.post(
      '/organizations/:organization/users/:user/adopt',
      {
        config,
        schema: {
          tags,
          summary: 'Take a user over from the identity provider that has made it',
          params: userParams,
          response: { 200: userSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, user: userId } = request.params;
        const user = await adoptUser(needs, actOf(request), { organizationId, userId, by: sourceOf(request) });
        return send(reply, await readAccount(readOf(organizationId), user));
      },
    );

    app.delete(
      '/organizations/:organization/users/:user',
      {
        config,
        schema: { tags, summary: 'Delete a user; sessions end at once', params: userParams, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const { organization: organizationId, user: userId } = request.params;
        const input = { organizationId, userId, state: 'deleted', by: sourceOf(request), ifRevision: ifMatch(request) } as const;
        await changeUserState(needs, actOf(request), input);
        reply.code(204);
        return null;
      },
    );
  };
