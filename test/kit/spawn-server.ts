import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

type Json = Readonly<Record<string, unknown>>;

/** Text at a name of an answer. */
export const textOf = (from: Json, name: string): string => {
  const value = from[name];
  if (typeof value !== 'string') throw new TypeError(`no text "${name}" in ${JSON.stringify(from)}`);
  return value;
};

/** A server as a process of its own, with its own empty folder. */
export interface SpawnedServer {
  readonly origin: string;
  readonly pid: number;
  /** Calls the admin API; whatever is not 2xx is thrown. */
  readonly call: (
    key: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Json>;
  /** Spent at the start. */
  readonly operatorKey: string;
  /** The JSON lines it logged so far. */
  readonly log: () => readonly Json[];
  readonly stop: () => Promise<void>;
}

/** A server process on a folder that outlives it. */
export interface LaunchedServer {
  readonly origin: string;
  readonly pid: number;
  /** The one-time code, while nobody has set the server up. */
  readonly setupCode: string | undefined;
  readonly log: () => readonly Json[];
  /** Sends the signal and waits for the end. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

/** The server's own process: a wrapper's only child (Linux). */
const serverPid = (pid: number, wrapper: readonly string[]): number =>
  wrapper.length === 0 ? pid : Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

/** Starts the server and waits until it says where it listens. `wrapper` is a command that starts it, such as strace. */
export const launchServer = async (
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
  options: readonly string[] = [],
): Promise<LaunchedServer> => {
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, main, ...options];
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, LATCHKEY_DATA: folder, LATCHKEY_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let screen = '';
  let logged = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stderr.on('data', (chunk: Buffer) => {
    logged += chunk.toString();
  });
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
      const [, at] = /running at (\S+)[\s\S]*Ctrl-C/.exec(screen) ?? [];
      if (at !== undefined) resolve(at);
    });
    void ended.then(() => reject(new Error(`the server ended before it was ready:\n${screen}${logged}`)));
  });
  return {
    origin,
    pid: child.pid ?? 0,
    setupCode: /--code (\S+)/.exec(screen)?.[1],
    log: () =>
      logged
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(serverPid(child.pid ?? 0, wrapper), signal);
      await ended;
    },
  };
};

/** Calls the admin API; an empty key calls without one. Whatever is not 2xx is thrown. */
export const callApi =
  (origin: string): SpawnedServer['call'] =>
  async (key, method, path, body, headers = {}) => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };

/** Spends the setup code for an operator's key. */
export const setUp = async ({ origin, setupCode }: Pick<LaunchedServer, 'origin' | 'setupCode'>): Promise<string> =>
  textOf(await callApi(origin)('', 'POST', '/setup', { code: setupCode }), 'key');

/** A throw-away server that is set up. */
export const spawnServer = async (settings: Readonly<Record<string, string>> = {}): Promise<SpawnedServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-server-'));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await launchServer(folder, settings);
    const stop = async (): Promise<void> => {
      await server.end('SIGTERM');
      forget();
    };
    try {
      const { origin, pid, log } = server;
      return { origin, pid, log, call: callApi(origin), operatorKey: await setUp(server), stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    forget();
    throw error;
  }
};

export interface TestOrganization {
  readonly id: string;
  readonly domain: string;
  /** An API key of the organization. */
  readonly key: string;
  /** Calls the admin API with the organization's key; the path goes on from `/organizations/{id}`. */
  readonly call: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Json>;
  /** What a GET answers, as it is; for exports. */
  readonly text: (path: string) => Promise<string>;
  /** A secret for automatic enrollment. */
  readonly deviceToken: string;
  readonly idp: { readonly entityID: string; readonly metadata: string };
}

/** An organization whose devices may sign in at once. */
export const createOrganization = async (
  server: Pick<SpawnedServer, 'origin' | 'call' | 'operatorKey'>,
  domain: string,
): Promise<TestOrganization> => {
  const { operatorKey } = server;
  const id = textOf(await server.call(operatorKey, 'POST', '/organizations', { name: domain }), 'id');
  const path = `/organizations/${id}`;
  await server.call(operatorKey, 'POST', `${path}/domains`, { name: domain });
  const made = await server.call(operatorKey, 'POST', `${path}/api-keys`, { description: 'tests' });
  const key = textOf(made, 'key');
  const call: TestOrganization['call'] = (method, rest, ...given) => server.call(key, method, `${path}${rest}`, ...given);
  const text: TestOrganization['text'] = async (rest) => {
    const answer = await fetch(`${server.origin}/api/v1${path}${rest}`, { headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`GET ${path}${rest} answered ${answer.status}: ${await answer.text()}`);
    return answer.text();
  };
  const draft = await call('PUT', '/settings/draft', {
    identityProviders: [
      { kind: 'device', id: 'device', name: 'Devices', status: 'enabled', domains: 'any', autoProvisioning: true },
    ],
    defaultIdp: null,
  });
  await call('POST', '/settings/activate', { comment: 'tests' }, { 'if-match': `"${draft.revision}"` });
  const token = await call('POST', '/device-tokens', { description: 'tests', enrollment: 'automatic' });
  const entityID = `${server.origin}/saml/${id}/idp/metadata`;
  const metadata = await fetch(entityID);
  if (!metadata.ok) throw new Error(`${entityID} answered ${metadata.status}`);
  return { id, domain, key, call, text, deviceToken: textOf(token, 'token'), idp: { entityID, metadata: await metadata.text() } };
};
