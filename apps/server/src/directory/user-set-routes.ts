import {
  departmentPageSchema,
  departmentSchema,
  type GroupView,
  groupPageSchema,
  groupSchema,
  newUserSetSchema,
  userSetChangeSchema,
  userSetQuerySchema,
} from '@latchkey/contract';
import { lockedFields, type OwnedField, type UserSet } from '@latchkey/directory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { etag, ifMatch } from '../http/etag.ts';
import { foundPage } from '../http/page.ts';
import { changeMembership } from './change-membership.ts';
import { setUnknown } from './refusals.ts';
import { setsOf, type UserSetKind } from './store.ts';
import { sourceOf } from './user-routes.ts';
import { changeUserSet, createUserSet, deleteUserSet } from './user-sets.ts';

const fields: Readonly<Record<UserSetKind, readonly OwnedField[]>> = {
  group: ['name', 'members', 'existence'],
  department: ['name', 'existence'],
};

/** A department is seen without `system`: its schema leaves it out. */
const view = (kind: UserSetKind, set: UserSet): GroupView => ({
  id: set.id,
  name: set.name,
  comments: set.comments,
  source: set.source,
  system: set.system,
  readOnly: [
    ...new Set([...lockedFields(set.source, fields[kind], 'api'), ...(set.system ? (['name', 'existence'] as const) : [])]),
  ],
  revision: set.revision,
  createdAt: new Date(set.createdAt).toISOString(),
  updatedAt: new Date(set.updatedAt).toISOString(),
});

const params = z.object({ organization: z.string() });
const setParams = params.extend({ id: z.string() });
const memberParams = setParams.extend({ user: z.string() });

/** Groups and departments: named sets of users, live at once. */
export const userSetRoutes =
  (needs: Parameters<typeof createUserSet>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { access: 'organization' } as const;

    for (const { kind, path, tags, one, page } of [
      { kind: 'group', path: 'groups', tags: ['Groups'], one: groupSchema, page: groupPageSchema },
      { kind: 'department', path: 'departments', tags: ['Departments'], one: departmentSchema, page: departmentPageSchema },
    ] as const) {
      const readOf = (organizationId: string) => setsOf(needs.storage.organization(organizationId).read, kind);

      app.get(
        `/organizations/:organization/${path}`,
        { config, schema: { tags, summary: `List ${path}`, params, querystring: userSetQuerySchema, response: { 200: page } } },
        async (request) => {
          const sets = readOf(request.params.organization);
          const { q, name, source } = request.query;
          if (name !== undefined) {
            const found = await sets.findByName(name);
            const items = found === undefined ? [] : [view(kind, found)];
            return { items, next: null, total: items.length, totalIsEstimate: false };
          }
          const filter = { ...(q === undefined ? {} : { q }), ...(source === undefined ? {} : { source }) };
          return foundPage(
            request.query,
            (cut) => sets.search({ ...filter, ...cut }),
            () => sets.total(filter),
            (set) => view(kind, set),
          );
        },
      );

      app.post(
        `/organizations/:organization/${path}`,
        { config, schema: { tags, summary: `Create a ${kind}`, params, body: newUserSetSchema, response: { 201: one } } },
        async (request, reply) => {
          const { organization: organizationId } = request.params;
          const set = await createUserSet(needs, actOf(request), {
            organizationId,
            kind,
            by: sourceOf(request),
            ...request.body,
          });
          reply.code(201).header('ETag', etag(set.revision));
          return view(kind, set);
        },
      );

      app.get(
        `/organizations/:organization/${path}/:id`,
        { config, schema: { tags, summary: `Show a ${kind}`, params: setParams, response: { 200: one } } },
        async (request, reply) => {
          const set = await readOf(request.params.organization).find(request.params.id);
          if (set === undefined) throw setUnknown(kind);
          reply.header('ETag', etag(set.revision));
          return view(kind, set);
        },
      );

      app.patch(
        `/organizations/:organization/${path}/:id`,
        {
          config,
          schema: {
            tags,
            summary: `Change a ${kind}`,
            params: setParams,
            body: userSetChangeSchema,
            response: { 200: one },
          },
        },
        async (request, reply) => {
          const { organization: organizationId, id } = request.params;
          const input = { organizationId, kind, id, by: sourceOf(request), change: request.body, ifRevision: ifMatch(request) };
          const set = await changeUserSet(needs, actOf(request), input);
          reply.header('ETag', etag(set.revision));
          return view(kind, set);
        },
      );

      app.delete(
        `/organizations/:organization/${path}/:id`,
        {
          config,
          schema: { tags, summary: `Delete a ${kind}; its users stay`, params: setParams, response: { 204: z.null() } },
        },
        async (request, reply) => {
          const { organization: organizationId, id } = request.params;
          await deleteUserSet(needs, actOf(request), { organizationId, kind, id, by: sourceOf(request) });
          reply.code(204);
          return null;
        },
      );
    }

    for (const [method, member, summary] of [
      ['PUT', true, 'Put a user into a group'],
      ['DELETE', false, 'Take a user out of a group'],
    ] as const) {
      app.route({
        method,
        url: '/organizations/:organization/groups/:id/members/:user',
        config,
        schema: { tags: ['Groups'], summary, params: memberParams, response: { 204: z.null() } },
        handler: async (request, reply) => {
          const { organization: organizationId, id: groupId, user: userId } = request.params;
          await changeMembership(needs, actOf(request), { organizationId, groupId, userId, member, by: sourceOf(request) });
          reply.code(204);
          return null;
        },
      });
    }
  };
