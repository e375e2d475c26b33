import {
  type DomainView,
  domainPageSchema,
  domainSchema,
  newDomainSchema,
  newOrganizationSchema,
  type OrganizationView,
  organizationPageSchema,
  organizationSchema,
  pageQuerySchema,
} from '@latchkey/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { changeOrganizationState } from './change-organization-state.ts';
import { createOrganization } from './create-organization.ts';
import { grantDomain } from './grant-domain.ts';
import { removeDomain } from './remove-domain.ts';
import type { Domain, Organization } from './store.ts';

const organizationView = (organization: Organization): OrganizationView => ({
  id: organization.id,
  name: organization.name,
  state: organization.state,
  createdAt: new Date(organization.createdAt).toISOString(),
});

const domainView = (domain: Domain): DomainView => ({
  name: domain.name,
  proof: domain.proof,
  createdAt: new Date(domain.createdAt).toISOString(),
});

const params = z.object({ organization: z.string() });
const domainParams = params.extend({ domain: z.string() });

/** Organizations and their domains: what operators do. */
export const organizationRoutes =
  (needs: Parameters<typeof createOrganization>[0]): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Organizations'];

    app.get(
      '/organizations',
      {
        config: { access: 'operator' },
        schema: { tags, summary: 'List organizations', querystring: pageQuerySchema, response: { 200: organizationPageSchema } },
      },
      async ({ query }) => pageOf(query, (page) => needs.storage.server.listOrganizations(page), organizationView),
    );

    app.post(
      '/organizations',
      {
        config: { access: 'operator' },
        schema: { tags, summary: 'Create an organization', body: newOrganizationSchema, response: { 201: organizationSchema } },
      },
      async (request, reply) => {
        reply.code(201);
        return organizationView(await createOrganization(needs, actOf(request), request.body));
      },
    );

    app.get(
      '/organizations/:organization',
      {
        config: { access: 'management' },
        schema: { tags, summary: 'Show an organization', params, response: { 200: organizationSchema } },
      },
      async (request) => {
        const organization = await needs.storage.server.findOrganization(request.params.organization);
        if (organization === undefined) throw new Problem(404, 'organization_unknown', 'There is no such organization.');
        return organizationView(organization);
      },
    );

    for (const [path, state, summary] of [
      ['suspend', 'suspended', 'Suspend an organization'],
      ['resume', 'active', 'Let a suspended organization go on'],
    ] as const) {
      app.post(
        `/organizations/:organization/${path}`,
        { config: { access: 'operator' }, schema: { tags, summary, params, response: { 200: organizationSchema } } },
        async (request) =>
          organizationView(
            await changeOrganizationState(needs, actOf(request), { organizationId: request.params.organization, state }),
          ),
      );
    }

    app.get(
      '/organizations/:organization/domains',
      {
        config: { access: 'management' },
        schema: { tags, summary: 'List domains', params, response: { 200: domainPageSchema } },
      },
      async (request) => {
        const { read } = needs.storage.organization(request.params.organization);
        if ((await read.readOrganization()) === undefined) {
          throw new Problem(404, 'organization_unknown', 'There is no such organization.');
        }
        return { items: (await read.listDomains()).map(domainView), next: null };
      },
    );

    app.post(
      '/organizations/:organization/domains',
      {
        config: { access: 'operator' },
        schema: { tags, summary: 'Grant a domain', params, body: newDomainSchema, response: { 201: domainSchema } },
      },
      async (request, reply) => {
        reply.code(201);
        const { organization: organizationId } = request.params;
        return domainView(await grantDomain(needs, actOf(request), { organizationId, name: request.body.name }));
      },
    );

    app.delete(
      '/organizations/:organization/domains/:domain',
      {
        config: { access: 'operator' },
        schema: { tags, summary: 'Take a domain away', params: domainParams, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const { organization: organizationId, domain: name } = request.params;
        await removeDomain(needs, actOf(request), { organizationId, name });
        reply.code(204);
        return null;
      },
    );
  };
