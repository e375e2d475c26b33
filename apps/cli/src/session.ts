import type { WhoamiView } from '@latchkey/contract';
import { type Call, client, readUrl, send } from './client.ts';
import { CliError, usage } from './errors.ts';
import { createOutput, type Output } from './output.ts';
import { emptyProfile, type Profile, profilePath, readProfile, writeProfile } from './profile.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly output?: string;
  readonly color?: boolean;
  readonly profile?: string;
  readonly org?: string;
  readonly breakGlass?: string;
}

/** The organization a command is about. */
export interface OrganizationSession {
  readonly id: string;
  readonly name: string;
  /** Paths go on from `/organizations/{id}`. */
  readonly call: Call;
  /** The bare answer, for streams. */
  readonly stream: (path: string, query: Readonly<Record<string, string | number | undefined>>) => Promise<Response>;
}

/** One run of the program: which server, with which keys, telling it how. */
export interface Session {
  readonly output: Output;
  readonly profileFile: string;
  readonly profile: () => Profile;
  readonly saveProfile: (profile: Profile) => void;
  readonly url: () => string;
  readonly urlOr: (given: string | undefined) => string;
  /** Calls as an operator. */
  readonly operator: () => Promise<Call>;
  /** The bare answer to an operator's GET, however long it takes. */
  readonly operatorStream: (path: string) => Promise<Response>;
  readonly organization: () => Promise<OrganizationSession>;
  /** The id of the organization that is meant, for an operator's acts on it. */
  readonly organizationId: () => Promise<string>;
  /** Every key there is, each with its call. */
  readonly callers: () => Promise<readonly { readonly who: string; readonly call: Call }[]>;
}

const idPattern = /^org_[0-9a-f]{32}$/;

/** An organization of the profile, by id or name. */
export const findOrganization = (profile: Profile, wanted: string): string | undefined => {
  if (Object.hasOwn(profile.organizations, wanted)) return wanted;
  const named = Object.entries(profile.organizations).filter(([, { name }]) => name === wanted);
  if (named.length > 1)
    throw usage(`More than one organization is called "${wanted}".`, `Give its id: ${named.map(([id]) => id).join(', ')}`);
  return named[0]?.[0];
};

