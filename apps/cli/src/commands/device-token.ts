import type { CreatedDeviceTokenView, DeviceTokenView, DomainView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { readDuration } from '../duration.ts';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, domainNames, limitOption, wholeNumber } from './shared.ts';

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
        },
      });
      session.output.show(body, [
        ['Device token', body.token],
        ['Description', body.description],
        ['Enrollment', body.enrollment],
        ['Domains', body.domains.join(', ') || 'all of the organization'],
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
