/** The SCIM plugin of Better Auth on node:sqlite, durable as ours is (WAL, synchronous=FULL). BENCH_FOLDER: where its database goes. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { scim } from '@better-auth/scim';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { listen } from './listen.mjs';

const TOKEN = 'bench-token-of-32-characters-0123456789';
const database = new DatabaseSync(join(process.env.BENCH_FOLDER, 'better-auth.db'));
database.exec('pragma journal_mode = wal; pragma synchronous = full');
const options = {
  baseURL: 'http://127.0.0.1',
  secret: 'a secret that is long enough for better-auth 0123456789',
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { level: 'error' },
  plugins: [scim({ connections: [{ id: 'bench', credentials: [{ type: 'bearer', id: 'bench', token: TOKEN }] }] })],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const handler = toNodeHandler(betterAuth(options));
listen(createServer(handler), (origin) => ({ base: `${origin}/api/auth/scim/v2`, token: TOKEN }));
