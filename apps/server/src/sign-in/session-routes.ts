import {
  endedSessionsSchema,
  type SessionView,
  sessionEndSchema,
  sessionPageSchema,
  sessionQuerySchema,
} from '@latchkey/contract';
import type { Device } from '@latchkey/device';
import { type CompiledSettings, sessionEnd } from '@latchkey/settings';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actOf } from '../http/caller.ts';
import { foundPage } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { endSession } from './end-session.ts';
import type { SessionStorage } from './session-store.ts';

const params = z.object({ organization: z.string() });

/** The sessions that run: who is signed in, on which device, until when. */
export const sessionRoutes =
  (needs: {
    readonly storage: SessionStorage;
    readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
    readonly now: () => number;
  }): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Sessions'];
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/sessions',
      {
        config,
        schema: {
          tags,
          summary: 'List the devices that are signed in, each by its newest session',
          params,
          querystring: sessionQuerySchema,
          response: { 200: sessionPageSchema },
        },
      },
      async (request) => {
        const { organization: organizationId } = request.params;
        const { read } = needs.storage.organization(organizationId);
        const settings = await needs.activeSettings(organizationId);
        const at = needs.now();
        // A version that allows less ends the sessions that are longer; without one there is none.
        const seconds = settings?.authenticationProfile.deviceSessionSeconds ?? 0;
        const running = { at, since: at - seconds * 1000 };
        const viewsOf = async (devices: readonly Device[]): Promise<SessionView[]> => {
          const sessions = await read.listNewestSessions(
            devices.map(({ id }) => id),
            running,
          );
          return devices.flatMap((device) => {
            const session = sessions.find(({ deviceId }) => deviceId === device.id);
            if (session === undefined) return [];
            return {
              id: session.id,
              device: { id: device.id, hostName: device.parameters.hostName ?? '' },
              user: { id: session.userId, userName: device.userName },
              idp: session.idp,
              createdAt: new Date(session.createdAt).toISOString(),
              expiresAt: new Date(sessionEnd(settings, session)).toISOString(),
              lastProofAt: new Date(device.lastSeenAt).toISOString(),
              older: session.older,
            };
          });
        };
        const { q, device: deviceId } = request.query;
        if (deviceId !== undefined) {
          const device = await read.findDevice(deviceId);
          const items = await viewsOf(device === undefined ? [] : [device]);
          return { items, next: null, total: items.length, totalIsEstimate: false };
        }
        const filter = { signedIn: running, ...(q === undefined ? {} : { q }) };
        const page = await foundPage(
          request.query,
          (cut) => read.searchDevices({ ...filter, ...cut }),
          () => read.totalDevices(filter),
          (device) => device,
        );
        return { ...page, items: await viewsOf(page.items) };
      },
    );

    app.post(
      '/organizations/:organization/sessions/:session/end',
      {
        config,
        schema: {
          tags,
          summary: 'End a session, and whatever else runs on its device',
          description: 'Every node follows within 2 seconds. The device signs in again by itself, unless it may no longer.',
          params: params.extend({ session: z.string() }),
          body: sessionEndSchema.nullish(),
          response: { 200: endedSessionsSchema },
        },
      },
      async (request) => {
        const { organization: organizationId, session: sessionId } = request.params;
        const ended = await endSession(needs, actOf(request), { organizationId, sessionId, reason: request.body?.reason });
        if (ended === undefined) throw new Problem(404, 'session_unknown', 'There is no such session.');
        return { ended };
      },
    );
  };
