import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { newId } from '../../ids.ts';
import { migrations } from '../migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { openStorage } from '../open.ts';
import type { Storage } from '../storage.ts';
import { isUnavailable } from '../storage-error.ts';
import type { OrganizationStore } from '../stores.ts';
import { createTestDatabase, engines, testPostgres } from '../test-engines.ts';
import { openPostgres } from './open-postgres.ts';

const code = (code: string) => expect.objectContaining({ name: 'StorageError', code });
const now = () => 1_800_000_000_000;
const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const open = async (url: string): Promise<Storage> => {
  const storage = await openStorage({ url, now });
  opened.push(storage);
  return storage;
};
/** A connection beside the server's: the user's own, or `as` another one. */
const shell = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  opened.push({ close: () => client.end() });
  return client;
};
const step = (name: string, ...statements: string[]): Migration => ({ name, statements: () => statements });
const two = step('9999-two', 'create table two (a integer, organization_id text)', 'insert into two values (2)');

const organization = async (storage: Storage, name: string): Promise<string> => {
  const id = newId('org', now());
  await storage.organization(id).transaction(async (store) => {
    await store.insertOrganization({ id, name, state: 'active', createdAt: now() });
    await store.insertDomain({ id: newId('dom', now()), name: `${name}.example`, proof: 'granted', createdAt: now() });
    await store.insertVersion({ version: 1, document: {} as never, activatedAt: 1, activatedBy: name, comment: '' });
  });
  return id;
};

/** The database behind a wire that `passes` sees every piece on, and may swallow it. */
const wired = async (passes: (chunk: Buffer, to: 'database' | 'us') => boolean): Promise<string> => {
  const url = new URL(await createTestDatabase());
  const real = url.searchParams.get('host') ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-proxy-'));
  const sockets = new Set<Socket>();
  const proxy = createServer((from) => {
    const to = connect(join(real, '.s.PGSQL.5432'));
    for (const [socket, other, whereTo] of [
      [from, to, 'database'],
      [to, from, 'us'],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (chunk: Buffer) => {
        if (passes(chunk, whereTo)) other.write(chunk);
      });
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  }).listen(join(folder, '.s.PGSQL.5432'));
  opened.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      rmSync(folder, { recursive: true });
    },
  });
  url.searchParams.set('host', folder);
  return url.href;
};

