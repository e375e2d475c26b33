import type { SettingsDraftView, SettingsVersionView } from '@latchkey/contract';
import type { Command } from 'commander';
import { editDraft, findIdp, type IdentityProviderView, readActive } from '../draft.ts';
import { CliError, usage } from '../errors.ts';
import { act, domainList, onOff } from './shared.ts';

interface Settings {
  readonly name?: string;
  readonly domains?: 'any' | readonly string[];
  readonly autoProvisioning?: boolean;
  readonly status?: boolean;
  readonly signInUrl?: string;
  readonly default?: boolean;
}

const withSettings = (command: Command): Command =>
  command
    .option('--domains <list>', 'any, or names with commas between: a.com,b.com', domainList)
    .option('--auto-provisioning <on|off>', 'make the account of an unknown user at the first sign-in', onOff)
    .option('--name <name>', 'what people call it')
    .option('--default', 'the default identity provider: takes the domains nobody names');

const changed = (idp: IdentityProviderView, options: Settings): IdentityProviderView => ({
  ...idp,
  ...(options.name === undefined ? {} : { name: options.name }),
  ...(options.domains === undefined ? {} : { domains: options.domains === 'any' ? 'any' : [...options.domains] }),
  ...(options.autoProvisioning === undefined ? {} : { autoProvisioning: options.autoProvisioning }),
  ...(options.signInUrl === undefined || idp.kind === 'device' ? {} : { signInUrl: options.signInUrl }),
});

export const addIdp = (program: Command): void => {
  const idp = program
    .command('idp')
    .summary('identity providers (in the draft)')
    .description(
      'Identity providers: who vouches for the users of a domain. These commands edit the draft; nothing that is live changes before "latchkey activate".',
    );

  const add = idp.command('add').summary('add an identity provider to the draft');

  act<Settings>(
    withSettings(
      add
        .command('device')
        .summary('your own devices vouch for their users')
        .description('Adds the device identity provider: enrolled devices sign their users in, without a prompt.'),
    ),
    async (session, options) => {
      if (options.domains === undefined && options.default !== true) {
        throw usage('For which domains?', 'Write --domains any, --domains a.com,b.com, or --default for those nobody names.');
      }
      if (options.autoProvisioning === undefined) {
        throw usage(
          'Should an unknown user get an account at the first sign-in?',
          'Write --auto-provisioning on, or --auto-provisioning off to refuse whoever was not created before.',
        );
      }
      await editDraft(session, (document) => {
        if (document.identityProviders.some(({ id }) => id === 'device')) {
          throw new CliError('The draft has the device identity provider already.', {
            hint: 'Change it: latchkey idp set device ...',
          });
        }
        const added = changed(
          { kind: 'device', id: 'device', name: 'Devices', status: 'enabled', domains: [], autoProvisioning: false },
          options,
        );
        return {
          ...document,
          identityProviders: [...document.identityProviders, added],
          defaultIdp: options.default === true ? 'device' : document.defaultIdp,
        };
      });
    },
  );

  act<Settings & { readonly id: string }>(
    withSettings(
      add
        .command('external')
        .summary('people sign in elsewhere, in a browser')
        .description('Adds an external identity provider. Devices of its domains are told to open its sign-in page in a browser.')
        .requiredOption('--id <id>', 'names it, such as okta')
        .requiredOption('--sign-in-url <url>', 'its sign-in page (https)'),
    ),
    async (session, options) => {
      await editDraft(session, (document) => {
        if (document.identityProviders.some(({ id }) => id === options.id)) {
          throw new CliError(`The draft has an identity provider "${options.id}" already.`, {
            hint: `Change it: latchkey idp set ${options.id} ...`,
          });
        }
        const added = changed(
          {
            kind: 'saml',
            id: options.id,
            name: options.id,
            status: 'enabled',
            domains: [],
            autoProvisioning: false,
            signInUrl: options.signInUrl ?? '',
          },
          options,
        );
        return {
          ...document,
          identityProviders: [...document.identityProviders, added],
          defaultIdp: options.default === true ? options.id : document.defaultIdp,
        };
      });
    },
  );

  act<Settings>(
    withSettings(
      idp.command('set').argument('<id>', 'such as device').summary('change an identity provider in the draft'),
    ).option('--sign-in-url <url>', 'its sign-in page (external only)'),
    async (session, options, [id = '']) => {
      if (Object.keys(options).length === 0) throw usage('What should change?', 'See the options: latchkey idp set --help');
      await editDraft(session, (document) => {
        const before = findIdp(document, id);
        return {
          ...document,
          identityProviders: document.identityProviders.map((each) => (each === before ? changed(each, options) : each)),
          defaultIdp: options.default === true ? id : document.defaultIdp,
        };
      });
    },
  );

  for (const [verb, status, summary] of [
    ['enable', 'enabled', 'switch an identity provider on, in the draft'],
    ['disable', 'disabled', 'switch an identity provider off, in the draft: its domains cannot sign in'],
  ] as const) {
    act(idp.command(verb).argument('<id>', 'such as device').summary(summary), async (session, _, [id = '']) => {
      await editDraft(session, (document) => {
        const before = findIdp(document, id);
        return {
          ...document,
          identityProviders: document.identityProviders.map((each) => (each === before ? { ...each, status } : each)),
        };
      });
    });
  }

  act(
    idp.command('remove').argument('<id>', 'such as device').summary('take an identity provider out of the draft'),
    async (session, _, [id = '']) => {
      await editDraft(session, (document) => {
        const before = findIdp(document, id);
        return {
          ...document,
          identityProviders: document.identityProviders.filter((each) => each !== before),
          defaultIdp: document.defaultIdp === id ? null : document.defaultIdp,
        };
      });
    },
  );

  act(
    idp
      .command('default')
      .argument('<id>', 'such as device, or "none"')
      .summary('choose who takes the domains nobody names, in the draft'),
    async (session, _, [id = '']) => {
      await editDraft(session, (document) => ({ ...document, defaultIdp: id === 'none' ? null : findIdp(document, id).id }));
    },
  );

  act(
    idp
      .command('list')
      .summary('list identity providers')
      .description('Lists the identity providers of the draft, and which of them are live as they stand there.'),
    async (session) => {
      const organization = await session.organization();
      const { body: draft } = await organization.call<SettingsDraftView>('GET', '/settings/draft');
      const active = await readActive<SettingsVersionView>(organization);
      const live = new Map(active?.document.identityProviders.map((each) => [each.id, JSON.stringify(each)]));
      const { defaultIdp } = draft.document;
      session.output.list(
        draft.document.identityProviders,
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'KIND', value: ({ kind }) => kind },
          { name: 'NAME', value: ({ name }) => name },
          { name: 'STATUS', value: ({ status }) => status, color: ({ status }) => (status === 'disabled' ? 'warn' : 'good') },
          { name: 'DOMAINS', value: ({ domains }) => (domains === 'any' ? 'any' : domains.join(', ') || '-') },
          { name: 'DEFAULT', value: ({ id }) => (id === defaultIdp ? 'yes' : 'no') },
          { name: 'AUTO-PROVISIONING', value: ({ autoProvisioning }) => (autoProvisioning ? 'on' : 'off') },
          {
            name: 'LIVE',
            value: (each) =>
              live.get(each.id) === undefined ? 'no' : live.get(each.id) === JSON.stringify(each) ? 'yes' : 'changed',
          },
        ],
        'The draft has no identity provider. Add one: latchkey idp add device --domains any --auto-provisioning on',
      );
    },
  );
};
