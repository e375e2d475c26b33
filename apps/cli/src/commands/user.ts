import type { UserView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { when } from '../output.ts';
import { listAll, type OrganizationSession } from '../session.ts';
import { act, limitOption } from './shared.ts';

/** A user by id, or by the name people know. */
const findUser = async ({ call }: OrganizationSession, wanted: string): Promise<UserView> => {
  if (!wanted.includes('@')) return (await call<UserView>('GET', `/users/${encodeURIComponent(wanted)}`)).body;
  const { body } = await call<{ items: UserView[] }>('GET', '/users', { query: { userName: wanted } });
  const [user] = body.items;
  if (user === undefined)
    throw new CliError(`There is no user ${wanted}.`, { code: 'user_unknown', hint: 'See who there is: latchkey user list' });
  return user;
};

const argument = ['<user>', 'user name or id'] as const;

export const addUser = (program: Command): void => {
  const user = program
    .command('user')
    .summary('users of the organization')
    .description('Users: accounts of the directory. Changes are live at once.');

  act<{ state?: string; search?: string; limit: number }>(
    user
      .command('list')
      .summary('list users')
      .addOption(new Option('--state <state>', 'only these').choices(['active', 'disabled']))
      .option('--search <text>', 'beginning of a user name')
      .addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      session.output.list(
        await listAll<UserView>(session, call, '/users', { state: options.state, q: options.search }, options.limit),
        [
          { name: 'USER NAME', value: ({ userName }) => userName },
          { name: 'DISPLAY NAME', value: ({ displayName }) => displayName || '-' },
          { name: 'STATE', value: ({ state }) => state, color: ({ state }) => (state === 'active' ? 'good' : 'warn') },
          { name: 'SOURCE', value: ({ source }) => source },
          { name: 'CREATED', value: ({ createdAt }) => when(createdAt) },
          { name: 'ID', value: ({ id }) => id },
        ],
        'No user matches.',
      );
    },
  );

  act(
    user
      .command('show')
      .argument(...argument)
      .summary('show a user'),
    async (session, _, [wanted = '']) => {
      const found = await findUser(await session.organization(), wanted);
      session.output.show(found, [
        ['User name', found.userName],
        ['Display name', found.displayName || '-'],
        ['State', found.state],
        ['Source', found.source],
        ['Created', when(found.createdAt)],
        ['Changed', when(found.updatedAt)],
        ['Id', found.id],
      ]);
    },
  );

  act<{ displayName?: string }>(
    user
      .command('create')
      .argument('<userName>', 'such as j.doe@acme.com')
      .summary('create a user')
      .option('--display-name <name>', 'what people call them'),
    async (session, options, [userName]) => {
      const { call } = await session.organization();
      const { body } = await call<UserView>('POST', '/users', { body: { userName, displayName: options.displayName ?? '' } });
      session.output.done(body, `Created ${body.userName} (${body.id}).`);
    },
  );

  for (const [verb, summary, said] of [
    ['disable', 'keep a user from signing in; sessions end at once', 'is disabled: sessions have ended'],
    ['enable', 'let a disabled user sign in again', 'is enabled'],
  ] as const) {
    act(
      user
        .command(verb)
        .argument(...argument)
        .summary(summary),
      async (session, _, [wanted = '']) => {
        const organization = await session.organization();
        const { id } = await findUser(organization, wanted);
        const { body } = await organization.call<UserView>('POST', `/users/${id}/${verb}`);
        session.output.done(body, `${body.userName} ${said}.`);
      },
    );
  }

  act(
    user
      .command('delete')
      .argument(...argument)
      .summary('delete a user; sessions end at once')
      .description(
        'Deletes a user for good. Auto-provisioning does not bring a deleted user back; you can create one of the same name.',
      ),
    async (session, _, [wanted = '']) => {
      const organization = await session.organization();
      const found = await findUser(organization, wanted);
      await organization.call('DELETE', `/users/${found.id}`);
      session.output.done({ ...found, state: 'deleted' }, `${found.userName} is deleted.`);
    },
  );
};
