import type { DeviceView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, limitOption } from './shared.ts';

const states = ['pending', 'registered', 'unregistered', 'quarantined', 'removal_pending', 'removed', 'denied'] as const;
const colors: Readonly<Record<DeviceView['state'], 'good' | 'warn' | 'bad' | 'faint'>> = {
  pending: 'warn',
  registered: 'good',
  unregistered: 'faint',
  quarantined: 'bad',
  removal_pending: 'warn',
  removed: 'faint',
  denied: 'faint',
};

const said: Readonly<Record<string, string>> = {
  approve: 'is approved: it signs in by itself from now on',
  deny: 'is denied',
  quarantine: 'is in quarantine: it cannot sign in, and its sessions have ended',
  release: 'is out of quarantine',
};

export const addDevice = (program: Command): void => {
  const device = program
    .command('device')
    .summary('enrolled devices: list, approve, remove')
    .description('Devices: enrolled machines, each with its own key.');

  act<{ state?: string; user?: string; search?: string; limit: number }>(
    device
      .command('list')
      .summary('list devices')
      .addOption(new Option('--state <state>', 'only these').choices(states))
      .option('--user <name>', 'only those of this user')
      .option('--search <text>', 'beginning of a user name, host name or serial number')
      .addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      const query = { state: options.state, userName: options.user, q: options.search };
      session.output.list(
        await listAll<DeviceView>(session, call, '/devices', query, options.limit),
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'STATE', value: ({ state }) => state, color: ({ state }) => colors[state] },
          { name: 'USER', value: ({ userName }) => userName },
          { name: 'HOST', value: ({ parameters }) => parameters.hostName ?? '-' },
          {
            name: 'SYSTEM',
            value: ({ parameters }) => [parameters.osName, parameters.osVersion].filter(Boolean).join(' ') || '-',
          },
          { name: 'EVIDENCE', value: ({ evidence }) => evidence },
          { name: 'ADDRESS', value: ({ remoteAddress }) => remoteAddress },
          { name: 'LAST SEEN', value: ({ lastSeenAt }) => when(lastSeenAt) },
        ],
        'No device matches.',
      );
    },
  );

  act(
    device.command('show').argument('<id>', 'as device list shows it').summary('show all of a device'),
    async (session, _, [id = '']) => {
      const { call } = await session.organization();
      const { body } = await call<DeviceView>('GET', `/devices/${encodeURIComponent(id)}`);
      session.output.show(body, [
        ['Id', body.id],
        ['State', `${body.state}${body.stateReason === '' ? '' : ` (${body.stateReason})`}`],
        ['User', body.userName],
        ['Account', body.userId ?? 'none yet: made at the first sign-in'],
        ['Evidence', body.evidence],
        ['Key', body.keyThumbprint],
        ['Sign-ins', String(body.signIns)],
        ['Device token', body.tokenId],
        ['Address', body.remoteAddress],
        ['Enrolled', when(body.createdAt)],
        ['Changed', when(body.updatedAt)],
        ['Last seen', when(body.lastSeenAt)],
        ...Object.entries(body.parameters).map(([name, value]) => [`It says: ${name}`, value] as const),
      ]);
    },
  );

  for (const [verb, summary] of [
    ['approve', 'let a pending device in'],
    ['deny', 'turn a pending device away'],
    ['quarantine', 'stop a device at once, and keep it for a closer look'],
    ['release', 'let a device out of quarantine'],
  ] as const) {
    act<{ reason?: string }>(
      device
        .command(verb)
        .argument('<id>', 'as device list shows it')
        .summary(summary)
        .option('--reason <text>', 'why, for the audit'),
      async (session, options, [id = '']) => {
        const { call } = await session.organization();
        const { body } = await call<DeviceView>('POST', `/devices/${encodeURIComponent(id)}/${verb}`, {
          body: { ...(options.reason === undefined ? {} : { reason: options.reason }) },
        });
        session.output.done(body, `${body.id} of ${body.userName} ${said[verb]}.`);
      },
    );
  }

  act<{ reason?: string; force?: boolean }>(
    device
      .command('remove')
      .argument('<id>', 'as device list shows it')
      .summary('remove a device')
      .description(
        'Ends its sessions now, and removes it at its next keepalive, so that the agent can tidy up. It comes back only by an enrollment that you approve.',
      )
      .option('--force', 'do not wait for the keepalive')
      .option('--reason <text>', 'why, for the audit'),
    async (session, options, [id = '']) => {
      const { call } = await session.organization();
      const { body } = await call<DeviceView>('POST', `/devices/${encodeURIComponent(id)}/remove`, {
        body: { force: options.force === true, ...(options.reason === undefined ? {} : { reason: options.reason }) },
      });
      session.output.done(
        body,
        `${body.id} of ${body.userName} is ${body.state === 'removed' ? 'removed' : 'signed out, and removed at its next keepalive'}.`,
      );
    },
  );
};
