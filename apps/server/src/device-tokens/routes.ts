import {
  createdDeviceTokenSchema,
  type DeviceTokenView,
  deviceTokenPageSchema,
  deviceTokenRotationSchema,
  deviceTokenSchema,
  newDeviceTokenSchema,
  pageQuerySchema,
} from '@latchkey/contract';
import type { DeviceToken } from '@latchkey/device';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { pageOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { type CreateDeviceTokenNeeds, createDeviceToken } from './create-device-token.ts';
import { revokeDeviceToken } from './revoke-device-token.ts';
import { rotateDeviceToken } from './rotate-device-token.ts';

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const stateOf = (token: DeviceToken, now: number): DeviceTokenView['state'] => {
  if (token.revokedAt !== null) return 'revoked';
  if (now >= token.expiresAt) return 'expired';
  return token.maxEnrollments !== null && token.enrollments >= token.maxEnrollments ? 'spent' : 'live';
};

const params = z.object({ organization: z.string() });
const tokenParams = params.extend({ token: z.string() });

/** Device tokens: create, list, rotate, revoke. */
export const deviceTokenRoutes =
  (needs: CreateDeviceTokenNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Device tokens'];
    const config = { access: 'organization' } as const;

    const view = (token: DeviceToken): DeviceTokenView => ({
      id: token.id,
      description: token.description,
      state: stateOf(token, needs.now()),
      hint: token.hint,
      domains: [...token.domains],
      platforms: [...token.platforms],
      networks: [...token.networks],
      enrollment: token.enrollment,
      enrollments: token.enrollments,
      maxEnrollments: token.maxEnrollments,
      createdAt: new Date(token.createdAt).toISOString(),
      createdBy: token.createdBy,
      expiresAt: new Date(token.expiresAt).toISOString(),
      revokedAt: iso(token.revokedAt),
      lastUsedAt: iso(token.lastUsedAt),
      rotatedTo: token.rotatedTo,
    });

    app.get(
      '/organizations/:organization/device-tokens',
      {
        config,
        schema: {
          tags,
          summary: 'List device tokens',
          params,
          querystring: pageQuerySchema,
          response: { 200: deviceTokenPageSchema },
        },
      },
      async (request) =>
        pageOf(
          request.query,
          (page) => needs.storage.organization(request.params.organization).read.listDeviceTokens(page),
          view,
        ),
    );

    app.post(
      '/organizations/:organization/device-tokens',
      {
        config,
        schema: {
          tags,
          summary: 'Create a device token',
          description: 'The answer is the only place the token is ever shown in.',
          params,
          body: newDeviceTokenSchema,
          response: { 201: createdDeviceTokenSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId } = request.params;
        const { token, secret } = await createDeviceToken(needs, actOf(request), { organizationId, ...request.body });
        reply.code(201);
        return { ...view(token), token: secret };
      },
    );

    app.get(
      '/organizations/:organization/device-tokens/:token',
      { config, schema: { tags, summary: 'Show a device token', params: tokenParams, response: { 200: deviceTokenSchema } } },
      async (request) => {
        const { organization, token: id } = request.params;
        const token = await needs.storage.organization(organization).read.findDeviceTokenById(id);
        if (token === undefined) throw new Problem(404, 'device_token_unknown', 'There is no such device token.');
        return view(token);
      },
    );

    app.post(
      '/organizations/:organization/device-tokens/:token/rotate',
      {
        config,
        schema: {
          tags,
          summary: 'Make the successor of a device token',
          description:
            'It has the same settings, and what is left of the enrollments. The old token stays good for the overlap; the answer is the only place the new one is ever shown in.',
          params: tokenParams,
          body: deviceTokenRotationSchema,
          response: { 201: createdDeviceTokenSchema },
        },
      },
      async (request, reply) => {
        const { organization: organizationId, token: tokenId } = request.params;
        const { token, secret } = await rotateDeviceToken(needs, actOf(request), { organizationId, tokenId, ...request.body });
        reply.code(201);
        return { ...view(token), token: secret };
      },
    );

    app.post(
      '/organizations/:organization/device-tokens/:token/revoke',
      {
        config,
        schema: {
          tags,
          summary: 'Revoke a device token; devices it enrolled stay',
          params: tokenParams,
          response: { 200: deviceTokenSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, token: tokenId } = request.params;
        return view(await revokeDeviceToken(needs, actOf(request), { organizationId, tokenId }));
      },
    );
  };