describe.skipIf(!engines.includes('postgres'))('PostgreSQL', () => {
  describe('migrations', () => {
    test('several nodes that start together on an empty database make one schema', async () => {
      const url = await createTestDatabase('template1');
      const nodes = await Promise.all(Array.from({ length: 4 }, () => open(url)));
      await nodes[0]?.serverTransaction((store) => store.saveFact('color', 'red'));
      expect(await nodes[3]?.server.findFact('color')).toBe('red');
    });

    test('a migration that fails leaves nothing; the next start goes on from the last that was applied', async () => {
      const url = await createTestDatabase();
      const broken = step('9999-two', 'create table two (a integer)', 'insert into none values (2)');
      await expect(openPostgres({ url, now, migrations: [...migrations, broken] })).rejects.toThrow(/none/);
      await (await openPostgres({ url, now, migrations: [...migrations, two] })).close();
      const { rows } = await (await shell(url)).query('select name from migrations order by name desc limit 1');
      expect(rows).toEqual([{ name: '9999-two' }]);
    });

    test('a database of a newer version, and one whose migration was changed, are refused', async () => {
      const url = await createTestDatabase();
      await (await openPostgres({ url, now, migrations: [...migrations, two] })).close();
      await expect(openPostgres({ url, now })).rejects.toThrow(/9999-two, unknown here; start the newer version/);
      const changed = step('9999-two', 'create table two (a text)');
      await expect(openPostgres({ url, now, migrations: [...migrations, changed] })).rejects.toEqual(code('migration_changed'));
    });

    test('the database of another program is refused', async () => {
      const url = await createTestDatabase('template1');
      await (await shell(url)).query('create table theirs (a integer)');
      await expect(open(url)).rejects.toEqual(code('database_foreign'));
    });

    test('a URL that leads nowhere says so', async () => {
      await expect(open('postgres://nobody@127.0.0.1:1/none')).rejects.toEqual(code('unavailable'));
    });
  });

  describe('row-level security', () => {
    test('a query that forgets the tenant reads the own organization only, and writes nothing of another', async () => {
      const url = await createTestDatabase();
      const storage = await open(url);
      const [a, b] = [await organization(storage, 'a'), await organization(storage, 'b')];
      const client = await shell(url);
      const as = async (tenant: string, sql: string) => {
        await client.query('begin');
        try {
          await client.query(`set local role "${client.database}_app"`);
          await client.query(`select set_config('latchkey.organization', $1, true)`, [tenant]);
          return await client.query(sql);
        } finally {
          await client.query('rollback');
        }
      };
      expect((await as(a, 'select name from domains')).rows).toEqual([{ name: 'a.example' }]);
      expect((await as(b, 'select id from organizations')).rows).toEqual([{ id: b }]);
      expect((await as(a, `update settings_versions set comment = 'mine now'`)).rowCount).toBe(1);
      expect((await as(a, `delete from domains where organization_id = '${b}'`)).rowCount).toBe(0);
      await expect(as(a, `update domains set organization_id = '${b}'`)).rejects.toThrow(/row-level security/);
      await expect(
        as(a, `insert into used_once (organization_id, kind, value, expires_at) values ('${b}', 'nonce', 'x', 1)`),
      ).rejects.toThrow(/row-level security/);
      // Nobody named: nobody's rows. What belongs to the server is for no organization.
      for (const table of ['domains', 'organizations', 'settings_versions', 'server_facts'])
        expect((await as('', `select * from ${table}`)).rows).toEqual([]);
      expect((await as(a, 'select * from server_facts')).rows).toEqual([]);
      await expect(as(a, 'select * from migrations')).rejects.toThrow(/permission denied/);
      await expect(as(a, 'alter table domains disable row level security')).rejects.toThrow(/must be owner/);
    });

    test('it holds for the owner of the tables too', async () => {
      const url = await createTestDatabase();
      await organization(await open(url), 'a');
      const client = await shell(url);
      for (const table of ['organizations', 'domains', 'audit_events', 'server_facts'])
        expect((await client.query(`select * from ${table}`)).rows).toEqual([]);
    });

    test('every table is closed, those of a later migration too', async () => {
      const url = await createTestDatabase();
      await (await openPostgres({ url, now, migrations: [...migrations, two] })).close();
      const { rows } = await (await shell(url)).query(
        `select relname, relrowsecurity and relforcerowsecurity as closed, (select count(*)::int from pg_policy where polrelid = c.oid) as policies
         from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migrations'`,
      );
      expect(rows.map(({ relname }) => relname)).toContain('two');
      expect(rows.filter(({ closed, policies }) => !closed || policies !== 1)).toEqual([]);
    });

    test('a pooled connection keeps neither role nor tenant, whether the transaction ended well or not', async () => {
      const url = await createTestDatabase();
      const storage = await openPostgres({ url, now, connections: 1 });
      opened.push(storage);
      const [a, b] = [await organization(storage, 'a'), await organization(storage, 'b')];
      const failing = storage.organization(a).transaction(async (store) => {
        await store.removeDomain('a.example');
        throw new RangeError('no');
      });
      await expect(failing).rejects.toThrow('no');
      const names = async (id: string) => (await storage.organization(id).read.listDomains()).map(({ name }) => name);
      expect([await names(b), await names(a), await names(''), await names(`${a}' or true --`)]).toEqual([
        ['b.example'],
        ['a.example'],
        [],
        [],
      ]);
      expect(await names('a\0b').catch((error: unknown) => error)).toEqual(code('value_invalid'));
      expect(await storage.server.findDomain('b.example')).toMatchObject({ organizationId: b });
    });

    test('a superuser who connects works as the role that owns nothing', async () => {
      const url = await createTestDatabase();
      const { adminUrl } = await testPostgres();
      const asSuperuser = adminUrl.replace('/postgres?', `/${new URL(url).pathname.slice(1)}?`);
      const storage = await open(asSuperuser);
      const [a] = [await organization(storage, 'a'), await organization(storage, 'b')];
      // Asks without a tenant of its own: the wall answers.
      expect((await storage.organization(a).read.listDomains()).map(({ name }) => name)).toEqual(['a.example']);
    });
  });

  describe('transactions', () => {
    test('count, then insert: of 8 that find 15 tokens one makes the 16th, on two nodes', async () => {
      const url = await createTestDatabase();
      const nodes = [await open(url), await open(url)];
      const [first] = nodes;
      if (first === undefined) throw new TypeError('no node');
      const id = await organization(first, 'a');
      const token = (number: number) => ({
        id: newId('tok', now()),
        organizationId: id,
        description: '',
        lookup: `lookup${number}`,
        hash: '',
        hint: '',
        domains: [],
        enrollment: 'automatic' as const,
        maxEnrollments: null,
        enrollments: 0,
        createdAt: 1,
        createdBy: '',
        expiresAt: now() + 1,
        revokedAt: null,
        lastUsedAt: null,
      });
      const create = (storage: Storage, number: number) =>
        storage.organization(id).transaction(async (store) => {
          if ((await store.countLiveDeviceTokens(now())) >= 16) return false;
          await store.insertDeviceToken(token(number) as never); // whatever a later version adds is not looked at
          return true;
        });
      for (let number = 0; number < 15; number += 1) await create(first, number);
      const made = await Promise.all(Array.from({ length: 8 }, (_, number) => create(nodes[number % 2] ?? first, 100 + number)));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await first.organization(id).read.countLiveDeviceTokens(now())).toBe(16);
    });

    test('two organizations that prove one domain at the same moment: one has it', async () => {
      const url = await createTestDatabase();
      const [one, other] = [await open(url), await open(url)];
      const [a, b] = [await organization(one, 'a'), await organization(one, 'b')];
      const prove = (storage: Storage, id: string) =>
        storage
          .organization(id)
          .transaction((store) =>
            store.insertDomain({ id: newId('dom', now()), name: 'one.example', proof: 'dns', createdAt: 1 }),
          );
      const proved = await Promise.all([prove(one, a), prove(other, b), prove(one, b), prove(other, a)]);
      expect(proved.filter(Boolean)).toHaveLength(1);
    });

    test('a nonce shown to two nodes at once is taken by one', async () => {
      const url = await createTestDatabase();
      const nodes = [await open(url), await open(url)];
      for (let round = 0; round < 10; round += 1) {
        const taken = await Promise.all(
          nodes.map((node) => node.organization('org_1').transaction((store) => store.useOnce('nonce', `n${round}`, 1))),
        );
        expect(taken.filter(Boolean)).toHaveLength(1);
      }
    });

    test('an integer over 2^53 in the database is an error, never another number', async () => {
      const url = await createTestDatabase();
      const storage = await open(url);
      const id = await organization(storage, 'a');
      const client = await shell(url);
      await client.query(`select set_config('latchkey.server', 'on', false)`);
      await client.query(`update organizations set created_at = 9007199254740993`);
      await expect(storage.organization(id).read.readOrganization()).rejects.toEqual(code('value_invalid'));
      expect(await storage.server.findFact('color')).toBeUndefined();
    });

    test('text is in the order of bytes, whatever the order of the database', async () => {
      const url = await createTestDatabase();
      const storage = await open(url);
      const id = await organization(storage, 'a');
      const names = ['Z.example', 'a.b.example', 'a-b.example', 'ab.example', 'é.example'];
      await storage.organization(id).transaction(async (store) => {
        for (const name of names) await store.insertDomain({ id: newId('dom', now()), name, proof: 'granted', createdAt: 1 });
      });
      const listed = (await storage.organization(id).read.listDomains()).map(({ name }) => name);
      expect(listed).toEqual([...names, 'a.example'].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });
  });

  test('a newer node changes the schema: what this one had prepared is prepared anew', async () => {
    const url = await createTestDatabase();
    const storage = await open(url);
    const id = await organization(storage, 'a');
    const read = storage.organization(id).read;
    const names = async () => (await read.listDomains()).map(({ name }) => name);
    await Promise.all(Array.from({ length: 20 }, names));
    await (await shell(url)).query('alter table domains add column later text');
    expect(await Promise.all(Array.from({ length: 20 }, names))).toEqual(Array.from({ length: 20 }, () => ['a.example']));
    await (await shell(url)).query('alter table domains add column later_still text');
    const inTransaction = () => storage.organization(id).transaction(async (store) => (await store.listDomains()).length);
    expect(await Promise.all(Array.from({ length: 20 }, inTransaction))).toEqual(Array.from({ length: 20 }, () => 1));
  });

  test('every connection is cut: what was open fails as unavailable or is done, and the next is answered', async () => {
    const url = await createTestDatabase();
    const storage = await open(url);
    await storage.serverTransaction((store) => store.saveFact('color', 'red'));
    const admin = await shell((await testPostgres()).adminUrl);
    const cut = () =>
      admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [new URL(url).pathname.slice(1)]);
    const open1 = storage.serverTransaction(async (store) => {
      await store.saveFact('color', 'blue');
      await cut();
      await store.saveFact('shape', 'round');
    });
    await expect(open1).rejects.toEqual(code('unavailable'));
    await expect.poll(() => storage.server.findFact('color').catch(() => 'not yet')).toBe('red');
    await storage.check();
  });

  test('the network swallows everything: callers hear so in seconds, and are answered when it is back', async () => {
    let cut = false;
    const storage = await open(await wired(() => !cut));
    await storage.serverTransaction((store) => store.saveFact('color', 'red'));
    cut = true;
    const calls = [
      storage.server.findFact('color'),
      storage.serverTransaction((store) => store.saveFact('color', 'blue')),
      storage.check(),
    ];
    for (const { status, reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(isUnavailable(reason)).toBe(true);
    }
    cut = false;
    // What was swallowed is never delivered: those connections are given up.
    expect(await storage.server.findFact('color')).toBe('red');
  });

  test('what is asked in one go is one round trip, and what nobody hears of goes with the commit', async () => {
    const sync = Buffer.from([0x53, 0, 0, 0, 4]); // https://www.postgresql.org/docs/current/protocol-message-formats.html
    let trips = 0;
    const storage = await open(
      await wired((chunk, to) => {
        if (to === 'database' && chunk.subarray(-sync.length).equals(sync)) trips += 1;
        return true;
      }),
    );
    const id = await organization(storage, 'a');
    const event = {
      actor: '',
      action: 'sign_in.asserted',
      outcome: 'success',
      reason: '',
      subject: '',
      remoteAddress: '',
    } as const;
    const tripsOf = async (work: () => Promise<unknown>): Promise<number> => {
      trips = 0;
      await work();
      return trips;
    };
    const audited = (store: OrganizationStore) => store.appendAuditEvent({ ...event, correlationId: '', details: {} });
    const { read, transaction } = storage.organization(id);
    expect(await tripsOf(() => read.listDomains())).toBe(1);
    expect(await tripsOf(() => transaction(audited))).toBe(1);
    const signIn = async (store: OrganizationStore) => {
      await Promise.all([store.useOnce('nonce', 'a', 1), store.findDevice('dev_1'), store.findDeviceUser('dev_1')]);
      await audited(store);
    };
    expect(await tripsOf(() => transaction(signIn))).toBe(2);
    expect(await tripsOf(() => transaction(async () => {}))).toBe(0);
    expect((await read.searchAuditEvents({ order: 'oldest', limit: 10 })).items).toHaveLength(2);
  });
});
