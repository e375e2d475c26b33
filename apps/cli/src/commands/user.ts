import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { UserView } from '@latchkey/contract';
import { type Command, Option } from 'commander';
import { CliError, usage } from '../errors.ts';
import { when } from '../output.ts';
import { listAll, type OrganizationSession } from '../session.ts';
import { act, limitOption } from './shared.ts';
import { findUserSet } from './user-set.ts';

/** A user by id, or by the name people know. */
export const findUser = async ({ call }: OrganizationSession, wanted: string): Promise<UserView> => {
  if (!wanted.includes('@')) return (await call<UserView>('GET', `/users/${encodeURIComponent(wanted)}`)).body;
  const { body } = await call<{ items: UserView[] }>('GET', '/users', { query: { userName: wanted } });
  const [user] = body.items;
  if (user === undefined)
    throw new CliError(`There is no user ${wanted}.`, { code: 'user_unknown', hint: 'See who there is: latchkey user list' });
  return user;
};

const argument = ['<user>', 'user name or id'] as const;

interface Fields {
  readonly displayName?: string;
  readonly email?: string;
  readonly comments?: string;
  readonly department?: string;
  readonly group?: readonly string[];
}

const withFields = (command: Command): Command =>
  command
    .option('--display-name <name>', 'what people call them')
    .option('--email <address>', 'where to write to; "" for none')
    .option('--comments <text>', 'whatever is worth knowing')
    .option('--department <department>', 'by name or id; "" for none')
    .option('--group <group>', 'by name or id; can be given several times', (name: string, before: readonly string[] = []) => [
      ...before,
      name,
    ]);

/** The fields as the API takes them: departments and groups by id. */
const bodyOf = async (organization: OrganizationSession, { displayName, email, comments, department, group }: Fields) => ({
  ...(displayName === undefined ? {} : { displayName }),
  ...(email === undefined ? {} : { email }),
  ...(comments === undefined ? {} : { comments }),
  ...(department === undefined
    ? {}
    : { department: department === '' ? null : (await findUserSet(organization, 'department', department)).id }),
  ...(group === undefined
    ? {}
    : {
        groups: await Promise.all(
          group.filter((name) => name !== '').map(async (name) => (await findUserSet(organization, 'group', name)).id),
        ),
      }),
});

export const addUser = (program: Command): void => {
  const user = program
    .command('user')
    .summary('users of the organization')
    .description('Users: accounts of the directory. Changes are live at once.');

  act<{ state?: string; search?: string; department?: string; group?: string; source?: string; limit: number }>(
    user
      .command('list')
      .summary('list users')
      .addOption(new Option('--state <state>', 'only these').choices(['active', 'disabled']))
      .option('--search <text>', 'beginning of a user name or display name')
      .option('--department <department>', 'only those of this one, by name or id')
      .option('--group <group>', 'only the members of this one, by name or id')
      .option('--source <source>', 'only those of this source, such as api or jit:device')
      .addOption(limitOption()),
    async (session, options) => {
      const organization = await session.organization();
      const { state, search, source } = options;
      const department = options.department && (await findUserSet(organization, 'department', options.department)).id;
      const group = options.group && (await findUserSet(organization, 'group', options.group)).id;
      session.output.list(
        await listAll<UserView>(
          session,
          organization.call,
          '/users',
          { state, q: search, source, department, group },
          options.limit,
        ),
        [
          { name: 'USER NAME', value: ({ userName }) => userName },
          { name: 'DISPLAY NAME', value: ({ displayName }) => displayName || '-' },
          { name: 'DEPARTMENT', value: ({ department }) => department?.name ?? '-' },
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
      const organization = await session.organization();
      const { id } = await findUser(organization, wanted);
      const { body: found } = await organization.call<UserView>('GET', `/users/${id}`);
      session.output.show(found, [
        ['User name', found.userName],
        ['Display name', found.displayName || '-'],
        ['E-mail', found.email || '-'],
        ['Department', found.department?.name ?? '-'],
        ['Groups', found.groups?.map(({ name }) => name).join(', ') || '-'],
        ['Comments', found.comments || '-'],
        ['State', `${found.state}${found.disabledBy === null ? '' : ` (by ${found.disabledBy})`}`],
        ['Source', found.source],
        ['Read-only here', found.readOnly.join(', ') || '-'],
        ['Created', when(found.createdAt)],
        ['Changed', when(found.updatedAt)],
        ['Id', found.id],
      ]);
    },
  );

  act<Fields>(
    withFields(user.command('create').argument('<userName>', 'such as j.doe@acme.com').summary('create a user')),
    async (session, options, [userName]) => {
      const organization = await session.organization();
      const body = { userName, ...(await bodyOf(organization, options)) };
      const made = await organization.call<UserView>('POST', '/users', { body });
      session.output.done(made.body, `Created ${made.body.userName} (${made.body.id}).`);
    },
  );

  act<Fields & { userName?: string }>(
    withFields(
      user
        .command('change')
        .argument(...argument)
        .summary('change a user')
        .description('Changes what is given. With --group the user is then in those groups and no others; --group "" is none.')
        .option('--user-name <name>', 'the new user name'),
    ),
    async (session, options, [wanted = '']) => {
      const organization = await session.organization();
      const { userName } = options;
      const body = { ...(userName === undefined ? {} : { userName }), ...(await bodyOf(organization, options)) };
      if (Object.keys(body).length === 0)
        throw usage('What is to change?', 'Give --display-name, --department or another option.');
      const { id } = await findUser(organization, wanted);
      const changed = await organization.call<UserView>('PATCH', `/users/${id}`, { body });
      session.output.done(changed.body, `Changed ${changed.body.userName}.`);
    },
  );

  act(
    user
      .command('adopt')
      .argument(...argument)
      .summary('take over a user whom an identity provider has made'),
    async (session, _, [wanted = '']) => {
      const organization = await session.organization();
      const { id } = await findUser(organization, wanted);
      const { body } = await organization.call<UserView>('POST', `/users/${id}/adopt`);
      session.output.done(body, `${body.userName} is administered here now.`);
    },
  );

  act(user.command('export').summary('all users as CSV, which latchkey import users takes back'), async (session) => {
    const { stream } = await session.organization();
    const answer = await stream('/users/export', {});
    if (answer.body === null) return;
    await pipeline(Readable.fromWeb(answer.body), process.stdout, { end: false });
  });

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
