import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { type DirectoryLimits, defaultLimits } from '@latchkey/directory';
import { z } from 'zod';
import { parseNetwork } from './http/network.ts';

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

/** `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`. */
const isNameServer = (text: string): boolean =>
  isIP(text) !== 0 || isIP((/^(?:\[(.+)\]|([^:]+)):\d{1,5}$/.exec(text) ?? []).slice(1).join('')) !== 0;

/** Every setting of the server, with its environment variable. One place; `docs/reference/configuration.md` is made from it. */
export const settings = {
  dataFolder: {
    variable: 'LATCHKEY_DATA',
    schema: z.string().min(1).default('data').describe('Folder of the database and the master key; made at the first start.'),
  },
  databaseUrl: {
    variable: 'LATCHKEY_DATABASE_URL',
    also: 'DATABASE_URL',
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/, 'write it as postgres://user:password@host/database')
      .optional()
      .describe(
        'PostgreSQL database, as postgres://user:password@host/database?sslmode=verify-full; DATABASE_URL is read too. Default: SQLite, the file latchkey.db in the data folder.',
      ),
    secret: true,
  },
  databaseConnections: {
    variable: 'LATCHKEY_DATABASE_CONNECTIONS',
    schema: wholeNumber(2, 1000).default(16).describe('Connections to PostgreSQL that this node opens at most.'),
  },
  host: {
    variable: 'LATCHKEY_HOST',
    schema: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  },
  port: {
    variable: 'LATCHKEY_PORT',
    schema: wholeNumber(0, 65_535).default(8700).describe('Port to listen on; 0 takes a free one.'),
  },
  origin: {
    variable: 'LATCHKEY_ORIGIN',
    schema: z
      .url({ protocol: /^https?$/ })
      .refine((url) => URL.parse(url)?.origin === url, 'must be an origin: scheme, host and port, with nothing after them')
      .refine(
        (url) => url.startsWith('https:') || isLoopback(URL.parse(url)?.hostname ?? ''),
        'must be https: plain http is for loopback only',
      )
      .optional()
      .describe(
        'The URL that devices and browsers know this server by, as https://id.acme.com. Default: http://localhost:{port}.',
      ),
  },
  masterKeyFile: {
    variable: 'LATCHKEY_MASTER_KEY_FILE',
    schema: z
      .string()
      .min(1)
      .optional()
      .describe('File of the master key (32 octets, base64url, mode 0600). Default: master.key in the data folder.'),
  },
  tlsCertificateFile: {
    variable: 'LATCHKEY_TLS_CERTIFICATE_FILE',
    schema: z
      .string()
      .min(1)
      .optional()
      .describe(
        'PEM file of the certificate, with the intermediate ones after it. A renewed one is taken up within seconds. Default: none, plain HTTP for loopback or behind a proxy.',
      ),
  },
  tlsKeyFile: {
    variable: 'LATCHKEY_TLS_KEY_FILE',
    schema: z.string().min(1).optional().describe("PEM file of the certificate's key."),
  },
  logLevel: {
    variable: 'LATCHKEY_LOG_LEVEL',
    schema: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('How much is logged, as JSON lines on standard error.'),
  },
  trustedProxies: {
    variable: 'LATCHKEY_TRUSTED_PROXIES',
    schema: z
      .string()
      .optional()
      .describe(
        'Addresses or CIDR ranges, with commas between, of reverse proxies whose X-Forwarded-For is believed. Default: none.',
      ),
  },
  dnsServers: {
    variable: 'LATCHKEY_DNS_SERVERS',
    schema: z
      .string()
      .refine((text) => listOf(text).every(isNameServer), 'must be IP addresses with commas between, each with a port or without')
      .optional()
      .describe(
        'Name servers asked for the records that prove domains, as 9.9.9.9 or 127.0.0.1:5353, with commas between. Default: those of the machine.',
      ),
  },
  metricsToken: {
    variable: 'LATCHKEY_METRICS_TOKEN',
    schema: z
      .string()
      .min(16)
      .optional()
      .describe('Bearer token for /metrics. Default: none, and /metrics answers to loopback only.'),
    secret: true,
  },
  requestsPerKey: {
    variable: 'LATCHKEY_REQUESTS_PER_KEY',
    schema: wholeNumber(1, 1_000_000)
      .default(1200)
      .describe('Requests a minute of the admin API with one API key, of all nodes together.'),
  },
  consoleIdleMinutes: {
    variable: 'LATCHKEY_CONSOLE_IDLE_MINUTES',
    schema: wholeNumber(1, 1440).default(30).describe('Minutes without a click after which an administrator is signed out.'),
  },
  consoleSessionHours: {
    variable: 'LATCHKEY_CONSOLE_SESSION_HOURS',
    schema: wholeNumber(1, 168).default(12).describe('Hours after which an administrator signs in again in any case.'),
  },
  webhookNetworks: {
    variable: 'LATCHKEY_WEBHOOK_NETWORKS',
    schema: z
      .string()
      .optional()
      .transform((text) => (text ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()])))
      .refine((texts) => texts.every((text) => parseNetwork(text) !== undefined), 'must be CIDR ranges, with commas between')
      .transform((texts) => texts.flatMap((text) => parseNetwork(text) ?? []))
      .describe(
        'CIDR ranges, with commas between, that webhooks may be sent to besides the public Internet, by plain http too. Default: none.',
      ),
  },
  groupsPerUser: {
    variable: 'LATCHKEY_GROUPS_PER_USER',
    schema: wholeNumber(1, 10_000).default(defaultLimits.groupsPerUser).describe('Groups that one user may be in.'),
  },
  groupsPerOrganization: {
    variable: 'LATCHKEY_GROUPS_PER_ORGANIZATION',
    schema: wholeNumber(1, 10_000_000).default(defaultLimits.groups).describe('Groups that one organization may have.'),
  },
  departmentsPerOrganization: {
    variable: 'LATCHKEY_DEPARTMENTS_PER_ORGANIZATION',
    schema: wholeNumber(1, 10_000_000).default(defaultLimits.departments).describe('Departments that one organization may have.'),
  },
  importRows: {
    variable: 'LATCHKEY_IMPORT_ROWS',
    schema: wholeNumber(1, 10_000_000).default(defaultLimits.importRows).describe('Rows that one CSV file of users may have.'),
  },
  signInsPerDevice: {
    variable: 'LATCHKEY_SIGN_INS_PER_DEVICE',
    schema: wholeNumber(1, 1_000_000).default(10).describe('Sign-ins a minute that one device may make.'),
  },
  signInsPerUser: {
    variable: 'LATCHKEY_SIGN_INS_PER_USER',
    schema: wholeNumber(1, 1_000_000).default(30).describe('Sign-ins a minute that the devices of one user may make together.'),
  },
  failuresPerAddress: {
    variable: 'LATCHKEY_FAILURES_PER_ADDRESS',
    schema: wholeNumber(1, 1_000_000)
      .default(300)
      .describe('Refused requests a minute from one address, after which it has to wait.'),
  },
} as const;

