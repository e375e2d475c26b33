import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import type { TestPostgres } from '../../../../test/kit/postgres-broker.ts';
import { openStorage, type Storage, type StorageOptions } from './open.ts';

export type Engine = 'sqlite' | 'postgres';
const provided = inject('postgres');

/** The engines every contract suite runs on: `describe.each(engines)`. Both, wherever there is a PostgreSQL for tests. */
export const engines: readonly Engine[] = 'socket' in provided ? ['sqlite', 'postgres'] : ['sqlite'];

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The PostgreSQL of this run, started by whoever asks first. */
export const testPostgres = async (): Promise<TestPostgres> => {
  if ('missing' in provided) throw new Error(provided.missing);
  const answer = JSON.parse(await text(connect(provided.socket)));
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
};

let made = 0;
/** A database of its own, with the schema unless `template` says otherwise; its URL. */
export const createTestDatabase = async (template?: string): Promise<string> => {
  const postgres = await testPostgres();
  made += 1;
  const name = `test_${process.pid}_${performance.timeOrigin.toString(36).replace('.', '_')}_${made}`;
  const client = new pg.Client({ connectionString: postgres.adminUrl });
  await client.connect();
  try {
    await client.query(`create database "${name}" owner latchkey template "${template ?? postgres.template}" strategy file_copy`);
  } finally {
    await client.end();
  }
  return postgres.url.replace('DATABASE', name);
};

const urls: Readonly<Record<Engine, () => Promise<string>>> = {
  sqlite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-storage-'));
    cleanups.push(async () => rmSync(folder, { recursive: true }));
    return `sqlite:${join(folder, 'latchkey.db')}`;
  },
  postgres: createTestDatabase,
};

/** A real database, empty, that lives until the test file ends. */
export const openTestStorage = async (engine: Engine, options: Partial<Omit<StorageOptions, 'url'>> = {}): Promise<Storage> => {
  const storage = await openStorage({ url: await urls[engine](), now: Date.now, ...options });
  cleanups.unshift(() => storage.close());
  return storage;
};
