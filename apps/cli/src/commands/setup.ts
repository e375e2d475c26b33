import { hostname, userInfo } from 'node:os';
import type { CreatedApiKeyView, WhoamiView } from '@latchkey/contract';
import type { Command } from 'commander';
import { client } from '../client.ts';
import { readSecret } from '../input.ts';
import { readServer } from '../server-program.ts';
import { act } from './shared.ts';

/** What a key made by this program is called in lists. */
export const keyDescription = (): string => {
  let user = 'somebody';
  try {
    user = userInfo().username;
  } catch {
    // A uid without a name, as in containers.
  }
  return `Command line of ${user} on ${hostname()}`.slice(0, 255);
};

export const addSetup = (program: Command): void => {
  act<{ url?: string; code?: string; resetAdmin?: boolean }>(
    program
      .command('setup')
      .summary('make yourself the operator of a new server')
      .description(
        "Spends the one-time code that the server printed at its first start for an operator key, and keeps that in your profile. Without --code it is read from standard input, or asked for. With --reset-admin, for operators who have lost every key: run it where the server runs, with the server's environment.",
      )
      .option('--url <url>', 'the server, such as https://id.acme.com')
      .option('--code <code>', 'the one-time code; "-" reads standard input')
      .option('--reset-admin', 'make yourself an operator again, by the master key of the server (where it runs)'),
    async (session, options) => {
      const url = session.urlOr(options.url);
      const code =
        options.resetAdmin === true
          ? readServer(['--reset-admin']).trim()
          : options.code === undefined || options.code === '-'
            ? await readSecret('Setup code: ')
            : options.code;
      const { body } = await client(url, undefined)<CreatedApiKeyView>('POST', '/setup', { body: { code } });
      const profile = session.profile();
      // Keys of another server are of no use here.
      const kept = profile.url === url ? profile : { organizations: {} };
      session.saveProfile({ ...kept, url, operatorKey: body.key });
      const { key: _, ...shown } = body;
      session.output.done(
        { ...shown, profile: session.profileFile },
        `You are the operator of ${url} until ${body.expiresAt.slice(0, 10)}. The key is in ${session.profileFile}.`,
      );
      if (!session.output.json) session.output.note('Next: latchkey org create NAME');
    },
  );

  act<{ url?: string }>(
    program
      .command('login')
      .summary('use an API key you were given')
      .description('Reads an API key from standard input, or asks for it, and keeps it in your profile.')
      .option('--url <url>', 'the server, such as https://id.acme.com'),
    async (session, options) => {
      const url = session.urlOr(options.url);
      const key = await readSecret('API key: ');
      const { body } = await client(url, key)<WhoamiView>('GET', '/whoami');
      const profile = session.profile();
      const kept = profile.url === url ? profile : { organizations: {} };
      const { organization } = body;
      session.saveProfile(
        organization === null
          ? { ...kept, url, operatorKey: key }
          : {
              ...kept,
              url,
              organizations: { ...kept.organizations, [organization.id]: { name: organization.name, key } },
              current: organization.id,
            },
      );
      session.output.done(
        body,
        `You are ${organization === null ? 'an operator' : `an administrator of ${organization.name}`} at ${url}.`,
      );
    },
  );

  act(
    program
      .command('whoami')
      .summary('show which keys you have, and for what')
      .description('Asks the server about each key of the profile.'),
    async (session) => {
      const found: WhoamiView[] = [];
      for (const { call } of await session.callers()) found.push((await call<WhoamiView>('GET', '/whoami')).body);
      session.output.list(
        found,
        [
          { name: 'SERVER', value: () => session.url() },
          { name: 'ROLE', value: (each) => (each.kind === 'operator' ? 'operator' : 'administrator') },
          { name: 'ORGANIZATION', value: (each) => each.organization?.name ?? '-' },
          { name: 'KEY', value: (each) => `…${each.apiKey.hint}` },
          { name: 'UNTIL', value: (each) => each.apiKey.expiresAt.slice(0, 10) },
        ],
        'The profile has no key. On a new server: latchkey setup. With a key you were given: latchkey login',
      );
    },
  );
};
