import type { CreatedDeviceTokenView, DeviceTokenView, DomainView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { readDuration } from '../duration.ts';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, domainNames, limitOption, names, wholeNumber } from './shared.ts';

const colors = { live: 'good', expired: 'faint', revoked: 'faint', spent: 'warn' } as const;

export const addDeviceToken = (program: Command): void => {
  const token = program
    .command('device-token')
    .summary('device tokens: what enrolls devices')
    .description(
      'Device tokens: the fleet secret that your MDM hands to devices. A token opens enrollment; it never proves a user by itself.',
    );

  act<{
    enrollment: string;
    description: string;
    expires?: number;
    maxEnrollments?: number;
    domains?: readonly string[];
    platforms?: readonly string[];
    networks?: readonly string[];
  }>(
    token
      .command('create')
      .summary('create a device token, shown once')
      .description(
        `Creates a device token and shows it, this once.

You must choose how devices enroll with it:
  automatic  whoever holds the token enrolls as any user of its domains; fit for a token that only your MDM knows
  approval   each device waits until you have seen its user, machine and address: latchkey device approve`,
      )
      .addOption(new Option('--enrollment <how>', 'how devices enroll').choices(['automatic', 'approval']).makeOptionMandatory())
      .requiredOption('--description <text>', 'what it is for, to recognize it by')
      .option(
        '--expires <duration>',
        'when nobody can enroll with it any more, 366d at most (default: 90d); enrolled devices stay',
        readDuration,
      )
      .option('--max-enrollments <n>', 'how many devices may enroll with it (default: any number)', wholeNumber)
      .option(
        '--domains <list>',
        'only for users of these domains, with commas between (default: all of the organization)',
        domainNames,
      )
      .option(
        '--platforms <list>',
        'only for these: windows, macos, linux, ios, android, chromeos (default: all); a machine could lie about it',
        names,
      )
      .option(
        '--networks <list>',
        'only from these networks, such as 192.0.2.0/24,2001:db8::/32 (default: from anywhere)',
        names,
      ),
    async (session, options) => {
      const { call } = await session.organization();
      const { body } = await call<CreatedDeviceTokenView>('POST', '/device-tokens', {
        body: {
          description: options.description,
          enrollment: options.enrollment,
          ...(options.expires === undefined ? {} : { expiresInSeconds: options.expires }),
          ...(options.maxEnrollments === undefined ? {} : { maxEnrollments: options.maxEnrollments }),
          ...(options.domains === undefined ? {} : { domains: options.domains }),
          ...(options.platforms === undefined ? {} : { platforms: options.platforms }),
          ...(options.networks === undefined ? {} : { networks: options.networks }),
        },
      });
      session.output.show(body, [
        ['Device token', body.token],
        ['Description', body.description],
        ['Enrollment', body.enrollment],
        ['Domains', body.domains.join(', ') || 'all of the organization'],
        ['Platforms', body.platforms.join(', ') || 'all'],
        ['Networks', body.networks.join(', ') || 'from anywhere'],
        ['Expires', when(body.expiresAt)],
        ['Enrollments', body.maxEnrollments === null ? 'any number' : `${body.maxEnrollments} at most`],
        ['Id', body.id],
      ]);
      if (session.output.json) return;
      const domains =
        body.domains.length > 0
          ? body.domains
          : (await call<{ items: DomainView[] }>('GET', '/domains')).body.items.map(({ name }) => name);
      session.output.note(`
Keep the token now: it is not shown again. On a device, or in your MDM's install command:

  latchkey-agent enroll --deviceToken ${body.token} --userDomain ${domains[0] ?? 'DOMAIN'} --cloudName ${new URL(session.url()).host}`);
    },
  );

  act<{ limit: number }>(
    token.command('list').summary('list device tokens').addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<DeviceTokenView>(session, call, '/device-tokens', {}, options.limit),
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'DESCRIPTION', value: ({ description }) => description },
          { name: 'TOKEN', value: ({ hint }) => `…${hint}` },
          { name: 'STATE', value: ({ state }) => state, color: ({ state }) => colors[state] },
          { name: 'ENROLLMENT', value: ({ enrollment }) => enrollment },
          {
            name: 'ENROLLED',
            value: (each) => `${each.enrollments}${each.maxEnrollments === null ? '' : ` of ${each.maxEnrollments}`}`,
          },
          { name: 'DOMAINS', value: ({ domains }) => domains.join(', ') || 'all' },
          { name: 'EXPIRES', value: ({ expiresAt }) => when(expiresAt) },
          { name: 'LAST USED', value: ({ lastUsedAt }) => when(lastUsedAt) },
        ],
        'There is no device token yet. Create one: latchkey device-token create --enrollment approval --description "My fleet"',
      );
    },
  );

  act<{ overlap?: number; expires?: number }>(
    token
      .command('rotate')
      .argument('<id>', 'as device-token list shows it')
      .summary('create its successor, shown once; the old one stays good for a while')
      .option('--overlap <duration>', 'how long the old one stays good, 90d at most (default: 7d)', readDuration)
      .option('--expires <duration>', 'when the new one ends, 366d at most (default: 90d)', readDuration),
    async (session, options, [id = '']) => {
      const { call } = await session.organization();
      const { body } = await call<CreatedDeviceTokenView>('POST', `/device-tokens/${encodeURIComponent(id)}/rotate`, {
        body: {
          ...(options.overlap === undefined ? {} : { overlapSeconds: options.overlap }),
          ...(options.expires === undefined ? {} : { expiresInSeconds: options.expires }),
        },
      });
      const old = (await call<DeviceTokenView>('GET', `/device-tokens/${encodeURIComponent(id)}`)).body;
      session.output.show(body, [
        ['Device token', body.token],
        ['Description', body.description],
        ['Expires', when(body.expiresAt)],
        ['Id', body.id],
        ['The old one', `…${old.hint}, good until ${when(old.expiresAt)}`],
      ]);
      if (!session.output.json)
        session.output.note('\nKeep the token now: it is not shown again. Hand it to your MDM before the old one ends.');
    },
  );

  act(
    token
      .command('revoke')
      .argument('<id>', 'as device-token list shows it')
      .summary('let nobody enroll with it any more; enrolled devices stay'),
    async (session, _, [id = '']) => {
      const { call } = await session.organization();
      const { body } = await call<DeviceTokenView>('POST', `/device-tokens/${encodeURIComponent(id)}/revoke`);
      session.output.done(
        body,
        `The token "${body.description}" (…${body.hint}) is revoked. ${body.enrollments} devices it enrolled stay enrolled.`,
      );
    },
  );
};
