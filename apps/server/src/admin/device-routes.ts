import {
  type DeviceView,
  deviceDecisionSchema,
  devicePageSchema,
  deviceQuerySchema,
  deviceRemovalSchema,
  deviceSchema,
} from '@latchkey/contract';
import type { Device, DeviceState } from '@latchkey/device';
import { foldUserName } from '@latchkey/directory';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Act, actOf } from '../http/caller.ts';
import { foundPage } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { AdminStorage } from './store.ts';

type DeviceChange =
  | { readonly kind: 'changed' | 'unchanged'; readonly device: Device }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'impossible'; readonly state: DeviceState }
  | { readonly kind: 'serial_claimed'; readonly by: string };

export interface DeviceRoutesNeeds {
  readonly storage: AdminStorage;
  readonly changeDevice: (
    organizationId: string,
    input: Act & {
      readonly deviceId: string;
      readonly act: 'approve' | 'deny' | 'remove' | 'remove_now' | 'quarantine' | 'release';
      readonly reason?: string;
    },
  ) => Promise<DeviceChange>;
}

const view = (device: Device): DeviceView => ({
  id: device.id,
  state: device.state,
  stateReason: device.stateReason,
  userName: device.userName,
  userId: device.userId ?? null,
  evidence: device.evidence,
  tokenId: device.tokenId,
  keyThumbprint: device.jkt,
  parameters: { ...device.parameters },
  signIns: device.joinState.counter,
  remoteAddress: device.remoteAddress,
  createdAt: new Date(device.createdAt).toISOString(),
  updatedAt: new Date(device.updatedAt).toISOString(),
  lastSeenAt: new Date(device.lastSeenAt).toISOString(),
});

const unknown = (): Problem => new Problem(404, 'device_unknown', 'There is no such device.');

/** The device after the change, or why there was none. */
const changed = (change: DeviceChange, participle: string): DeviceView => {
  switch (change.kind) {
    case 'changed':
    case 'unchanged':
      return view(change.device);
    case 'unknown':
      throw unknown();
    case 'impossible':
      throw new Problem(409, 'device_state', `A device that is ${change.state.replace('_', ' ')} cannot be ${participle}.`);
    case 'serial_claimed':
      throw new Problem(
        409,
        'serial_claimed',
        'Another device with this serial number is enrolled already.',
        `It is ${change.by}. Remove that one first if this is the same machine.`,
      );
  }
};

const params = z.object({ organization: z.string() });
const deviceParams = params.extend({ device: z.string() });

/** Devices as administrators look at them and decide on them. */
export const deviceRoutes =
  (needs: DeviceRoutesNeeds): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['Devices'];
    const config = { access: 'organization' } as const;

    app.get(
      '/organizations/:organization/devices',
      {
        config,
        schema: { tags, summary: 'List devices', params, querystring: deviceQuerySchema, response: { 200: devicePageSchema } },
      },
      async (request) => {
        const { state, userName, q } = request.query;
        const filter = {
          ...(state === undefined ? {} : { state }),
          ...(userName === undefined ? {} : { userNameKey: foldUserName(userName).userNameKey }),
          ...(q === undefined ? {} : { q }),
        };
        const { read } = needs.storage.organization(request.params.organization);
        return foundPage(
          request.query,
          (cut) => read.searchDevices({ ...filter, ...cut }),
          () => read.totalDevices(filter),
          view,
        );
      },
    );

    app.get(
      '/organizations/:organization/devices/:device',
      { config, schema: { tags, summary: 'Show a device', params: deviceParams, response: { 200: deviceSchema } } },
      async (request) => {
        const { organization, device: id } = request.params;
        const device = await needs.storage.organization(organization).read.findDevice(id);
        if (device === undefined) throw unknown();
        return view(device);
      },
    );

    for (const [act, participle, summary] of [
      ['approve', 'approved', 'Approve a pending device'],
      ['deny', 'denied', 'Deny a pending device'],
      ['quarantine', 'put in quarantine', 'Put a device in quarantine; sessions end at once'],
      ['release', 'let out of quarantine', 'Let a device out of quarantine'],
    ] as const) {
      app.post(
        `/organizations/:organization/devices/:device/${act}`,
        {
          config,
          schema: { tags, summary, params: deviceParams, body: deviceDecisionSchema.nullish(), response: { 200: deviceSchema } },
        },
        async (request) => {
          const { organization, device: deviceId } = request.params;
          const reason = request.body?.reason;
          const input = { ...actOf(request), deviceId, act, ...(reason === undefined ? {} : { reason }) };
          return changed(await needs.changeDevice(organization, input), participle);
        },
      );
    }

    app.post(
      '/organizations/:organization/devices/:device/remove',
      {
        config,
        schema: {
          tags,
          summary: 'Remove a device: at its next keepalive, or by force at once',
          params: deviceParams,
          body: deviceRemovalSchema.nullish(),
          response: { 200: deviceSchema },
        },
      },
      async (request) => {
        const { organization, device: deviceId } = request.params;
        const { reason, force } = request.body ?? { force: false };
        const act = force ? 'remove_now' : 'remove';
        const input = { ...actOf(request), deviceId, act, ...(reason === undefined ? {} : { reason }) } as const;
        return changed(await needs.changeDevice(organization, input), 'removed');
      },
    );
  };
