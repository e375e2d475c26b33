import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import pg from 'pg';
import { applyImport, cancelImport } from '../apps/server/src/directory/decide-import.ts';
import { runImports } from '../apps/server/src/directory/run-imports.ts';
import { uploadImport } from '../apps/server/src/directory/upload-import.ts';
import type { Found, Total } from '../apps/server/src/found.ts';
import { newId } from '../apps/server/src/ids.ts';
import { openStorage, type Storage } from '../apps/server/src/storage/open.ts';
import { isSampled } from '../apps/server/src/storage/search.ts';
import { defaultLimits } from '../core/directory/src/index.ts';
import { noPostgres, startPostgres } from '../test/kit/postgres.ts';
import type { Row } from './measure.ts';

export const title = 'milliseconds at the 99th percentile against what they may be';

const DEFAULT_USERS = 50_000;
const ORGANIZATION = 'org_bench';
const FIRST_PAGE = 100;
const FILTER = 200;
/** Design §4: no request holds the event loop for longer. */
const LOOP = 50;
/** For one line of an import, from its upload to its end; and for another's write meanwhile. */
const LINE = 1;
const WRITE = 50;
const RUNS = 100;
const NOW = 1_763_800_000_000;
const PAGE = { limit: 50 };

type Value = string | number | null;
type Seed = (table: string, columns: readonly string[], count: number, row: (n: number) => readonly Value[]) => Promise<void>;

const firstNames =
  'anna ben carla david emil fatima greta hugo ines jonas klara leo mona nils olga paul rosa sami tina uwe'.split(' ');
const lastNames =
  'adler berg conrad dietz engel fuchs graf huber iversen jung keller lang moser noll otto pohl roth sauer thal vogt'.split(' ');
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T; // the lists are not empty
/** Well spread, and the same in every run. */
const spread = (n: number): number => {
  // As MurmurHash3 finishes: every bit of the number changes every bit of it.
  const once = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
};
const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0').slice(-digits);
const at = (n: number): number => NOW - 90 * 86_400_000 + n * 5000;
const idOf = (prefix: string, n: number): string => `${prefix}_${hex(at(n), 12)}7000${hex(spread(n), 8)}${hex(spread(n + 7), 8)}`;
const nameOf = (n: number): string => `${pick(firstNames, spread(n) >>> 3)}.${pick(lastNames, spread(n) >>> 11)}${n}`;
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const DEPARTMENTS = 1000;
/** One user in ten is in the large group. */
const LARGE = 10;

