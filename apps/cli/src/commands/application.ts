import type { ApplicationView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { usage } from '../errors.ts';
import { readText } from '../input.ts';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, limitOption } from './shared.ts';

const levels = ['E0', 'E1', 'E2', 'E3', 'E4'];

export const addApplication = (program: Command): void => {
  const application = program
    .command('application')
    .summary('what people sign in to')
    .description(
      'Applications: SAML service providers, by their metadata; APIs, by the audience of their access tokens; sites behind a proxy that asks the gateway, by their origin.',
    );

  act<{ metadata?: string; identifier?: string; gateway?: string; allowBearer?: boolean; name?: string; evidence?: string }>(
    application
      .command('add')
      .summary('register an application')
      .option('--metadata <file>', 'the metadata of a SAML service provider; "-" reads standard input')
      .option('--identifier <id>', 'the audience of an API')
      .option('--gateway <origin>', 'the origin of a site behind the gateway, as https://wiki.acme.com')
      .option('--allow-bearer', 'with --gateway: let access tokens in that are not bound to a device key')
      .option('--name <name>', 'what people call it (default: its identifier)')
      .addOption(new Option('--evidence <level>', 'how well device and user must be proven').choices(levels).default('E0')),
    async (session, options) => {
      const { metadata, identifier, gateway, allowBearer = false } = options;
      if ([metadata, identifier, gateway].filter((each) => each !== undefined).length !== 1) {
        throw usage(
          'What kind of application?',
          'Give --metadata FILE for a SAML service provider, --identifier ID for an API, or --gateway ORIGIN for a site behind the gateway.',
        );
      }
      if (allowBearer && gateway === undefined) {
        throw usage('--allow-bearer goes with --gateway.', 'Only sites behind the gateway can let bearer tokens in.');
      }
      const { call } = await session.organization();
      const xml = metadata === undefined ? undefined : await readText(metadata);
      const entityId = /\bentityID\s*=\s*(?:"([^"]+)"|'([^']+)')/.exec(xml ?? '');
      const name = (options.name ?? identifier ?? gateway ?? entityId?.[1] ?? entityId?.[2] ?? 'Service provider').slice(0, 127);
      const { body } = await call<ApplicationView>('POST', '/applications', {
        body: {
          name,
          minEvidence: options.evidence,
          ...(xml !== undefined && { kind: 'saml', metadata: xml }),
          ...(identifier !== undefined && { kind: 'api', identifier }),
          ...(gateway !== undefined && { kind: 'gateway', identifier: gateway, allowBearer }),
        },
      });
      session.output.done(body, `Registered ${body.identifier} (${body.id}).`);
    },
  );

  act<{ limit: number }>(
    application.command('list').summary('list applications').addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<ApplicationView>(session, call, '/applications', {}, options.limit),
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'NAME', value: ({ name }) => name },
          { name: 'KIND', value: ({ kind }) => kind },
          { name: 'IDENTIFIER', value: ({ identifier }) => identifier },
          {
            name: 'ENABLED',
            value: ({ enabled }) => (enabled ? 'yes' : 'no'),
            color: ({ enabled }) => (enabled ? undefined : 'warn'),
          },
          { name: 'EVIDENCE', value: ({ minEvidence }) => minEvidence },
          { name: 'CREATED', value: ({ createdAt }) => when(createdAt) },
        ],
        'There is no application yet. Register one: latchkey application add --metadata FILE',
      );
    },
  );

  for (const [verb, enabled, summary] of [
    ['enable', true, 'switch an application on'],
    ['disable', false, 'switch an application off: nobody gets in'],
  ] as const) {
    act(
      application.command(verb).argument('<id>', 'as application list shows it').summary(summary),
      async (session, _, [id = '']) => {
        const { call } = await session.organization();
        const { body } = await call<ApplicationView>('PATCH', `/applications/${encodeURIComponent(id)}`, { body: { enabled } });
        session.output.done(body, `${body.name} is switched ${enabled ? 'on' : 'off'}.`);
      },
    );
  }

  act(
    application.command('remove').argument('<id>', 'as application list shows it').summary('delete an application'),
    async (session, _, [id = '']) => {
      const { call } = await session.organization();
      await call('DELETE', `/applications/${encodeURIComponent(id)}`);
      session.output.done({ id }, `${id} is deleted.`);
    },
  );
};
