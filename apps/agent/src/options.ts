import { readFileSync, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DeviceError, parseDeviceToken } from '@latchkey/device';
import { originOfCloudName } from './cloud-name.ts';
import { AgentError } from './errors.ts';
import { environmentName, findOption, optionTable, suggestOption } from './option-table.ts';

export type OptionSource = 'policy' | 'file' | 'environment' | 'flags';

/** Options after precedence and rules. What enrollment needs may still be missing: a policy can arrive late. */
export interface Options {
  /** Read when it is needed, and kept nowhere. */
  readonly readDeviceToken: () => string | undefined;
  readonly userDomain: string | undefined;
  /** The origin of `cloudName`. */
  readonly origin: string | undefined;
  readonly userName: string | undefined;
  readonly externalDeviceId: string | undefined;
  readonly stateDir: string;
  readonly caFile: string | undefined;
  readonly keepMessages: string | undefined;
  readonly explain: boolean;
  readonly json: boolean;
  readonly local: boolean;
  readonly bearer: boolean;
  /** Where each option that is set comes from. */
  readonly sources: Readonly<Record<string, OptionSource>>;
  /** For the administrator: what was ignored or overruled. */
  readonly notes: readonly string[];
  /** The policy file, and whether there is one. */
  readonly policy: { readonly path: string; readonly present: boolean };
}

/** What the command line says, before anything else is looked at. */
export interface CommandLine {
  readonly command: string;
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
}

const usage = (message: string, hint?: string): AgentError =>
  new AgentError('usage', message, hint === undefined ? {} : { hint });

const unknownOption = (name: string, where: string): AgentError => {
  const meant = suggestOption(name);
  return usage(`${where} is not an option.`, meant === undefined ? 'See "latchkey-agent help".' : `Did you mean "${meant}"?`);
};

/** Reads the command line. No message repeats a value: it might be the device token. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const types = Object.fromEntries(
    optionTable.map(({ name, kind }) => [name, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...args], options: types, strict: false, allowPositionals: true, tokens: true });
  const operands: string[] = [];
  const flags: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const rule = findOption(token.name);
    if (rule === undefined || !token.rawName.startsWith('--')) throw unknownOption(token.name, `"${token.rawName}"`);
    if (token.name in flags) throw usage(`"${token.rawName}" is given twice.`);
    if (rule.kind === 'flag') {
      if (token.value !== undefined) throw usage(`"${token.rawName}" takes no value.`);
      flags[token.name] = '1';
      continue;
    }
    if (token.value === undefined || (token.inlineValue === false && /^-./.test(token.value))) {
      throw usage(
        `"${token.rawName}" needs a value.`,
        `Write ${token.rawName} VALUE, or ${token.rawName}=VALUE if it begins with a dash.`,
      );
    }
    flags[token.name] = token.value;
  }
  const [command = flags.version === '1' ? 'version' : 'help', ...rest] = operands;
  return { command: flags.help === '1' ? 'help' : command, operands: rest, flags };
};

type Values = Record<string, string>;

const readOptionFile = (path: string, what: string): { values: Values; cloudNames: Record<string, string> } => {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AgentError('usage', `The ${what} ${path} cannot be read as JSON.`, {
      cause,
      hint: cause instanceof SyntaxError ? 'Check it with a JSON tool.' : String(cause),
    });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw usage(`The ${what} ${path} must hold one JSON object.`);
  const values: Values = {};
  const cloudNames: Record<string, string> = {};
  for (const [name, value] of Object.entries(document)) {
    if (name === 'cloudNames' && what === 'policy file') {
      if (typeof value !== 'object' || value === null) throw usage(`"cloudNames" in ${path} must be an object of host names.`);
      for (const [short, host] of Object.entries(value)) if (typeof host === 'string') cloudNames[short] = host;
      continue;
    }
    const rule = findOption(name);
    if (rule === undefined || rule.commandOnly) throw unknownOption(name, `"${name}" in ${path}`);
    // Property lists and managed configurations write 1 and "1" alike.
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw usage(`"${name}" in ${path} must be text.`);
    values[name] = String(value);
  }
  return { values, cloudNames };
};

const readEnvironment = (env: NodeJS.ProcessEnv): Values => {
  const values: Values = {};
  for (const { name, kind, commandOnly } of optionTable) {
    const value = env[environmentName(name)];
    if (value !== undefined && kind !== 'ignored' && !commandOnly) values[name] = value;
  }
  return values;
};

/** A policy that others may write is no policy. */
const checkPolicyFile = (path: string, stats: Stats, uid: number): void => {
  if ((stats.uid !== 0 && stats.uid !== uid) || (stats.mode & 0o022) !== 0) {
    throw usage(
      `The policy file ${path} can be written by others.`,
      `Let it belong to root, mode 0644 or 0600: chown root ${path}; chmod 0600 ${path}`,
    );
  }
};

const findFile = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw new AgentError('usage', `${path} cannot be looked at.`, { cause: error, hint: String(error) });
  }
};

