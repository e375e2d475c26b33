import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError } from './errors.ts';

/** What the command line remembers: which server, and the keys it may use there. */
export interface Profile {
  readonly url?: string;
  readonly operatorKey?: string;
  readonly organizations: Readonly<Record<string, { readonly name: string; readonly key: string }>>;
  /** Id of the organization that commands are about. */
  readonly current?: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isProfile = (value: unknown): value is Profile =>
  isObject(value) &&
  [value.url, value.operatorKey, value.current].every(optionalText) &&
  isObject(value.organizations) &&
  Object.values(value.organizations).every(
    (each) => isObject(each) && typeof each.name === 'string' && typeof each.key === 'string',
  );

export const emptyProfile: Profile = { organizations: {} };

export const profilePath = (given: string | undefined, env: NodeJS.ProcessEnv): string =>
  given ??
  env.LATCHKEY_PROFILE ??
  join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'latchkey', 'profile.json');

export const readProfile = (file: string): Profile => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyProfile; // node:fs throws nothing else
    throw new CliError(`The profile ${file} cannot be read.`, { hint: error instanceof Error ? error.message : String(error) });
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new CliError(`The profile ${file} holds keys and can be read by other users.`, {
      hint: `Make it private first: chmod 600 ${file}`,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isProfile(value)) {
    throw new CliError(`${file} is not a profile of latchkey.`, { hint: 'Move it away, then sign in again: latchkey login' });
  }
  return value;
};

/** Writes the whole file anew, for its owner alone; it is never half-written. */
export const writeProfile = (file: string, profile: Profile): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(temporary, 'w', 0o600);
    writeSync(descriptor, `${JSON.stringify(profile, null, 2)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, file);
  } catch (cause) {
    throw new CliError(`The profile ${file} cannot be written.`, {
      hint: `Choose another place with --profile FILE or LATCHKEY_PROFILE. (${cause instanceof Error ? cause.message : String(cause)})`,
      cause,
    });
  }
};
