import type { CreatedApiKeyView, DomainView, OrganizationView } from '@latchkey/contract';
import type { Command } from 'commander';
import type { Call } from '../client.ts';
import { CliError } from '../errors.ts';
import { when } from '../output.ts';
import { findOrganization, listAll, type Session } from '../session.ts';
import { keyDescription } from './setup.ts';
import { act, limitOption } from './shared.ts';

/** Has the operator's key make a key of the organization, and keeps that. */
const takeUp = async (session: Session, operator: Call, organization: OrganizationView): Promise<void> => {
  const { body } = await operator<CreatedApiKeyView>('POST', `/organizations/${organization.id}/api-keys`, {
    body: { description: keyDescription() },
  });
  const profile = session.profile();
  session.saveProfile({
    ...profile,
    url: session.url(),
    organizations: { ...profile.organizations, [organization.id]: { name: organization.name, key: body.key } },
    current: organization.id,
  });
};

/** Every organization of the server whose id or name this is. */
const lookUp = async (session: Session, operator: Call, wanted: string): Promise<OrganizationView> => {
  const all = await listAll<OrganizationView>(session, operator, '/organizations', {}, 10_000);
  const found = all.filter(({ id, name }) => id === wanted || name === wanted);
  const [first] = found;
  if (first === undefined)
    throw new CliError(`There is no organization "${wanted}".`, { hint: 'See which there are: latchkey org list' });
  if (found.length > 1)
    throw new CliError(`More than one organization is called "${wanted}".`, {
      hint: `Give its id: ${found.map(({ id }) => id).join(', ')}`,
    });
  return first;
};

export const addOrganization = (program: Command): void => {
  const org = program
    .command('org')
    .summary('organizations (operators)')
    .description('Organizations: tenants, each with its own domains, settings, users and devices.');

  act<{ domain?: string[] }>(
    org
      .command('create')
      .argument('<name>', 'what people call it')
      .summary('create an organization and take it up')
      .description(
        'Creates an organization with its signing keys, makes you its administrator (the key is kept in your profile) and uses it from now on.',
      )
      .option('--domain <name...>', 'grant it these domains'),
    async (session, options, [name]) => {
      const operator = await session.operator();
      const { body } = await operator<OrganizationView>('POST', '/organizations', { body: { name } });
      await takeUp(session, operator, body);
      for (const domain of options.domain ?? []) {
        await operator('POST', `/organizations/${body.id}/domains`, { body: { name: domain } });
      }
      session.output.done(body, `Created ${body.name} (${body.id}). Commands are about it from now on.`);
      if (!session.output.json && (options.domain ?? []).length === 0) session.output.note('Next: latchkey domain grant DOMAIN');
    },
  );

  act<{ limit: number }>(
    org
      .command('list')
      .summary('list organizations')
      .description('Lists all organizations (operators), or those of your profile. * marks the one that commands are about.')
      .addOption(limitOption()),
    async (session, options) => {
      const profile = session.profile();
      const known = Object.entries(profile.organizations).map(([id, { name }]) => ({ id, name }));
      const all: readonly (Pick<OrganizationView, 'id' | 'name'> & Partial<OrganizationView>)[] =
        profile.operatorKey === undefined && process.env.LATCHKEY_API_KEY === undefined
          ? known
          : await listAll<OrganizationView>(session, await session.operator(), '/organizations', {}, options.limit);
      session.output.list(
        all,
        [
          { name: ' ', value: ({ id }) => (id === profile.current ? '*' : ' ') },
          { name: 'NAME', value: ({ name }) => name },
          { name: 'ID', value: ({ id }) => id },
          {
            name: 'STATE',
            value: ({ state }) => state ?? '-',
            color: ({ state }) => (state === 'suspended' ? 'bad' : undefined),
          },
          { name: 'CREATED', value: ({ createdAt }) => when(createdAt ?? null) },
          { name: 'YOUR KEY', value: ({ id }) => (profile.organizations[id] === undefined ? 'no' : 'yes') },
        ],
        'There is no organization yet. Create one: latchkey org create NAME',
      );
    },
  );

  act<{ newKey?: boolean }>(
    org
      .command('use')
      .argument('<organization>', 'name or id')
      .summary('choose the organization that commands are about')
      .option('--new-key', 'as an operator, make yourself an administrator key of it (its audit shows that)'),
    async (session, options, [wanted = '']) => {
      const known = findOrganization(session.profile(), wanted);
      if (known !== undefined && options.newKey !== true) {
        session.saveProfile({ ...session.profile(), current: known });
        const name = session.profile().organizations[known]?.name ?? known;
        session.output.done({ id: known, name }, `Commands are about ${name} from now on.`);
        return;
      }
      if (options.newKey !== true) {
        throw new CliError(`The profile has no key for "${wanted}".`, {
          hint: `As an operator, make one: latchkey org use ${wanted} --new-key. With a key you were given: latchkey login`,
        });
      }
      const operator = await session.operator();
      const organization = await lookUp(session, operator, wanted);
      await takeUp(session, operator, organization);
      session.output.done(organization, `Commands are about ${organization.name} from now on, with a new key.`);
    },
  );

  for (const [verb, summary, said] of [
    ['suspend', 'nobody of it signs in, and its keys are refused', 'is suspended'],
    ['resume', 'let a suspended organization go on', 'goes on'],
  ] as const) {
    act(org.command(verb).argument('<organization>', 'name or id').summary(summary), async (session, _, [wanted = '']) => {
      const operator = await session.operator();
      const { id } = await lookUp(session, operator, wanted);
      const { body } = await operator<OrganizationView>('POST', `/organizations/${id}/${verb}`);
      session.output.done(body, `${body.name} ${said}.`);
    });
  }

  const domain = program
    .command('domain')
    .summary('domains of the organization')
    .description('Authentication domains: what the user names of an organization end in.');

  act(
    domain
      .command('grant')
      .argument('<domain>', 'such as acme.com')
      .summary('vouch that a domain is theirs (operators)')
      .description('Grants the organization a domain. A domain belongs to one organization of a server.'),
    async (session, _, [name]) => {
      const id = await session.organizationId();
      const operator = await session.operator();
      const { body } = await operator<DomainView>('POST', `/organizations/${id}/domains`, { body: { name } });
      const organization = session.profile().organizations[id]?.name ?? id;
      session.output.done(body, `${body.name} belongs to ${organization}.`);
    },
  );

  act(domain.command('list').summary('list domains'), async (session) => {
    const { call } = await session.organization();
    session.output.list(
      await listAll<DomainView>(session, call, '/domains', {}, 10_000),
      [
        { name: 'DOMAIN', value: ({ name }) => name },
        { name: 'PROOF', value: ({ proof }) => proof },
        { name: 'SINCE', value: ({ createdAt }) => when(createdAt) },
      ],
      'The organization has no domain yet. An operator grants one: latchkey domain grant acme.com',
    );
  });

  act(
    domain
      .command('remove')
      .argument('<domain>', 'such as acme.com')
      .summary('take a domain away (operators)')
      .description('Takes a domain from the organization: its users cannot sign in any more, at once.'),
    async (session, _, [name = '']) => {
      const id = await session.organizationId();
      const operator = await session.operator();
      await operator('DELETE', `/organizations/${id}/domains/${encodeURIComponent(name)}`);
      session.output.done({ name }, `${name} was taken away. Its users cannot sign in any more.`);
    },
  );
};
