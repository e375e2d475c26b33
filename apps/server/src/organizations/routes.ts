import {
  type DomainView,
  domainPageSchema,
  domainSchema,
  domainVerificationSchema,
  newDomainSchema,
  newOrganizationSchema,
  type OrganizationView,
  organizationPageSchema,
  organizationSchema,
  pageQuerySchema,
} from '@latchkey/contract';
import { foldDomain } from '@latchkey/directory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { changeOrganizationState } from './change-organization-state.ts';
import { type CheckDomainNeeds, checkDomain } from './check-domain.ts';
import { claimDomain } from './claim-domain.ts';
import { createOrganization } from './create-organization.ts';
import { deleteOrganization } from './delete-organization.ts';
import { challengeFor, graceFor } from './domain-proof.ts';
import { grantDomain } from './grant-domain.ts';
import { removeDomain } from './remove-domain.ts';
import type { Domain, Organization } from './store.ts';

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const organizationView = (organization: Organization): OrganizationView => ({
  id: organization.id,
  name: organization.name,
  state: organization.state,
  createdAt: new Date(organization.createdAt).toISOString(),
  deletesAt: time(organization.deleteAt),
});

const stateOf = ({ proof, failingSince, contestedAt }: Domain): DomainView['state'] => {
  if (proof === 'none') return contestedAt === null ? 'claimed' : 'contested';
  return failingSince === null ? 'proved' : 'failing';
};

const domainView = (needs: Pick<CheckDomainNeeds, 'mac'>, organizationId: string, domain: Domain): DomainView => ({
  name: domain.name,
  state: stateOf(domain),
  proof: domain.proof,
  createdAt: new Date(domain.createdAt).toISOString(),
  record: domain.proof === 'granted' ? null : { type: 'TXT', ...challengeFor(needs.mac, organizationId, domain.name) },
  checkedAt: time(domain.checkedAt),
  lostAt: domain.failingSince === null ? null : time(domain.failingSince + graceFor),
});

const params = z.object({ organization: z.string() });
const domainParams = params.extend({ domain: z.string() });

/** Organizations and their domains. */
export const organizationRoutes =
  (needs: Parameters<typeof createOrganization>[0] & CheckDomainNeeds): FastifyPluginAsyncZod =>
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

    app.delete(
      '/organizations/:organization',
      {
        config: { access: 'operator', dangerous: true },
        schema: {
          tags,
          summary: 'Delete an organization, after 7 days',
          description: 'It is suspended now. Until its time has come, resuming it keeps it; then everything of it is removed.',
          params,
          response: { 202: organizationSchema },
        },
      },
      async (request, reply) => {
        reply.code(202);
        return organizationView(await deleteOrganization(needs, actOf(request), { organizationId: request.params.organization }));
      },
    );

    for (const [path, state, summary] of [
      ['suspend', 'suspended', 'Suspend an organization'],
      ['resume', 'active', 'Let an organization go on that is suspended or waits to be deleted'],
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
        const domains = await read.listDomains();
        return { items: domains.map((domain) => domainView(needs, request.params.organization, domain)), next: null };
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
        const domain = await grantDomain(needs, actOf(request), { organizationId, name: request.body.name });
        needs.domainsChanged(organizationId);
        return domainView(needs, organizationId, domain);
      },
    );

    app.put(
      '/organizations/:organization/domains/:domain',
      {
        config: { access: 'organization' },
        schema: {
          tags,
          summary: 'Claim a domain, to prove it by DNS',
          description: 'A claim reserves nothing. Publish the TXT record of the answer, then verify.',
          params: domainParams,
          response: { 200: domainSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, domain: name } = request.params;
        return domainView(needs, organizationId, await claimDomain(needs, actOf(request), { organizationId, name }));
      },
    );

    app.post(
      '/organizations/:organization/domains/:domain/verify',
      {
        config: { access: 'management' },
        schema: {
          tags,
          summary: 'Look the DNS record of a domain up now',
          params: domainParams,
          response: { 200: domainVerificationSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, domain } = request.params;
        const checked = await checkDomain(needs, actOf(request), { organizationId, name: foldDomain(domain) });
        return { finding: checked.finding, domain: domainView(needs, organizationId, checked.domain) };
      },
    );

    app.delete(
      '/organizations/:organization/domains/:domain',
      {
        config: { access: 'management' },
        schema: { tags, summary: 'Take a domain away', params: domainParams, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const { organization: organizationId, domain: name } = request.params;
        await removeDomain(needs, actOf(request), { organizationId, name });
        needs.domainsChanged(organizationId);
        reply.code(204);
        return null;
      },
    );
  };