/** A company of so many users, with a device for one in ten and an event for each. */
const fill = async (seed: Seed, users: number): Promise<void> => {
  await seed('organizations', ['id', 'name', 'state', 'created_at'], 1, () => [ORGANIZATION, 'bench', 'active', NOW]);
  const setColumns = 'id organization_id name name_key comments source system revision created_at updated_at sampled'.split(' ');
  const set = (prefix: string) => (n: number) => {
    const id = idOf(prefix, n);
    return [id, ORGANIZATION, `${prefix} ${n}`, `${prefix} ${n}`, '', 'api', 0, 1, NOW, NOW, isSampled(id)];
  };
  await seed('departments', setColumns, DEPARTMENTS, set('dep'));
  await seed('user_groups', setColumns, DEPARTMENTS, set('grp'));
  await seed(
    'users',
    'id organization_id user_name user_name_key display_name display_name_key email department_id comments state source revision created_at updated_at sampled'.split(
      ' ',
    ),
    users,
    (n) => {
      const id = idOf('usr', n);
      const userName = `${nameOf(n)}@acme.com`;
      const displayName = `${capital(pick(lastNames, spread(n) >>> 11))}, ${capital(pick(firstNames, spread(n) >>> 3))} ${n}`;
      const state = n % 100 === 0 ? 'disabled' : 'active';
      const source = n % 3 === 0 ? 'scim:entra' : n % 3 === 1 ? 'jit:device' : 'api';
      const department = idOf('dep', n % DEPARTMENTS);
      const times = [at(n), at(n), isSampled(id)];
      return [
        id,
        ORGANIZATION,
        userName,
        userName,
        displayName,
        displayName.toLowerCase(),
        userName,
        department,
        '',
        state,
        source,
        1,
        ...times,
      ];
    },
  );
  await seed(
    'group_members',
    ['organization_id', 'group_id', 'user_id', 'user_name_key', 'sampled'],
    Math.floor(users / LARGE),
    (n) => {
      const id = idOf('usr', n * LARGE);
      return [ORGANIZATION, idOf('grp', 0), id, `${nameOf(n * LARGE)}@acme.com`, isSampled(id)];
    },
  );
  await seed(
    'devices',
    'id organization_id jkt public_key user_name user_name_key user_id state state_reason evidence token_id parameters host_name machine_id serial external_device_id counter join_id previous_join_id bad_proofs bad_proofs_since remote_address created_at updated_at last_seen_at host_name_key serial_key sampled'.split(
      ' ',
    ),
    Math.floor(users / 10),
    (n) => {
      const id = idOf('dev', n);
      const user = `${nameOf(n * 10)}@acme.com`;
      const host = `LAPTOP-${hex(spread(n), 6).toUpperCase()}`;
      const serial = `SN${hex(spread(n + 3), 8).toUpperCase()}`;
      const parameters = JSON.stringify({ hostName: host, serial, osName: 'Windows 11' });
      const state = n % 50 === 0 ? 'pending' : n % 50 === 1 ? 'quarantined' : 'registered';
      const machine = [parameters, host, `machine-${n}`, serial, ''];
      const join = [n % 40, 'join', 'before', 0, 0, '192.0.2.7', at(n), at(n), at(n)];
      const keys = [host.toLowerCase(), serial.toLowerCase(), isSampled(id)];
      return [
        id,
        ORGANIZATION,
        `jkt-${n}`,
        '{}',
        user,
        user,
        idOf('usr', n * 10),
        state,
        '',
        'E1',
        'tok_1',
        ...machine,
        ...join,
        ...keys,
      ];
    },
  );
  const actions = ['sign_in.accepted', 'device.seen', 'sign_in.refused', 'user.changed'];
  await seed(
    'audit_events',
    'id organization_id at actor action outcome reason subject remote_address correlation_id details sampled'.split(' '),
    users,
    (n) => {
      const id = idOf('evt', n);
      const action = n % 997 === 0 ? 'settings.activated' : pick(actions, spread(n) >>> 5);
      const refused = action === 'sign_in.refused';
      const who = spread(n) % users;
      const outcome = [refused ? 'refused' : 'success', refused ? 'user_unknown' : ''];
      const rest = [`user:${idOf('usr', who)}`, '192.0.2.7', idOf('cor', n), '{"userName":"somebody@acme.com"}', isSampled(id)];
      return [id, ORGANIZATION, at(n), `device:${idOf('dev', who % Math.ceil(users / 10))}`, action, ...outcome, ...rest];
    },
  );
};

