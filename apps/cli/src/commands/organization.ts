import type { CreatedApiKeyView, DomainVerificationView, DomainView, OrganizationView } from '@latchkey/contract';
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

const findings: Readonly<Record<DomainVerificationView['finding'], string>> = {
  present: 'the record is there',
  absent: 'the record is not there (yet: DNS may take a while)',
  unknown: 'no name server has answered; try again later',
};

const verdicts: Readonly<Record<DomainView['state'], (found: DomainVerificationView) => string>> = {
  proved: () => 'proved.',
  claimed: ({ finding, domain }) =>
    `not proved, ${findings[finding]}.${domain.record === null ? '' : ` It must be: ${domain.record.name}. TXT "${domain.record.value}"`}`,
  failing: ({ finding, domain }) => `proved, but ${findings[finding]}. It is lost at ${when(domain.lostAt)}.`,
  contested: () =>
    'another organization of this server has proved it, too. Both were told; the operator of the server decides, or whoever keeps the record.',
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
            value: ({ state, deletesAt }) => (deletesAt ? `deleted at ${when(deletesAt)}` : (state ?? '-')),
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
    ['resume', 'let an organization go on that is suspended or waits to be deleted', 'goes on'],
  ] as const) {
    act(org.command(verb).argument('<organization>', 'name or id').summary(summary), async (session, _, [wanted = '']) => {
      const operator = await session.operator();
      const { id } = await lookUp(session, operator, wanted);
      const { body } = await operator<OrganizationView>('POST', `/organizations/${id}/${verb}`);
      session.output.done(body, `${body.name} ${said}.`);
    });
  }

  act(
    org
      .command('delete')
      .argument('<organization>', 'name or id')
      .summary('delete an organization, after 7 days')
      .description(
        'Suspends an organization now, and removes everything of it after 7 days. Until then "latchkey org resume" keeps it.',
      ),
    async (session, _, [wanted = '']) => {
      const operator = await session.operator();
      const { id } = await lookUp(session, operator, wanted);
      const { body } = await operator<OrganizationView>('DELETE', `/organizations/${id}`);
      session.output.done(body, `${body.name} is suspended. Everything of it is removed at ${when(body.deletesAt)}.`);
      if (!session.output.json) session.output.note(`To keep it: latchkey org resume ${id}`);
    },
  );

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

  act(
    domain
      .command('claim')
      .argument('<domain>', 'such as acme.com')
      .summary('begin to prove a domain by DNS')
      .description(
        'Says which TXT record proves that the domain is yours. A claim reserves nothing: publish the record, then run "latchkey domain verify".',
      ),
    async (session, _, [name = '']) => {
      const { call } = await session.organization();
      const { body } = await call<DomainView>('PUT', `/domains/${encodeURIComponent(name)}`);
      if (session.output.json) return session.output.done(body, '');
      if (body.record === null || body.state === 'proved') return session.output.done(body, `${body.name} is proved already.`);
      session.output.line(`Publish this record in the DNS of ${body.name}:`);
      session.output.line(`${body.record.name}. TXT "${body.record.value}"`);
      session.output.note(`Then: latchkey domain verify ${body.name}`);
    },
  );

  act(
    domain
      .command('verify')
      .argument('<domain>', 'such as acme.com')
      .summary('look the DNS record of a domain up now')
      .description('Looks the TXT record up. Ends with 1 if the domain is not proved. A proved domain is looked up every day.'),
    async (session, _, [name = '']) => {
      const { call } = await session.organization();
      const { body } = await call<DomainVerificationView>('POST', `/domains/${encodeURIComponent(name)}/verify`);
      session.output.done(body, `${body.domain.name}: ${verdicts[body.domain.state](body)}`);
      if (body.domain.state === 'claimed' || body.domain.state === 'contested') process.exitCode = 1;
    },
  );

  act(domain.command('list').summary('list domains'), async (session) => {
    const { call } = await session.organization();
    session.output.list(
      await listAll<DomainView>(session, call, '/domains', {}, 10_000),
      [
        { name: 'DOMAIN', value: ({ name }) => name },
        {
          name: 'STATE',
          value: ({ state, lostAt }) => (lostAt === null ? state : `${state}, lost at ${when(lostAt)}`),
          color: ({ state }) => (state === 'proved' ? 'good' : 'warn'),
        },
        { name: 'PROOF', value: ({ proof }) => proof },
        { name: 'SINCE', value: ({ createdAt }) => when(createdAt) },
      ],
      'The organization has no domain yet. Prove one by DNS: latchkey domain claim acme.com. Or an operator grants it: latchkey domain grant acme.com',
    );
  });

  act(
    domain
      .command('remove')
      .argument('<domain>', 'such as acme.com')
      .summary('take a domain away, or drop a claim')
      .description(
        'Takes a domain from the organization: its users cannot sign in any more, at once. Operators may do that, too.',
      ),
    async (session, _, [name = '']) => {
      const id = await session.organizationId();
      const path = `/domains/${encodeURIComponent(name)}`;
      // Whichever key there is: an operator often has none of the organization.
      if (session.profile().operatorKey === undefined) await (await session.organization()).call('DELETE', path);
      else await (await session.operator())('DELETE', `/organizations/${id}${path}`);
      session.output.done({ name }, `${name} was taken away. Its users cannot sign in any more.`);
    },
  );
};
