import type { ApiKeyView, CreatedApiKeyView } from '@latchkey/contract';
import type { Command } from 'commander';
import type { Call } from '../client.ts';
import { readDuration } from '../duration.ts';
import { when } from '../output.ts';
import { listAll, type Session } from '../session.ts';
import { act, limitOption, names } from './shared.ts';

const colors = { live: 'good', expired: 'faint', revoked: 'faint' } as const;

/** The organization's keys, or the operators' own. */
const callOf = async (session: Session, operator: boolean | undefined): Promise<Call> =>
  operator === true ? session.operator() : (await session.organization()).call;

export const addApiKey = (program: Command): void => {
  const apiKey = program
    .command('api-key')
    .summary('keys for this program and for scripts')
    .description('API keys: administrators of an organization, or (with --operator) operators of the server.');
  const withOperator = (command: Command): Command =>
    command.option('--operator', "an operator's key instead of the organization's");

  act<{ description: string; expires?: number; scopes?: readonly string[]; operator?: boolean }>(
    withOperator(
      apiKey
        .command('create')
        .summary('create a key, shown once')
        .requiredOption('--description <text>', 'what it is for, to recognize it by')
        .option('--expires <duration>', 'when it stops to work, 366d at most (default: 90d)', readDuration)
        .option(
          '--scopes <list>',
          'what it may be used for, with commas between, such as devices:read,audit:read (default: all:write). Areas: all, applications, audit, backup, device-tokens, devices, directory, organization, settings, webhook; who may write may read',
          names,
        ),
    ),
    async (session, options) => {
      const call = await callOf(session, options.operator);
      const { body } = await call<CreatedApiKeyView>('POST', '/api-keys', {
        body: {
          description: options.description,
          ...(options.expires === undefined ? {} : { expiresInSeconds: options.expires }),
          ...(options.scopes === undefined ? {} : { scopes: options.scopes }),
        },
      });
      session.output.show(body, [
        ['API key', body.key],
        ['For', body.organizationId ?? 'operators'],
        ['Scopes', body.scopes.join(', ')],
        ['Expires', when(body.expiresAt)],
        ['Id', body.id],
      ]);
      if (!session.output.json)
        session.output.note('\nKeep the key now: it is not shown again. Use it with latchkey login, or as LATCHKEY_API_KEY.');
    },
  );

  act<{ limit: number; operator?: boolean }>(
    withOperator(apiKey.command('list').summary('list keys').addOption(limitOption())),
    async (session, options) => {
      session.output.list(
        await listAll<ApiKeyView>(session, await callOf(session, options.operator), '/api-keys', {}, options.limit),
        [
          { name: 'ID', value: ({ id }) => id },
          { name: 'DESCRIPTION', value: ({ description }) => description },
          { name: 'KEY', value: ({ hint }) => `…${hint}` },
          { name: 'SCOPES', value: ({ scopes }) => scopes.join(',') },
          { name: 'STATE', value: ({ state }) => state, color: ({ state }) => colors[state] },
          { name: 'EXPIRES', value: ({ expiresAt }) => when(expiresAt) },
          { name: 'LAST USED', value: ({ lastUsedAt }) => when(lastUsedAt) },
        ],
        'There is no key.',
      );
    },
  );

  act<{ operator?: boolean }>(
    withOperator(apiKey.command('revoke').argument('<id>', 'as api-key list shows it').summary('revoke a key, at once')),
    async (session, options, [id = '']) => {
      const call = await callOf(session, options.operator);
      const { body } = await call<ApiKeyView>('POST', `/api-keys/${encodeURIComponent(id)}/revoke`);
      session.output.done(body, `The key "${body.description}" (…${body.hint}) is revoked.`);
    },
  );
};