type Settings = typeof settings;
type Values = { readonly [Name in keyof Settings]: z.output<Settings[Name]['schema']> };

export interface Config
  extends Omit<
    Values,
    'databaseUrl' | 'trustedProxies' | 'dnsServers' | 'masterKeyFile' | 'origin' | 'tlsCertificateFile' | 'tlsKeyFile'
  > {
  readonly directoryLimits: DirectoryLimits;
  readonly origin: string | undefined;
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  readonly masterKeyFile: string;
  /** Of SQLite; not used when `databaseUrl` leads to PostgreSQL. */
  readonly databaseFile: string;
  readonly databaseUrl: string;
  readonly trustedProxies: readonly string[];
  readonly dnsServers: readonly string[];
}

/** All problems at once, each with the setting's name and where it was set. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname);

const readFile = (file: string, problems: string[]): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>; // just checked
    problems.push(`${file}: a JSON object was expected.`);
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
};

/** A secret is better kept in a file than in the environment, which other programs of the machine may see: `..._FILE` names it. */
const readSecret = (
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined => {
  const file = environment[`${variable}_FILE`];
  if (file === undefined || file === '') return environment[variable];
  if (environment[variable]) problems.push(`${variable} and ${variable}_FILE: set one of the two.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    problems.push(`${variable}_FILE: ${error instanceof Error ? error.message : String(error)}.`);
    return undefined;
  }
};

/**
 * The configuration from the environment, over the JSON file that `LATCHKEY_CONFIG` names. Unknown names in the file are refused.
 *
 * @throws ConfigError that lists every problem.
 */
export const loadConfig = (environment: Readonly<Record<string, string | undefined>>): Config => {
  const problems: string[] = [];
  const configFile = environment.LATCHKEY_CONFIG;
  const file = configFile === undefined ? {} : readFile(configFile, problems);
  for (const name of Object.keys(file)) {
    if (!(name in settings))
      problems.push(`${configFile}: "${name}" is not a setting. Settings are: ${Object.keys(settings).join(', ')}.`);
  }
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const { variable, schema } = setting;
    const also = 'also' in setting ? environment[setting.also] : undefined;
    const given =
      ('secret' in setting ? readSecret(variable, environment, problems) : environment[variable]) ?? also ?? file[name];
    const parsed = schema.safeParse(given === '' ? undefined : given);
    if (parsed.success) values[name] = parsed.data;
    else {
      const where = [variable, `${variable}_FILE`, 'also' in setting ? setting.also : variable].find(
        (each) => environment[each] !== undefined,
      );
      problems.push(
        ...parsed.error.issues.map((issue) => `${where ?? `${configFile ?? 'configuration'}: ${name}`}: ${issue.message}.`),
      );
    }
  }
  if ((values.tlsCertificateFile === undefined) !== (values.tlsKeyFile === undefined)) {
    problems.push('LATCHKEY_TLS_CERTIFICATE_FILE and LATCHKEY_TLS_KEY_FILE: set both, or none.');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const checked = values as unknown as Values; // each value is its own schema's output
  const { tlsCertificateFile: certificateFile, tlsKeyFile: keyFile } = checked;
  const folder = isAbsolute(checked.dataFolder) ? checked.dataFolder : resolve(checked.dataFolder);
  return Object.freeze({
    ...checked,
    tls: certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile },
    dataFolder: folder,
    masterKeyFile: checked.masterKeyFile ?? join(folder, 'master.key'),
    databaseFile: join(folder, 'latchkey.db'),
    databaseUrl: checked.databaseUrl ?? `sqlite:${join(folder, 'latchkey.db')}`,
    trustedProxies: listOf(checked.trustedProxies),
    directoryLimits: {
      groupsPerUser: checked.groupsPerUser,
      groups: checked.groupsPerOrganization,
      departments: checked.departmentsPerOrganization,
      importRows: checked.importRows,
    },
    dnsServers: listOf(checked.dnsServers),
  });
};
