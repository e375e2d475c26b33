import {
  type AdministratorView,
  administratorChangeSchema,
  administratorPageSchema,
  administratorSchema,
  createdInvitationSchema,
  type InvitationView,
  invitationPageSchema,
  newInvitationSchema,
  newRoleSchema,
  pageQuerySchema,
  type RoleView,
  rolePageSchema,
  roleSchema,
} from '@latchkey/contract';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf, callerOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { changeAdministrator, endSessions, removeAdministrator, resetSecondFactor } from './change-administrator.ts';
import { inviteAdministrator, withdrawInvitation } from './invite-administrator.ts';
import { builtInRoles, permissionsOf } from './permissions.ts';
import { deleteRole, saveRole } from './role.ts';
import { type Administrator, holderOf, type Invitation, type Role } from './store.ts';

export type AdministrationNeeds = Parameters<typeof inviteAdministrator>[0];

const time = (at: number): string => new Date(at).toISOString();

const invitationView = (invitation: Invitation): InvitationView => ({
  id: invitation.id,
  userName: invitation.userName,
  roleId: invitation.roleId,
  createdAt: time(invitation.createdAt),
  createdBy: invitation.createdBy,
  expiresAt: time(invitation.expiresAt),
});

const roleView = (organizationId: string, role: Role, administrators: number): RoleView => ({
  id: role.id,
  name: role.name,
  builtIn: false,
  administrators,
  permissions: permissionsOf(organizationId, role.id, role),
});

const builtInViews = (organizationId: string, count: (roleId: string) => number): RoleView[] =>
  Object.entries(builtInRoles).map(([id, name]) => ({
    id,
    name,
    builtIn: true,
    administrators: count(id),
    permissions: permissionsOf(organizationId, id, undefined),
  }));

/** The holders of administrators: organizations, and (null) the operators. */
const holders = [
  {
    base: '/organizations/:organization',
    access: 'organization',
    inviting: 'management',
    whose: "an organization's",
    of: 'an organization',
  },
  { base: '/operator', access: 'operator', inviting: 'operator', whose: "operators'", of: 'the operators' },
] as const;