export const openSession = (options: GlobalOptions, env: NodeJS.ProcessEnv): Session => {
  const { output: format = 'table' } = options;
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  const output = createOutput({
    json: format === 'json',
    color: options.color !== false && !noColor && process.stdout.isTTY === true,
  });
  const profileFile = profilePath(options.profile, env);
  const envKey = env.LATCHKEY_API_KEY === '' ? undefined : env.LATCHKEY_API_KEY;

  let known: Profile | undefined;
  const profile = (): Profile => {
    // With both in the environment no file is needed, nor looked at.
    known ??= envKey !== undefined && env.LATCHKEY_URL ? emptyProfile : readProfile(profileFile);
    return known;
  };
  const urlOr = (given: string | undefined): string => {
    const text = given ?? (env.LATCHKEY_URL || profile().url);
    if (text === undefined) {
      throw usage(
        'Which server?',
        'Make yourself the operator of a new one: latchkey setup --url URL. With a key you were given: latchkey login --url URL. Or set LATCHKEY_URL and LATCHKEY_API_KEY.',
      );
    }
    return readUrl(text);
  };
  const url = (): string => urlOr(undefined);

  let asked: Promise<WhoamiView> | undefined;
  const whoami = (key: string): Promise<WhoamiView> => {
    asked ??= client(url(), key)<WhoamiView>('GET', '/whoami').then(({ body }) => body);
    return asked;
  };

  /** The profile, if its keys are for the server that is meant: a key goes to no other one. */
  const keys = (): Profile => {
    const origin = url();
    const { url: own } = profile();
    if (own === undefined || readUrl(own) === origin) return profile();
    throw new CliError(`The keys of the profile are for ${own}, not for ${origin}.`, {
      code: 'other_server',
      hint: 'Unset LATCHKEY_URL, or set LATCHKEY_API_KEY too, or use another profile: --profile FILE',
    });
  };

  const wantedId = (): string | undefined => {
    const wanted = options.org ?? (env.LATCHKEY_ORG || undefined);
    if (wanted === undefined) return profile().current;
    const found = findOrganization(profile(), wanted);
    if (found === undefined && !idPattern.test(wanted)) {
      throw usage(`The profile knows no organization "${wanted}".`, 'See which there are: latchkey org list');
    }
    return found ?? wanted;
  };

  const noOrganization = (): CliError =>
    new CliError('Which organization?', {
      code: 'organization_missing',
      hint: 'Make one: latchkey org create NAME. Or take up one that exists: latchkey org use NAME',
    });

  const organizationOf = (id: string, name: string, key: string, breakGlass?: string): OrganizationSession => {
    const origin = url();
    const call = client(origin, key);
    const base = `/organizations/${id}`;
    const glass = breakGlass === undefined ? {} : { breakGlass };
    return {
      id,
      name,
      call: (method, path, more) => call(method, `${base}${path}`, { ...more, ...glass }),
      stream: (path, query) => send(origin, key, 'GET', `/api/v1${base}${path}`, { query, ...glass }),
    };
  };

  const operatorKeyOf = (): string => {
    if (envKey !== undefined) return envKey;
    const { operatorKey } = keys();
    if (operatorKey !== undefined) return operatorKey;
    throw new CliError('This needs the key of an operator, and the profile has none.', {
      code: 'operator_needed',
      hint: 'On a new server: latchkey setup. With a key you were given: latchkey login',
    });
  };

  return {
    output,
    profileFile,
    profile,
    saveProfile: (next) => {
      writeProfile(profileFile, next);
      known = next;
    },
    url,
    urlOr,
    operator: async () => client(url(), operatorKeyOf()),
    operatorStream: async (path) => send(url(), operatorKeyOf(), 'GET', `/api/v1${path}`, { patient: true }),
    organization: async () => {
      if (options.breakGlass !== undefined) {
        const id = wantedId();
        if (id === undefined) throw noOrganization();
        return organizationOf(id, profile().organizations[id]?.name ?? id, operatorKeyOf(), options.breakGlass);
      }
      if (envKey !== undefined) {
        const { organization } = await whoami(envKey);
        if (organization === null) {
          throw new CliError(
            "LATCHKEY_API_KEY is an operator's key, and operators do not read or change an organization's data.",
            {
              code: 'organization_key_needed',
              hint: 'Set it to a key of the organization, or unset it to use the profile.',
            },
          );
        }
        return organizationOf(organization.id, organization.name, envKey);
      }
      const { organizations } = keys();
      const id = wantedId();
      if (id === undefined) throw noOrganization();
      const entry = organizations[id];
      if (entry === undefined) {
        throw new CliError(`The profile has no key for ${id}.`, {
          code: 'organization_key_needed',
          hint: `As an operator, make one: latchkey org use ${id} --new-key`,
        });
      }
      return organizationOf(id, entry.name, entry.key);
    },
    organizationId: async () => {
      if (envKey !== undefined) {
        const { organization } = await whoami(envKey);
        if (organization !== null) return organization.id;
      }
      const id = wantedId();
      if (id === undefined) throw noOrganization();
      return id;
    },
    callers: async () => {
      const origin = url();
      if (envKey !== undefined) return [{ who: 'LATCHKEY_API_KEY', call: client(origin, envKey) }];
      const { operatorKey, organizations } = keys();
      const id = wantedId();
      const entry = id === undefined ? undefined : organizations[id];
      return [
        ...(operatorKey === undefined ? [] : [{ who: 'operator', call: client(origin, operatorKey) }]),
        ...(entry === undefined ? [] : [{ who: entry.name, call: client(origin, entry.key) }]),
      ];
    },
  };
};

/** Every item of a list, page by page, up to `most`; says so when there are more. */
export const listAll = async <Item>(
  session: Session,
  call: Call,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
  most: number,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await call<{ items: Item[]; next: string | null }>('GET', path, {
      query: { ...query, cursor, limit: Math.min(200, most - items.length) },
    });
    items.push(...body.items);
    cursor = body.next ?? undefined;
  } while (cursor !== undefined && items.length < most);
  if (cursor !== undefined) session.output.note(`There are more than ${most}: ask for more with --limit.`);
  return items;
};