/** The rules across options (and the limits of each), in the words an administrator can act on. */
const rules: readonly ((values: Values) => string | undefined)[] = [
  (values) => {
    const unfilled = ['userName', 'userDomain', 'cloudName', 'deviceToken', 'externalDeviceId'].find((name) =>
      /\{\{.*\}\}|\$\{.*\}|^%[^%]+%$/.test(values[name] ?? ''),
    );
    return unfilled && `${unfilled} still holds a macro that the MDM should have filled in.`;
  },
  ({ userName }) =>
    userName?.includes('@')
      ? `userName is the part before the "@" only: userName ${userName.split('@')[0]}, userDomain ${userName.split('@')[1]}.`
      : undefined,
  ({ userName }) => (userName?.includes('\\') ? 'userName is the bare login, without a Windows domain before it.' : undefined),
  ({ userName }) => (userName !== undefined && userName.length > 255 ? 'userName is longer than 255 characters.' : undefined),
  ({ userName }) => (userName !== undefined && /[\s\p{Cc}]/u.test(userName) ? 'userName must not hold white space.' : undefined),
  ({ userName, userDomain }) =>
    userName !== undefined && userDomain === undefined ? 'userName needs userDomain beside it.' : undefined,
  ({ userDomain }) =>
    userDomain !== undefined && (userDomain.length > 253 || /[\s\p{Cc}@/:\\]/u.test(userDomain))
      ? 'userDomain must be a domain like acme.com, without "@", scheme or path.'
      : undefined,
  ({ externalDeviceId }) =>
    externalDeviceId !== undefined && externalDeviceId.length > 255
      ? 'externalDeviceId is longer than 255 characters.'
      : undefined,
  ({ deviceToken, deviceTokenFile }) =>
    deviceToken && deviceTokenFile ? 'Give deviceToken or deviceTokenFile, not both.' : undefined,
  ({ strictEnforcement, cloudName, policyToken }) =>
    strictEnforcement === '1' && !(cloudName && policyToken) ? 'strictEnforcement=1 needs cloudName and policyToken.' : undefined,
  ({ autoEnrollWithMDM, deviceToken, deviceTokenFile, cloudName, userDomain }) =>
    ['1', '2'].includes(autoEnrollWithMDM ?? '') && !((deviceToken || deviceTokenFile) && cloudName && userDomain)
      ? 'autoEnrollWithMDM needs deviceToken, cloudName and userDomain.'
      : undefined,
  ({ unattendedmodeui, mode }) =>
    unattendedmodeui && mode !== 'unattended' ? 'unattendedmodeui needs mode=unattended.' : undefined,
];

const readToken = (values: Values, readStandardInput: () => string): string | undefined => {
  let text = values.deviceToken;
  if (values.deviceTokenFile !== undefined) {
    try {
      text = readFileSync(values.deviceTokenFile, 'utf8');
    } catch (cause) {
      throw new AgentError('usage', `deviceTokenFile ${values.deviceTokenFile} cannot be read.`, { cause, hint: String(cause) });
    }
  } else if (text === '-') {
    text = readStandardInput();
  }
  if (text === undefined) return undefined;
  try {
    return parseDeviceToken(text.trim()).text;
  } catch (error) {
    if (error instanceof DeviceError)
      throw usage('The device token has a typing error.', `${error.detail}. Copy it again from the console.`);
    throw error;
  }
};

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly readStandardInput: () => string;
}

const defaultStateDir = ({ env, uid }: Pick<Surroundings, 'env' | 'uid'>): string =>
  uid === 0 ? '/var/lib/latchkey-agent' : join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'latchkey-agent');

/** Policy, then file, then environment, then flags: what a managed policy says, nobody on the machine can change. */
export const gatherOptions = (flags: Readonly<Record<string, string>>, surroundings: Surroundings): Options => {
  const { env, uid } = surroundings;
  const policyPath = env.LATCHKEY_POLICY_FILE || '/etc/latchkey/policy.json';
  const stats = findFile(policyPath);
  if (stats !== undefined) checkPolicyFile(policyPath, stats, uid);
  const policy = stats === undefined ? undefined : readOptionFile(policyPath, 'policy file');
  const layers: readonly (readonly [OptionSource, Values])[] = [
    ['policy', policy?.values ?? {}],
    ['file', flags.config === undefined ? {} : readOptionFile(flags.config, 'file').values],
    ['environment', readEnvironment(env)],
    ['flags', flags],
  ];
  const values: Values = {};
  const sources: Record<string, OptionSource> = {};
  const notes: string[] = [];
  for (const [source, layer] of layers) {
    for (const [name, value] of Object.entries(layer)) {
      // An MDM writes an unset value as an empty one.
      if (value === '') continue;
      // The two ways to give the token are one option: a policy that names one locks both.
      const taken =
        sources[name] ?? (name.startsWith('deviceToken') ? (sources.deviceToken ?? sources.deviceTokenFile) : undefined);
      if (taken !== undefined && taken !== source) {
        if (values[name] !== value)
          notes.push(`${name} from ${source} is overruled by ${taken === 'policy' ? 'the policy, which locks it' : taken}.`);
        continue;
      }
      values[name] = value;
      sources[name] = source;
      if (findOption(name)?.kind === 'ignored') notes.push(`${name} has no meaning for this agent and is ignored.`);
    }
  }
  for (const rule of rules) {
    const problem = rule(values);
    if (problem) throw usage(problem);
  }
  return {
    readDeviceToken: () => readToken(values, surroundings.readStandardInput),
    userDomain: values.userDomain,
    origin: values.cloudName === undefined ? undefined : originOfCloudName(values.cloudName, policy?.cloudNames),
    userName: values.userName,
    externalDeviceId: values.externalDeviceId,
    stateDir: values.stateDir ?? defaultStateDir(surroundings),
    caFile: values.caFile,
    keepMessages: values.keepMessages,
    explain: values.explain === '1',
    json: values.json === '1',
    local: values.local === '1',
    bearer: values.bearer === '1',
    sources,
    notes,
    policy: { path: policyPath, present: policy !== undefined },
  };
};