const sqliteSeed =
  (database: DatabaseSync): Seed =>
  async (table, columns, count, row) => {
    const insert = database.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`);
    database.exec('begin');
    for (let n = 0; n < count; n++) insert.run(...row(n));
    database.exec('commit');
  };

const postgresSeed =
  (client: pg.Client): Seed =>
  async (table, columns, count, row) => {
    const size = 5000;
    for (let from = 0; from < count; from += size) {
      const rows = Array.from({ length: Math.min(size, count - from) }, (_, n) => {
        const values = row(from + n);
        return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
      });
      const names = columns.join(', ');
      await client.query(`insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, $1)`, [
        JSON.stringify(rows),
      ]);
    }
    // As autovacuum does by itself, a little later.
    await client.query(`vacuum analyze ${table}`);
  };

const percentile = (times: readonly number[]): number =>
  Math.round((times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0) * 10) / 10;

/** Watches the event loop until it is asked for how long nothing else came to its turn, in milliseconds. */
const watchLoop = (): (() => Promise<number>) => {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    // Less the millisecond that the timer waits by itself.
    longest = Math.max(longest, now - last - 1);
    last = now;
  };
  const timer = setInterval(look, 1);
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    clearInterval(timer);
    return longest;
  };
};

const rowOf = (name: string, ours: number, against: number): Row => ({
  case: name,
  ours,
  against,
  ratio: against === 0 ? ours : Math.round((ours / against) * 1000) / 1000,
});

interface Case {
  readonly name: string;
  readonly most: number;
  /** What a request for a page does: search and count, at once. */
  readonly ask: (n: number) => Promise<readonly [Found<unknown> | { readonly items: readonly unknown[] }, Total]>;
}

const casesOf = (storage: Storage, users: number): readonly Case[] => {
  const { read } = storage.organization(ORGANIZATION);
  const found = (name: string, most: number, filter: (n: number) => Parameters<typeof read.totalUsers>[0]): Case => ({
    name: `users: ${name}`,
    most,
    ask: (n) => Promise.all([read.searchUsers({ ...filter(n), ...PAGE }), read.totalUsers(filter(n))]),
  });
  const devices = (name: string, most: number, filter: (n: number) => Parameters<typeof read.totalDevices>[0]): Case => ({
    name: `devices: ${name}`,
    most,
    ask: (n) => Promise.all([read.searchDevices({ ...filter(n), ...PAGE }), read.totalDevices(filter(n))]),
  });
  const events = (name: string, most: number, filter: (n: number) => Parameters<typeof read.totalAuditEvents>[0]): Case => ({
    name: `audit: ${name}`,
    most,
    ask: (n) =>
      Promise.all([read.searchAuditEvents({ ...filter(n), order: 'newest', ...PAGE }), read.totalAuditEvents(filter(n))]),
  });
  const some = (n: number): number => spread(n) % users;
  const deep = (n: number) => ({ after: { range: 0, key: [`${nameOf(some(n))}@acme.com`] } });
  return [
    found('first page', FIRST_PAGE, () => ({})),
    {
      name: 'users: some page',
      most: FILTER,
      ask: (n) => Promise.all([read.searchUsers({ ...deep(n), ...PAGE }), read.totalUsers({})]),
    },
    found('one letter', FILTER, (n) => ({ q: pick(firstNames, n).slice(0, 1) })),
    found('user name', FILTER, (n) => ({ q: nameOf(some(n)).slice(0, 9) })),
    found('display name', FILTER, (n) => ({ q: `${pick(lastNames, n)}, ${pick(firstNames, n)}` })),
    found('state', FILTER, () => ({ state: 'disabled' })),
    found('department', FILTER, (n) => ({ departmentId: idOf('dep', n % DEPARTMENTS) })),
    found('group of one in ten', FILTER, () => ({ groupId: idOf('grp', 0) })),
    found('source', FILTER, () => ({ source: 'scim:entra' })),
    found('state and source', FILTER, () => ({ state: 'disabled', source: 'api' })),
    found('letter, group, source', FILTER, (n) => ({
      q: pick(firstNames, n).slice(0, 1),
      groupId: idOf('grp', 0),
      source: 'api',
    })),
    devices('first page', FIRST_PAGE, () => ({})),
    devices('host name', FILTER, (n) => ({ q: `laptop-${hex(spread(n), 2)}` })),
    devices('serial number', FILTER, (n) => ({ q: `SN${hex(spread(n), 3)}` })),
    devices('user name', FILTER, (n) => ({ q: nameOf(some(n)).slice(0, 9) })),
    devices('state', FILTER, () => ({ state: 'pending' })),
    events('first page', FIRST_PAGE, () => ({})),
    events('a day', FILTER, (n) => ({ from: NOW - (90 - (n % 50)) * 86_400_000, until: NOW - (89 - (n % 50)) * 86_400_000 })),
    events('actor', FILTER, (n) => ({ actor: `device:${idOf('dev', some(n) % Math.ceil(users / 10))}` })),
    events('action', FILTER, () => ({ action: 'settings.activated' })),
    events('subject', FILTER, (n) => ({ subject: `user:${idOf('usr', some(n))}` })),
    events('action and outcome', FILTER, () => ({ action: 'sign_in.refused', outcome: 'refused' })),
  ];
};

const measure = async (engine: string, storage: Storage, users: number): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const holds: number[] = [];
  for (const { name, most, ask } of casesOf(storage, users)) {
    for (let n = 0; n < 5; n++) await ask(n);
    const times: number[] = [];
    let found = 0;
    for (let n = 0; n < RUNS; n++) {
      const longestHold = watchLoop();
      const from = performance.now();
      const [{ items }] = await ask(n + 5);
      times.push(performance.now() - from);
      holds.push(await longestHold());
      found += items.length;
    }
    if (found === 0) throw new Error(`${name} has found nothing`);
    rows.push(rowOf(`${engine} ${name}`, percentile(times), most));
  }
  rows.push(rowOf(`${engine} longest hold of the event loop by a list`, percentile(holds), LOOP));
  return [...rows, ...(await measureMembers(engine, storage)), ...(await measureImport(engine, storage, Math.floor(users / 10)))];
};

/** What a new member costs in a large group, against a small one. */
const measureMembers = async (engine: string, storage: Storage): Promise<readonly Row[]> => {
  const times: Record<'large' | 'small', number[]> = { large: [], small: [] };
  for (let n = 0; n < RUNS * 2; n++) {
    const size = n % 2 === 0 ? 'large' : 'small';
    const member = { id: idOf('usr', n * LARGE + 1), userNameKey: nameOf(n * LARGE + 1) };
    const from = performance.now();
    await storage
      .organization(ORGANIZATION)
      .transaction((store) => store.joinGroups(member, [idOf('grp', size === 'large' ? 0 : 1)]));
    times[size].push(performance.now() - from);
  }
  const middle = (list: readonly number[]): number =>
    Math.round((list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0) * 100) / 100;
  return [
    rowOf(`${engine} groups: a member for a large one (median) against a small one`, middle(times.large), middle(times.small)),
  ];
};

/**
 * Imports so many users from CSV, cancelled half-way first, while somebody else writes all the time, as sign-ins do. Throws if anything is
 * left of what was cancelled, or missing of what was applied.
 */
const measureImport = async (engine: string, storage: Storage, count: number): Promise<readonly Row[]> => {
  const act = { actor: 'bench', remoteAddress: '', correlationId: 'cor_bench' };
  const needs = { storage, limits: defaultLimits, newId, randomId: () => newId('node'), now: Date.now };
  const organization = storage.organization(ORGANIZATION);
  const where = { organizationId: ORGANIZATION };
  await organization.transaction((store) =>
    store.insertDomain({ id: 'dom_bench', name: 'import.example', proof: 'granted', createdAt: NOW }),
  );
  function* file(): Generator<Buffer> {
    yield Buffer.from('userName,displayName,department,groups\n');
    for (let n = 0; n < count; n++) yield Buffer.from(`${nameOf(n)}@import.example,User ${n},Imported ${n % 50},Imported\n`);
  }
  const seen = async (): Promise<number> => (await organization.read.totalUsers({ source: 'csv' })).total;
  const applying = async (): Promise<string> => {
    const body = Readable.from(file());
    const { id } = await uploadImport(needs, act, { ...where, fileName: 'bench.csv', existing: 'error', body });
    await runImports(needs);
    await applyImport(needs, act, { ...where, importId: id, skipErrors: false });
    return id;
  };
  const must = (condition: boolean, what: string): void => {
    if (!condition) throw new Error(what);
  };

  const half = await applying();
  let isHalf = false;
  const watching = (async () => {
    while (((await organization.read.findImport(half))?.done ?? 0) < count / 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    isHalf = true;
  })();
  await runImports(needs, () => isHalf);
  await watching;
  const progress = await organization.read.findImport(half);
  must(progress?.state === 'preparing', `half-way it is ${progress?.state}, line ${progress?.done}`);
  must((await seen()) === 0, 'something is seen before it is decided');
  await cancelImport(needs, act, { ...where, importId: half });
  await runImports(needs);
  must((await organization.read.findImport(half))?.state === 'cancelled', 'it is not cancelled');
  const names = Array.from({ length: count }, (_, n) => `${nameOf(n)}@import.example`);
  const left =
    (await organization.read.findPresent(names)).length +
    (await organization.read.listLines(half, { after: 0, limit: 9 })).length;
  must(left === 0, `a cancelled import has left ${left}`);

  const write = async (): Promise<number> => {
    const from = performance.now();
    await organization.transaction((store) =>
      store.appendAuditEvent({ ...act, action: 'bench', outcome: 'success', reason: '', subject: 'bench', details: {} }),
    );
    const time = performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return time;
  };
  const alone: number[] = [];
  for (let n = 0; n < RUNS * 3; n++) alone.push(await write());
  const times: number[] = [];
  let ended = false;
  const others = async (): Promise<void> => {
    while (!ended) times.push(await write());
  };
  const started = performance.now();
  const meanwhile = others();
  const whole = await applying();
  await runImports(needs);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  ended = true;
  await meanwhile;
  const job = await organization.read.findImport(whole);
  must(job?.state === 'applied' && job.counts.add === count && job.counts.skipped === 0, `the import is ${JSON.stringify(job)}`);
  return [
    rowOf(`${engine} import: milliseconds a line (${count} in ${seconds} s)`, Math.round((seconds * 1e5) / count) / 100, LINE),
    rowOf(`${engine} import: what another's write takes meanwhile`, percentile(times), WRITE),
    rowOf(`${engine} import: what it takes alone`, percentile(alone), WRITE),
    rowOf(`${engine} import: left of one that was cancelled at line ${progress?.done}`, left, 0),
  ];
};