/** Who may sign in to the console, and with which role. */
export const administrationRoutes =
  (needs: AdministrationNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Administrators'];

    for (const { base, access, inviting, whose, of } of holders) {
      const params = base === '/operator' ? z.object({}) : z.object({ organization: z.string() });
      const organizationOf = (request: FastifyRequest): string | null =>
        (request.params as { organization?: string }).organization ?? null; // as the path has it
      const config = { access };
      const dangerous = { access, dangerous: true };
      const one = params.extend({ administrator: z.string() });
      const targetOf = (request: FastifyRequest) => ({
        organizationId: organizationOf(request),
        administratorId: (request.params as { administrator: string }).administrator, // of `one`
      });

      const views = async (organizationId: string | null, found: readonly Administrator[]): Promise<AdministratorView[]> => {
        const passkeys = await holderOf(needs.storage, organizationId).read.listPasskeys(found.map(({ id }) => id));
        return found.map((administrator) => ({
          id: administrator.id,
          organizationId,
          userName: administrator.userName,
          displayName: administrator.displayName,
          roleId: administrator.roleId,
          state: administrator.state,
          hasPasskey: passkeys.some(({ administratorId }) => administratorId === administrator.id),
          hasTotp: administrator.totp !== null,
          createdAt: time(administrator.createdAt),
          lastSignedInAt: administrator.lastSignedInAt === null ? null : time(administrator.lastSignedInAt),
        }));
      };
      const view = async (organizationId: string | null, administrator: Administrator): Promise<AdministratorView> => {
        const [shown] = await views(organizationId, [administrator]);
        if (shown === undefined) throw new TypeError('One in, one out.');
        return shown;
      };

      app.get(
        `${base}/administrators`,
        {
          config,
          schema: {
            tags,
            summary: `List ${whose} administrators`,
            params,
            querystring: pageQuerySchema,
            response: { 200: administratorPageSchema },
          },
        },
        async (request) => {
          const organizationId = organizationOf(request);
          const { read } = holderOf(needs.storage, organizationId);
          const page = await pageOf(request.query, read.listAdministrators, (administrator) => administrator);
          return { items: await views(organizationId, page.items), next: page.next };
        },
      );

      app.get(
        `${base}/administrators/:administrator`,
        {
          config,
          schema: { tags, summary: `Show an administrator of ${of}`, params: one, response: { 200: administratorSchema } },
        },
        async (request) => {
          const { organizationId, administratorId } = targetOf(request);
          const found = await holderOf(needs.storage, organizationId).read.findAdministrator(administratorId);
          if (found === undefined) throw new Problem(404, 'administrator_unknown', 'There is no such administrator.');
          return view(organizationId, found);
        },
      );

      app.patch(
        `${base}/administrators/:administrator`,
        {
          config: dangerous,
          schema: {
            tags,
            summary: `Give an administrator of ${of} another role, disable or enable`,
            params: one,
            body: administratorChangeSchema,
            response: { 200: administratorSchema },
          },
        },
        async (request) => {
          const target = targetOf(request);
          return view(
            target.organizationId,
            await changeAdministrator(needs, callerOf(request), actOf(request), target, request.body),
          );
        },
      );

      app.delete(
        `${base}/administrators/:administrator`,
        {
          config: dangerous,
          schema: { tags, summary: `Remove an administrator of ${of}`, params: one, response: { 204: z.null() } },
        },
        async (request, reply) => {
          await removeAdministrator(needs, callerOf(request), actOf(request), targetOf(request));
          reply.code(204);
          return null;
        },
      );

      app.post(
        `${base}/administrators/:administrator/reset-second-factor`,
        {
          config: dangerous,
          schema: {
            tags,
            summary: `Take passkeys, authenticator app and recovery codes from an administrator of ${of}`,
            description: 'Every session of theirs ends. At the next sign-in they set a second factor up anew.',
            params: one,
            response: { 200: administratorSchema },
          },
        },
        async (request) => {
          const target = targetOf(request);
          return view(target.organizationId, await resetSecondFactor(needs, callerOf(request), actOf(request), target));
        },
      );

      app.post(
        `${base}/administrators/:administrator/end-sessions`,
        {
          config,
          schema: { tags, summary: `Sign an administrator of ${of} out everywhere`, params: one, response: { 204: z.null() } },
        },
        async (request, reply) => {
          await endSessions(needs, callerOf(request), actOf(request), targetOf(request));
          reply.code(204);
          return null;
        },
      );

      app.get(
        `${base}/invitations`,
        {
          config,
          schema: {
            tags,
            summary: `List ${whose} invitations`,
            params,
            querystring: pageQuerySchema,
            response: { 200: invitationPageSchema },
          },
        },
        async (request) => {
          const { read } = holderOf(needs.storage, organizationOf(request));
          return pageOf(request.query, read.listInvitations, invitationView);
        },
      );

      app.post(
        `${base}/invitations`,
        {
          config: { access: inviting, dangerous: true },
          schema: {
            tags,
            summary: `Invite an administrator of ${of}`,
            description: 'The link is for the invited person alone: whoever has it becomes the administrator.',
            params,
            body: newInvitationSchema,
            response: { 201: createdInvitationSchema },
          },
        },
        async (request, reply) => {
          const { invitation, link } = await inviteAdministrator(needs, callerOf(request), actOf(request), {
            organizationId: organizationOf(request),
            ...request.body,
          });
          reply.code(201);
          return { ...invitationView(invitation), link };
        },
      );

      app.delete(
        `${base}/invitations/:invitation`,
        {
          config,
          schema: {
            tags,
            summary: `Withdraw an invitation of ${of}`,
            params: params.extend({ invitation: z.string() }),
            response: { 204: z.null() },
          },
        },
        async (request, reply) => {
          await withdrawInvitation(needs, actOf(request), {
            organizationId: organizationOf(request),
            invitationId: (request.params as { invitation: string }).invitation, // as above
          });
          reply.code(204);
          return null;
        },
      );
    }

    /** How many administrators have a role. */
    const counting = async (organizationId: string): Promise<(roleId: string) => number> => {
      const counts = await needs.storage.organization(organizationId).read.countAdministratorsByRole();
      return (roleId) => counts.get(roleId) ?? 0;
    };

    const params = z.object({ organization: z.string() });
    const one = params.extend({ role: z.string() });
    const config = { access: 'organization' } as const;
    const dangerous = { access: 'organization', dangerous: true } as const;

    app.get(
      '/organizations/:organization/roles',
      { config, schema: { tags, summary: 'List roles', params, response: { 200: rolePageSchema } } },
      async (request) => {
        const { organization } = request.params;
        const { read } = needs.storage.organization(organization);
        const [roles, count] = await Promise.all([read.listRoles(), counting(organization)]);
        const own = roles.map((role) => roleView(organization, role, count(role.id)));
        return { items: [...builtInViews(organization, count), ...own], next: null };
      },
    );

    app.post(
      '/organizations/:organization/roles',
      {
        config: dangerous,
        schema: { tags, summary: 'Make a role', params, body: newRoleSchema, response: { 201: roleSchema } },
      },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        const role = await saveRole(needs, callerOf(request), actOf(request), { organizationId, ...request.body });
        reply.code(201);
        return roleView(organizationId, role, 0);
      },
    );

    app.put(
      '/organizations/:organization/roles/:role',
      {
        config: dangerous,
        schema: {
          tags,
          summary: 'Change a role',
          description: 'It holds for the next request of everybody who has it.',
          params: one,
          body: newRoleSchema,
          response: { 200: roleSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, role: roleId } = request.params;
        const role = await saveRole(needs, callerOf(request), actOf(request), { organizationId, roleId, ...request.body });
        return roleView(organizationId, role, (await counting(organizationId))(roleId));
      },
    );

    app.delete(
      '/organizations/:organization/roles/:role',
      { config: dangerous, schema: { tags, summary: 'Remove a role that nobody has', params: one, response: { 204: z.null() } } },
      async (request, reply) => {
        const { organization: organizationId, role: roleId } = request.params;
        await deleteRole(needs, callerOf(request), actOf(request), { organizationId, roleId });
        reply.code(204);
        return null;
      },
    );
  };
