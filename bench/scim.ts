import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noPostgres, type Postgres, startPostgres } from '../test/kit/postgres.ts';
import { createOrganization, spawnServer } from '../test/kit/spawn-server.ts';
import { keptConnections, type Load, load, percentile } from './load.ts';
import type { Row } from './measure.ts';

export const title = 'requests a second against the best durable peer of this run, at 10,000 users';

/** Of users, and of members of the one group. */
const SIZE = 10_000;
const GROUP = 9_000;
const CONCURRENCY = [1, 16];
const FILLERS = 16;
const DEFAULT_SECONDS = 1;
const ROUNDS = 3;
const PAGE = 100;
/** Members that are added by one request. */
const CHUNK = 50;
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const CASES = ['post', 'get', 'eq', 'patch', 'page100', 'member-add'] as const;
type Case = (typeof CASES)[number];

/** A SCIM server that runs in a process of its own. */
interface ScimServer {
  readonly base: string;
  readonly token: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

interface Target {
  readonly name: string;
  /** Where it can not have GROUP members in one group. */
  readonly members?: number;
  readonly start: () => Promise<ScimServer>;
}

const source = join(import.meta.dirname, 'scim-peers');
const installed = join(import.meta.dirname, '../node_modules/.cache/scim-peers');

/** Peers are heavy and for nothing but this: they come from npm when they are asked for, and stay out of the project's own packages. */
const installPeers = (): void => {
  mkdirSync(installed, { recursive: true });
  for (const name of readdirSync(source)) copyFileSync(join(source, name), join(installed, name));
  const { dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).every((name) => existsSync(join(installed, 'node_modules', name)))) return;
  // One of better-auth's packages asks for other versions of its own than it is published with.
  const options = ['--no-package-lock', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...options], { cwd: installed, stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Starts one of scim-peers/, which says where it is in its first line of JSON. */
const startPeer = async (file: string, databaseUrl?: string): Promise<ScimServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const child = spawn(process.execPath, [join(installed, file)], {
    env: { PATH: process.env.PATH, BENCH_FOLDER: folder, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let screen = '';
  let failures = '';
  child.stderr.on('data', (chunk: Buffer) => {
    failures = (failures + chunk.toString()).slice(-2000);
  });
  const { base, token } = await new Promise<{ base: string; token: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      screen = (screen + chunk.toString()).slice(-100_000);
      const line = screen.split('\n').find((each) => each.startsWith('{"base"') && each.endsWith('}'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
    void ended.then(() => reject(new Error(`${file} ended before it was ready:\n${failures}`)));
  });
  return {
    base,
    token,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const peers = (postgres: Postgres | undefined): readonly Target[] => [
  // It refuses more than 1,000.
  { name: 'better-auth', members: 300, start: () => startPeer('better-auth.mjs') },
  { name: 'saml-jackson-memory', start: () => startPeer('saml-jackson.mjs') },
  { name: 'scimmy-memory', start: () => startPeer('scimmy.mjs') },
  { name: 'bare-sqlite', start: () => startPeer('bare.mjs') },
  ...(postgres === undefined
    ? []
    : [
        { name: 'saml-jackson-postgres', start: () => startPeer('saml-jackson.mjs', postgres.url('jackson')) },
        { name: 'bare-postgres', start: () => startPeer('bare.mjs', postgres.url('bare')) },
      ]),
];

/** What a target holds, and the requests of each case. */
const openClient = (server: ScimServer) => {
  const send = keptConnections();
  const ids: string[] = [];
  const added: string[] = [];
  let posted = 0;
  let turn = 0;
  let group = '';
  let joined = 0;

  const ask = async (method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: string }> =>
    send({
      method,
      url: `${server.base}${path}`,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const nameOf = (n: number): string => `user${n}@bench.example`;
  const postUser = async (): Promise<string | undefined> => {
    const n = posted++;
    const { status, body } = await ask('POST', '/Users', {
      schemas: [USER],
      userName: nameOf(n),
      externalId: `ext-${n}`,
      displayName: `User ${n}`,
      name: { givenName: 'User', familyName: `Number ${n}` },
      emails: [{ value: nameOf(n), type: 'work', primary: true }],
      active: true,
    });
    return status === 201 ? JSON.parse(body).id : undefined;
  };
  const addMembers = (members: readonly string[]) =>
    ask('PATCH', `/Groups/${group}`, {
      schemas: [PATCH],
      Operations: [{ op: 'add', path: 'members', value: members.map((value) => ({ value })) }],
    });
  const good = ({ status }: { readonly status: number }): boolean => status === 200 || status === 204;
  const any = (): number => (turn = (turn + 7919) % ids.length);

  return {
    /** So many users, most of them in one group. */
    fill: async (members: number): Promise<void> => {
      const fillOne = async (): Promise<void> => {
        while (posted < SIZE) {
          const id = await postUser();
          if (id === undefined) throw new Error(`a user was refused by ${server.base}`);
          ids.push(id);
        }
      };
      await Promise.all(Array.from({ length: FILLERS }, fillOne));
      const made = await ask('POST', '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'everybody',
        externalId: 'everybody',
        members: [],
      });
      group = JSON.parse(made.body).id;
      for (let from = 0; from < members; from += CHUNK) {
        if (!good(await addMembers(ids.slice(from, Math.min(members, from + 500)))))
          throw new Error(`members were refused by ${server.base}`);
      }
    },
    cases: {
      post: async () => {
        const id = await postUser();
        if (id !== undefined) added.push(id);
        return id !== undefined;
      },
      get: async () => good(await ask('GET', `/Users/${ids[any()]}`)),
      eq: async () => {
        const answer = await ask('GET', `/Users?filter=${encodeURIComponent(`userName eq "${nameOf(any())}"`)}`);
        return good(answer) && answer.body.includes('"totalResults":1');
      },
      patch: async () => {
        const n = any();
        const Operations = [{ op: 'replace', path: 'active', value: n % 2 === 0 }];
        return good(await ask('PATCH', `/Users/${ids[n]}`, { schemas: [PATCH], Operations }));
      },
      page100: async () => good(await ask('GET', `/Users?startIndex=1&count=${PAGE}`)),
      // Users that the case `post` has made, each once, as long as there are any.
      'member-add': async () => good(await addMembers([added[joined++ % added.length] ?? ''])),
    } satisfies Record<Case, () => Promise<boolean>>,
  };
};

const residentMegabytes = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

interface Figure {
  readonly perSecond: number;
  readonly p99: number;
  readonly errors: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const figureOf = (loads: readonly Load[]): Figure => ({
  perSecond: Math.round(median(loads.map(({ completed, wall }) => completed / wall)) * 10) / 10,
  p99: median(loads.map(({ times }) => percentile(times, 0.99))),
  errors: loads.reduce((sum, { errors }) => sum + errors, 0),
});

type Figures = ReadonlyMap<string, Figure>;

/** All targets in turns, so that whatever else the machine does slows each. */
const measure = async (targets: readonly Target[], seconds: number) => {
  const running: { readonly name: string; readonly server: ScimServer; readonly client: ReturnType<typeof openClient> }[] = [];
  try {
    for (const { name, members = GROUP, start } of targets) {
      const server = await start();
      const client = openClient(server);
      running.push({ name, server, client });
      await client.fill(members);
    }
    const figures = new Map<string, Figure>();
    for (const name of CASES) {
      for (const workers of CONCURRENCY) {
        const loads = new Map<string, Load[]>(running.map((each) => [each.name, []]));
        for (let round = 0; round < ROUNDS; round++) {
          for (const { name: target, client } of running) {
            loads.get(target)?.push(await load(() => 0, workers, seconds, client.cases[name]));
          }
        }
        for (const [target, each] of loads) figures.set(`${name}-${target}-c${workers}`, figureOf(each));
      }
    }
    const memory = new Map(running.map(({ name, server }) => [name, residentMegabytes(server.pid)]));
    return { figures: figures as Figures, memory };
  } finally {
    for (const { server } of running) await server.stop();
  }
};

/** Ours, as `npm start` runs it, with an endpoint that is switched on. */
const startOurs = async (postgres?: Postgres): Promise<ScimServer> => {
  const server = await spawnServer({
    LATCHKEY_LOG_LEVEL: 'warn',
    LATCHKEY_REQUESTS_PER_KEY: '1000000',
    ...(postgres === undefined ? {} : { LATCHKEY_DATABASE_URL: postgres.url('latchkey') }),
  });
  const { id, call } = await createOrganization(server, 'bench.example');
  const draft = await call('PUT', '/settings/draft', {
    identityProviders: [
      {
        ...{ kind: 'device', id: 'device', name: 'Devices', status: 'enabled', domains: 'any', autoProvisioning: false },
        scim: { enabled: true, requestsPerSecond: 100_000 },
      },
    ],
    defaultIdp: null,
  });
  await call('POST', '/settings/activate', { comment: 'SCIM' }, { 'if-match': `"${draft.revision}"` });
  const { token } = await call('POST', '/scim/device/tokens', { description: 'bench' });
  return { base: `${server.origin}/scim/${id}/device/v2`, token: String(token), pid: server.pid, stop: server.stop };
};

const DURABLE = ['better-auth', 'saml-jackson-postgres'];

/**
 * Requests a second, by whole answers and by the clock: ours on each engine against the best of the peers whose answers are on disk when they come, then
 * against Fastify with the bare statements.
 */
export const run = async (options: { readonly seconds?: number } = {}): Promise<readonly Row[]> => {
  installPeers();
  const postgres = noPostgres() === undefined ? await startPostgres({ durable: true }) : undefined;
  try {
    for (const name of ['jackson', 'bare', 'latchkey']) await postgres?.createDatabase(name);
    const ours: readonly Target[] = [
      { name: 'sqlite', start: () => startOurs() },
      ...(postgres === undefined ? [] : [{ name: 'postgres', start: () => startOurs(postgres) }]),
    ];
    const targets = [...ours, ...peers(postgres)];
    const { figures, memory } = await measure(targets, options.seconds ?? DEFAULT_SECONDS);
    const figure = (name: string, target: string, workers: number): Figure =>
      figures.get(`${name}-${target}-c${workers}`) ?? { perSecond: 0, p99: Number.NaN, errors: 0 };
    const row = (label: string, mine: Figure, against: number, details: object): Row => ({
      case: label,
      ours: mine.perSecond,
      against,
      ratio: Math.round((mine.perSecond / against) * 100) / 100,
      ...{ p99: mine.p99, errors: mine.errors, details },
    });
    return ours.flatMap(({ name: engine }) =>
      CASES.flatMap((name) =>
        CONCURRENCY.flatMap((workers) => {
          const mine = figure(name, engine, workers);
          const all = targets.map((target) => [target.name, figure(name, target.name, workers)] as const);
          const best = Math.max(...DURABLE.map((peer) => figure(name, peer, workers).perSecond));
          const bare = figure(name, `bare-${engine}`, workers).perSecond;
          const label = `${name}-${engine}-c${workers}`;
          return [
            row(label, mine, best, Object.fromEntries(all)),
            row(`${label}-bare`, mine, bare, { residentMegabytes: Object.fromEntries(memory) }),
          ];
        }),
      ),
    );
  } finally {
    await postgres?.remove();
  }
};
