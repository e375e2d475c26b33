import {
  type ApplicationView,
  applicationChangeSchema,
  applicationPageSchema,
  applicationSchema,
  newApplicationSchema,
  pageQuerySchema,
} from '@latchkey/contract';
import type { EvidenceLevel } from '@latchkey/device';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Act, actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { AdminStorage, Application } from './store.ts';

export interface ApplicationRoutesNeeds {
  readonly storage: AdminStorage;
  readonly registerApplication: (
    organizationId: string,
    input: Act & {
      readonly application: { readonly name: string; readonly minEvidence?: EvidenceLevel } & (
        | { readonly kind: 'saml'; readonly metadata: string }
        | { readonly kind: 'api'; readonly identifier: string }
        | { readonly kind: 'gateway'; readonly identifier: string; readonly allowBearer: boolean }
      );
    },
  ) => Promise<
    { readonly kind: 'registered'; readonly application: Application } | { readonly kind: 'taken'; readonly identifier: string }
  >;
  readonly changeApplication: (
    organizationId: string,
    input: Act & {
      readonly id: string;
      readonly change: {
        readonly name?: string;
        readonly enabled?: boolean;
        readonly minEvidence?: EvidenceLevel;
        readonly allowBearer?: boolean;
      };
    },
  ) => Promise<
    | { readonly kind: 'changed'; readonly application: Application }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'not_gateway' }
  >;
  readonly deleteApplication: (organizationId: string, input: Act & { readonly id: string }) => Promise<boolean>;
}

const view = (application: Application): ApplicationView => ({
  id: application.id,
  name: application.name,
  kind: application.kind,
  identifier: application.identifier,
  enabled: application.enabled,
  minEvidence: application.minEvidence,
  allowBearer: application.allowBearer,
  createdAt: new Date(application.createdAt).toISOString(),
});

const unknown = (): Problem => new Problem(404, 'application_unknown', 'There is no such application.');

const params = z.object({ organization: z.string() });
const applicationParams = params.extend({ application: z.string() });

/** What people sign in to. */
export const applicationRoutes =
  (needs: ApplicationRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Applications'];
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/applications',
      {
        config,
        schema: {
          tags,
          summary: 'List applications',
          params,
          querystring: pageQuerySchema,
          response: { 200: applicationPageSchema },
        },
      },
      async (request) =>
        pageOf(
          request.query,
          (page) => needs.storage.organization(request.params.organization).read.listApplications(page),
          view,
        ),
    );

    app.post(
      '/organizations/:organization/applications',
      {
        config,
        schema: {
          tags,
          summary: 'Register an application',
          params,
          body: newApplicationSchema,
          response: { 201: applicationSchema },
        },
      },
      async (request, reply) => {
        const registration = await needs.registerApplication(request.params.organization, {
          ...actOf(request),
          application: request.body,
        });
        if (registration.kind === 'taken') {
          throw new Problem(
            409,
            'identifier_taken',
            `There is an application "${registration.identifier}" already.`,
            'Delete it first, or use another identifier.',
          );
        }
        reply.code(201);
        return view(registration.application);
      },
    );

    app.get(
      '/organizations/:organization/applications/:application',
      {
        config,
        schema: { tags, summary: 'Show an application', params: applicationParams, response: { 200: applicationSchema } },
      },
      async (request) => {
        const { organization, application: id } = request.params;
        const application = await needs.storage.organization(organization).read.findApplication(id);
        if (application === undefined) throw unknown();
        return view(application);
      },
    );

    app.patch(
      '/organizations/:organization/applications/:application',
      {
        config,
        schema: {
          tags,
          summary: 'Rename an application, switch it on or off, ask for better proof, or let bearer tokens in',
          params: applicationParams,
          body: applicationChangeSchema,
          response: { 200: applicationSchema },
        },
      },
      async (request) => {
        const { organization, application: id } = request.params;
        const { name, enabled, minEvidence, allowBearer } = request.body;
        const change = {
          ...(name === undefined ? {} : { name }),
          ...(enabled === undefined ? {} : { enabled }),
          ...(minEvidence === undefined ? {} : { minEvidence }),
          ...(allowBearer === undefined ? {} : { allowBearer }),
        };
        const changed = await needs.changeApplication(organization, { ...actOf(request), id, change });
        if (changed.kind === 'not_gateway') {
          throw new Problem(409, 'not_gateway', 'Only an application behind the gateway can let bearer tokens in.');
        }
        if (changed.kind !== 'changed') throw unknown();
        return view(changed.application);
      },
    );

    app.delete(
      '/organizations/:organization/applications/:application',
      { config, schema: { tags, summary: 'Delete an application', params: applicationParams, response: { 204: z.null() } } },
      async (request, reply) => {
        const { organization, application: id } = request.params;
        if (!(await needs.deleteApplication(organization, { ...actOf(request), id }))) throw unknown();
        reply.code(204);
        return null;
      },
    );
  };
