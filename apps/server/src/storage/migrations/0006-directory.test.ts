import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrations } from '../migrate.ts';
import { openPostgres } from '../postgres/open-postgres.ts';
import { openSqlite } from '../sqlite/open-sqlite.ts';
import type { Storage } from '../storage.ts';
import { createTestDatabase, engines } from '../test-engines.ts';

const now = (): number => 1_763_800_000_000;
const before = { now, migrations: migrations.filter(({ name }) => name < '0006') };

/** What a database of the version before may have. */
const rows = [
  `insert into organizations (id, name, state, created_at) values ('org_1', 'acme', 'active', 7)`,
  ...['Émile', 'Zoe', 'ΟΔΟΣ'].map(
    (
      name,
      n,
    ) => `insert into users (id, organization_id, user_name, user_name_key, display_name, state, source, created_at, updated_at)
      values ('usr_${n}00', 'org_1', 'u${n}@acme.com', 'u${n}@acme.com', '${name}', '${n === 1 ? 'disabled' : 'active'}', 'api', 1, 1)`,
  ),
];

const look = async (storage: Storage): Promise<void> => {
  const { read } = storage.organization('org_1');
  const found = async (q: string) => (await read.searchUsers({ q, limit: 9 })).items.map(({ id }) => id);
  expect(await found('éM')).toEqual(['usr_000']);
  expect(await found('zo')).toEqual(['usr_100']);
  expect(await found('οδος')).toEqual(['usr_200']);
  expect(await read.findUser('usr_100')).toMatchObject({ revision: 1, disabledBy: 'api', email: '' });
  expect((await read.groups.search({ limit: 9 })).items).toMatchObject([{ id: 'grp_1', name: 'Service Admin', system: true }]);
  await storage.close();
};

test('names of an older database are found folded, whatever their letters, on SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-migration-'));
  const path = join(folder, 'latchkey.db');
  await (await openSqlite({ path, ...before })).close();
  const database = new DatabaseSync(path);
  for (const row of rows) database.exec(row);
  database.close();
  await look(await openSqlite({ path, now }));
  rmSync(folder, { recursive: true });
});

test.runIf(engines.includes('postgres'))('and on PostgreSQL, whose tables are closed to their owner', async () => {
  const url = await createTestDatabase('template1');
  await (await openPostgres({ url, ...before })).close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set latchkey.server = 'on'`);
  for (const row of rows) await client.query(row);
  await client.end();
  await look(await openPostgres({ url, now }));
});