const onSqlite = async (users: number): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const file = join(folder, 'latchkey.db');
  const url = `sqlite:${file}`;
  try {
    await (await openStorage({ url, now: () => NOW })).close();
    const database = new DatabaseSync(file);
    database.exec('pragma synchronous=off; pragma cache_size=-400000');
    await fill(sqliteSeed(database), users);
    database.close();
    const storage = await openStorage({ url, now: () => NOW });
    try {
      return await measure('sqlite', storage, users);
    } finally {
      await storage.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const onPostgres = async (users: number): Promise<readonly Row[]> => {
  const postgres = await startPostgres({ durable: true });
  try {
    await postgres.createDatabase('latchkey');
    const url = postgres.url('latchkey');
    const storage = await openStorage({ url, now: () => NOW });
    try {
      const client = new pg.Client({ connectionString: postgres.adminUrl('latchkey') });
      await client.connect();
      await client.query('set synchronous_commit = off');
      await fill(postgresSeed(client), users);
      await client.end();
      return await measure('postgres', storage, users);
    } finally {
      await storage.close();
    }
  } finally {
    await postgres.remove();
  }
};

/** Lists, searches, counts, memberships and an import (a line for ten users) of a company with so many users (`--users`, 50,000 unless said), on both engines. */
export const run = async (options: { readonly users?: number } = {}): Promise<readonly Row[]> => {
  const users = options.users ?? DEFAULT_USERS;
  const rows = await onSqlite(users);
  return noPostgres() === undefined ? [...rows, ...(await onPostgres(users))] : rows;
};
