import type { GroupView } from '@latchkey/contract';
import type { Command } from 'commander';
import { usage } from '../errors.ts';
import { when } from '../output.ts';
import { listAll } from '../session.ts';
import { act, limitOption } from './shared.ts';
import { findUser } from './user.ts';
import { findUserSet } from './user-set.ts';

/** Groups and departments are administered alike. */
const addUserSet = (program: Command, kind: 'group' | 'department', description: string): Command => {
  const argument = [`<${kind}>`, 'name or id'] as const;
  const command = program.command(kind).summary(`${kind}s of the organization`).description(description);

  act<{ search?: string; source?: string; limit: number }>(
    command
      .command('list')
      .summary(`list ${kind}s`)
      .option('--search <text>', 'beginning of a name')
      .option('--source <source>', 'only those of this source, such as scim:entra')
      .addOption(limitOption()),
    async (session, options) => {
      const { call } = await session.organization();
      const query = { q: options.search, source: options.source };
      session.output.list(
        await listAll<GroupView>(session, call, `/${kind}s`, query, options.limit),
        [
          { name: 'NAME', value: ({ name }) => name },
          { name: 'SOURCE', value: ({ source, system }) => (system ? 'system' : source) },
          { name: 'CREATED', value: ({ createdAt }) => when(createdAt) },
          { name: 'ID', value: ({ id }) => id },
        ],
        `No ${kind} matches.`,
      );
    },
  );

  act(
    command
      .command('show')
      .argument(...argument)
      .summary(`show a ${kind}`),
    async (session, _, [wanted = '']) => {
      const found = await findUserSet(await session.organization(), kind, wanted);
      session.output.show(found, [
        ['Name', found.name],
        ['Comments', found.comments || '-'],
        ['Source', found.source],
        ['Read-only here', found.readOnly.join(', ') || '-'],
        ['Created', when(found.createdAt)],
        ['Changed', when(found.updatedAt)],
        ['Id', found.id],
      ]);
    },
  );

  act<{ comments?: string }>(
    command
      .command('create')
      .argument('<name>', 'what it is called')
      .summary(`create a ${kind}`)
      .option('--comments <text>', 'what it is for'),
    async (session, options, [name]) => {
      const { call } = await session.organization();
      const { body } = await call<GroupView>('POST', `/${kind}s`, { body: { name, comments: options.comments ?? '' } });
      session.output.done(body, `Created ${body.name} (${body.id}).`);
    },
  );

  act<{ name?: string; comments?: string }>(
    command
      .command('change')
      .argument(...argument)
      .summary(`change name or comments of a ${kind}`)
      .option('--name <name>', 'the new name')
      .option('--comments <text>', 'what it is for'),
    async (session, { name, comments }, [wanted = '']) => {
      if (name === undefined && comments === undefined) throw usage('What is to change?', 'Give --name or --comments.');
      const organization = await session.organization();
      const { id } = await findUserSet(organization, kind, wanted);
      const { body } = await organization.call<GroupView>('PATCH', `/${kind}s/${id}`, {
        body: { ...(name === undefined ? {} : { name }), ...(comments === undefined ? {} : { comments }) },
      });
      session.output.done(body, `Changed ${body.name}.`);
    },
  );

  act(
    command
      .command('delete')
      .argument(...argument)
      .summary(`delete a ${kind}; its users stay`),
    async (session, _, [wanted = '']) => {
      const organization = await session.organization();
      const found = await findUserSet(organization, kind, wanted);
      await organization.call('DELETE', `/${kind}s/${found.id}`);
      session.output.done(found, `${found.name} is deleted.`);
    },
  );
  return command;
};

export const addDepartment = (program: Command): void => {
  addUserSet(program, 'department', 'Departments: each user has one or none. Changes are live at once.');
};

export const addGroup = (program: Command): void => {
  const group = addUserSet(
    program,
    'group',
    'Groups: named sets of users, which applications and the gateway ask for. Changes are live at once.',
  );
  for (const [verb, method, summary, said] of [
    ['add', 'PUT', 'put a user into a group', 'is in'],
    ['remove', 'DELETE', 'take a user out of a group', 'is no longer in'],
  ] as const) {
    act(
      group.command(verb).argument('<group>', 'name or id').argument('<user>', 'user name or id').summary(summary),
      async (session, _, [wanted = '', who = '']) => {
        const organization = await session.organization();
        const found = await findUserSet(organization, 'group', wanted);
        const user = await findUser(organization, who);
        await organization.call(method, `/groups/${found.id}/members/${user.id}`);
        session.output.done({ group: found.id, user: user.id }, `${user.userName} ${said} ${found.name}.`);
      },
    );
  }
};
