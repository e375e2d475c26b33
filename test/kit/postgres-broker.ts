import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openPostgres } from '../../apps/server/src/storage/postgres/open-postgres.ts';
import { noPostgres, type Postgres, startPostgres } from './postgres.ts';

/** What a test file is told: where to make databases, and the one to copy, which has the schema. */
export interface TestPostgres {
  readonly url: string;
  readonly adminUrl: string;
  readonly template: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a socket that answers with a `TestPostgres`; or why there is none. */
    readonly postgres: { readonly socket: string } | { readonly missing: string };
  }
}

const TEMPLATE = 'latchkey_template';

const prepare = async (): Promise<Postgres> => {
  const postgres = await startPostgres();
  await postgres.createDatabase(TEMPLATE);
  await (await openPostgres({ url: postgres.url(TEMPLATE), now: Date.now })).close();
  return postgres;
};

/** One PostgreSQL for a whole run of the tests, started when the first test asks for it. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const missing = noPostgres();
  if (missing !== undefined) {
    process.stderr.write(`\n  NOT TESTED: the PostgreSQL engine. ${missing}.\n\n`);
    project.provide('postgres', { missing });
    return async () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-broker-'));
  let started: Promise<Postgres> | undefined;
  const broker = createServer((socket) => {
    started ??= prepare();
    started.then(
      (postgres) => {
        const answer: TestPostgres = {
          url: postgres.url('DATABASE'),
          adminUrl: postgres.adminUrl('postgres'),
          template: TEMPLATE,
        };
        socket.end(JSON.stringify(answer));
      },
      (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
    );
    socket.on('error', () => {});
  });
  const path = join(folder, 'socket');
  await new Promise<void>((resolve) => broker.listen(path, resolve));
  project.provide('postgres', { socket: path });
  return async () => {
    broker.close();
    await (await started?.catch(() => undefined))?.remove();
    rmSync(folder, { recursive: true, force: true });
  };
};
