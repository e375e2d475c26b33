import type { CreatedScimTokenView, ScimExchangeView, ScimTokenView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { editDraft, findIdp } from '../draft.ts';
import { readDuration } from '../duration.ts';
import { usage } from '../errors.ts';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, limitOption, onOff, wholeNumber } from './shared.ts';

interface Policy {
  readonly preset?: string;
  readonly dialect?: string;
  readonly deactivation?: string;
  readonly undoDays?: number;
  readonly pageSize?: number;
  readonly maxPageSize?: number;
  readonly requestsPerSecond?: number;
  readonly userNameDomains?: string;
  readonly groupsPerUser?: number;
  readonly userNameMutable?: boolean;
  readonly adoption?: boolean;
  readonly logDays?: number;
}

const states = { live: 'good', expired: 'faint', revoked: 'faint' } as const;

const days = (text: string): number => (text === '0' ? 0 : wholeNumber(text));

export const addScim = (program: Command): void => {
  const scim = program
    .command('scim')
    .summary('SCIM: users and groups from Entra ID, Okta and others')
    .description(
      'SCIM: a provisioning source, such as Entra ID or Okta, brings users and groups by itself. Switched on for each identity provider, in the draft; tokens are good at once.',
    );

  act<Policy>(
    scim
      .command('enable')
      .argument('<idp>', 'such as entra')
      .summary('let an identity provider bring users and groups, in the draft')
      .description(
        `Switches SCIM on for an identity provider, or changes how, in the draft. Its SAML auto-provisioning is then off.

The preset says everything that is not said here:
  standard         active=false disables, any user name, 1000 requests a second
  internet-access  user names of proved domains, 128 groups for each user, 5 requests a second
  private-access   active=false deletes, after 30 days; user names stay as they are; pages of 10, 100 at most`,
      )
      .addOption(new Option('--preset <name>', 'sets everything anew').choices(['standard', 'internet-access', 'private-access']))
      .addOption(
        new Option('--dialect <name>', "which client's deviations from the RFCs are understood").choices([
          'standard',
          'entra',
          'entra-reference',
          'okta',
          'onelogin',
        ]),
      )
      .addOption(new Option('--deactivation <what>', 'what active=false does').choices(['disable', 'delete']))
      .option('--undo-days <n>', 'with "delete": for so long it can be undone', days)
      .option('--page-size <n>', 'of a list, unless asked otherwise', wholeNumber)
      .option('--max-page-size <n>', 'of a list', wholeNumber)
      .option('--requests-per-second <n>', 'beyond that: 429', wholeNumber)
      .addOption(new Option('--user-name-domains <which>', 'what user names end in').choices(['any', 'proved']))
      .option('--groups-per-user <n>', 'how many at most', wholeNumber)
      .option('--user-name-mutable <on|off>', 'whether a user name can be changed', onOff)
      .option('--adoption <on|off>', 'take over users and groups of the same name that others have made', onOff)
      .option('--log-days <n>', 'how long the sync log is kept', wholeNumber),
    async (session, options, [id = '']) => {
      const { preset, pageSize, ...others } = options;
      let wasOn = false;
      await editDraft(session, (document) => {
        const before = findIdp(document, id);
        wasOn = before.autoProvisioning;
        return {
          ...document,
          identityProviders: document.identityProviders.map((each) =>
            each === before
              ? {
                  ...each,
                  scim: {
                    ...(preset === undefined ? each.scim : { preset, dialect: each.scim?.dialect }),
                    ...others,
                    ...(pageSize === undefined ? {} : { defaultPageSize: pageSize }),
                    enabled: true,
                  },
                }
              : each,
          ),
        };
      });
      if (session.output.json) return;
      if (wasOn) session.output.note(`SAML auto-provisioning of "${id}" is off now: SCIM makes its accounts.`);
      session.output.note(`Then: latchkey scim token create ${id} --description "..."`);
    },
  );

  act(
    scim.command('disable').argument('<idp>', 'such as entra').summary('switch SCIM off, in the draft; users and groups stay'),
    async (session, _, [id = '']) => {
      await editDraft(session, (document) => {
        const before = findIdp(document, id);
        if (before.scim === undefined) throw usage(`SCIM was never switched on for "${id}".`, 'See: latchkey scim enable --help');
        const { scim: settings } = before;
        return {
          ...document,
          identityProviders: document.identityProviders.map((each) =>
            each === before ? { ...each, scim: { ...settings, enabled: false } } : each,
          ),
        };
      });
    },
  );

  const token = scim.command('token').summary('what the provisioning source proves itself by');

  act<{ description: string; expires?: number }>(
    token
      .command('create')
      .argument('<idp>', 'such as entra')
      .summary('create a bearer token, shown once; two are live at a time')
      .requiredOption('--description <text>', 'what it is for, to recognize it by')
      .option('--expires <duration>', 'when it ends, 366d at most (default: 90d)', readDuration),
    async (session, options, [id = '']) => {
      const { call } = await session.organization();
      const { body } = await call<CreatedScimTokenView>('POST', `/scim/${encodeURIComponent(id)}/tokens`, {
        body: {
          description: options.description,
          ...(options.expires === undefined ? {} : { expiresInSeconds: options.expires }),
        },
      });
      session.output.show(body, [
        ['Base URL', body.baseUrl],
        ['Token', body.token],
        ['Expires', when(body.expiresAt)],
        ['Id', body.id],
      ]);
      if (!session.output.json) session.output.note('\nKeep the token now: it is not shown again.');
    },
  );

  act<{ limit: number }>(
    token.command('list').argument('<idp>', 'such as entra').summary('list bearer tokens').addOption(limitOption()),
    async (session, options, [id = '']) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<ScimTokenView>(session, call, `/scim/${encodeURIComponent(id)}/tokens`, {}, options.limit),
        [
          { name: 'ID', value: (each) => each.id },
          { name: 'DESCRIPTION', value: ({ description }) => description },
          { name: 'TOKEN', value: ({ hint }) => `…${hint}` },
          { name: 'STATE', value: ({ state }) => state, color: ({ state }) => states[state] },
          { name: 'EXPIRES', value: ({ expiresAt }) => when(expiresAt) },
          { name: 'LAST USED', value: ({ lastUsedAt }) => when(lastUsedAt) },
        ],
        `There is no token yet. Create one: latchkey scim token create ${id} --description "..."`,
      );
    },
  );

  act(
    token
      .command('revoke')
      .argument('<idp>', 'such as entra')
      .argument('<token>', 'as scim token list shows it')
      .summary('nobody provisions with it any more, at once'),
    async (session, _, [id = '', tokenId = '']) => {
      const { call } = await session.organization();
      const path = `/scim/${encodeURIComponent(id)}/tokens/${encodeURIComponent(tokenId)}/revoke`;
      const { body } = await call<ScimTokenView>('POST', path);
      session.output.done(body, `The token …${body.hint} is revoked.`);
    },
  );

  act<{ limit: number; entity?: string; method?: string; status?: number; path?: string; failed?: boolean; client?: string }>(
    scim
      .command('log')
      .argument('<idp>', 'such as entra')
      .summary('what the provisioning source has sent, newest first')
      .addOption(new Option('--entity <what>').choices(['User', 'Group', 'Bulk']))
      .addOption(new Option('--method <method>').choices(['POST', 'PUT', 'PATCH', 'DELETE']))
      .option('--status <n>', 'such as 409', wholeNumber)
      .option('--path <end>', 'the end of it: an id will do')
      .option('--client <name>', 'what it calls itself')
      .option('--failed', 'only what was refused')
      .addOption(limitOption()),
    async (session, { limit, ...filter }, [id = '']) => {
      const { call } = await session.organization();
      const query = { ...filter, failed: filter.failed === true ? 'true' : undefined };
      session.output.list(
        await listAll<ScimExchangeView>(session, call, `/scim/${encodeURIComponent(id)}/log`, query, limit),
        [
          { name: 'TIME', value: ({ at }) => when(at) },
          { name: 'STATUS', value: ({ status }) => String(status), color: ({ status }) => (status < 400 ? 'good' : 'bad') },
          { name: 'METHOD', value: ({ method }) => method },
          { name: 'PATH', value: ({ path }) => path },
          { name: 'MS', value: ({ milliseconds }) => milliseconds.toFixed(1) },
          { name: 'CLIENT', value: ({ client }) => client },
          { name: 'REQUEST', value: ({ request }) => (request.length > 80 ? `${request.slice(0, 80)}…` : request) },
        ],
        'Nothing was sent yet, or nothing that matches. Bodies are whole with --output json.',
      );
    },
  );
};
