import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createOrganization, type SpawnedServer, spawnServer, type TestOrganization } from '../../../test/kit/spawn-server.ts';

// Each step is a process of its own, on whatever machine this is.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bin = fileURLToPath(new URL('../bin/latchkey.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-operations-'));
let server: SpawnedServer;
let organization: TestOrganization;

interface Run {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

const run = (key: string, ...args: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { env: { PATH: process.env.PATH, HOME: folder, LATCHKEY_URL: server.origin, LATCHKEY_API_KEY: key } },
      (error, out, err) => resolve({ exitCode: error === null ? 0 : Number(error.code), out, err }),
    );
  });
const json = async (...args: readonly string[]) => {
  const { exitCode, out, err } = await run(organization.key, '-o', 'json', ...args);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  return JSON.parse(out);
};

beforeAll(async () => {
  server = await spawnServer({ LATCHKEY_LOG_LEVEL: 'error', LATCHKEY_WEBHOOK_NETWORKS: '127.0.0.0/8' });
  organization = await createOrganization(server, 'acme.example');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('a device token for some platforms and networks, and its successor', async () => {
  const create = ['device-token', 'create', '--enrollment', 'automatic', '--description', 'Fleet'];
  const made = await json(...create, '--platforms', 'linux,windows', '--networks', '192.0.2.7, 2001:DB8::/32');
  expect(made).toMatchObject({ platforms: ['linux', 'windows'], networks: ['192.0.2.7/32', '2001:db8::/32'] });
  expect((await run(organization.key, ...create, '--networks', 'everywhere')).err).toContain('"everywhere" is not a network.');
  const rotated = await run(organization.key, 'device-token', 'rotate', made.id, '--overlap', '1d');
  expect(rotated.out).toMatch(/Device token: +lkd_/);
  expect(rotated.out).toMatch(/The old one: +….{4}, good until /);
  const again = await run(organization.key, 'device-token', 'rotate', made.id);
  expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining('has a successor already') });
});

test('a key that may do one thing only', async () => {
  const made = await json('api-key', 'create', '--description', 'Inventory', '--scopes', 'devices:read');
  expect(made.scopes).toEqual(['devices:read']);
  expect((await run(made.key, 'device', 'list')).exitCode).toBe(0);
  expect(await run(made.key, 'user', 'list')).toMatchObject({ exitCode: 1, err: expect.stringContaining('directory:read') });
});

test('a webhook is set, tested, shown and removed', async () => {
  const receiver = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`; // it listens on a port
  expect((await run(organization.key, 'webhook', 'set', url)).out).toMatch(/Secret: +whsec_/);
  expect((await run(organization.key, 'webhook', 'show')).out).toContain(url);
  expect(await run(organization.key, 'webhook', 'test')).toMatchObject({ exitCode: 0, out: 'The receiver has taken it.\n' });
  receiver.close();
  expect(await run(organization.key, 'webhook', 'test')).toMatchObject({
    exitCode: 1,
    out: expect.stringContaining('No answer'),
  });
  expect((await run(organization.key, 'webhook', 'remove')).exitCode).toBe(0);
  expect(await run(organization.key, 'webhook', 'test')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('no webhook'),
  });
});

test('a backup is taken with a key that can do nothing else, and only by operators', async () => {
  const { key } = JSON.parse(
    (
      await run(
        server.operatorKey,
        '-o',
        'json',
        'api-key',
        'create',
        '--operator',
        '--description',
        'Nightly',
        '--scopes',
        'backup:read',
      )
    ).out,
  );
  const target = join(folder, 'backup');
  const done = await run(key, 'backup', target);
  expect(done).toMatchObject({ exitCode: 0, out: expect.stringContaining('Backed up') });
  expect(done.err).toContain('keep a copy elsewhere');
  expect(readdirSync(target).sort()).toEqual(['backup.json', 'database.sealed']);
  expect(statSync(join(target, 'database.sealed')).mode & 0o777).toBe(0o600);
  expect(await run(key, 'backup', target)).toMatchObject({ exitCode: 2, err: expect.stringContaining('is not empty') });
  expect(await run(key, 'org', 'create', 'mine')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('organization:write'),
  });
  const refused = await run(organization.key, 'backup', join(folder, 'other'));
  expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('Only an operator') });
  expect(existsSync(join(folder, 'other'))).toBe(false);
});

test('how long things are kept is shown and changed, each part alone', async () => {
  expect(await json('retention', 'show')).toMatchObject({ auditDays: 400, signInDetailsDays: 90, removedDays: 400 });
  const set = await run(organization.key, 'retention', 'set', '--sign-in-details-days', '30');
  expect(set.out).toMatch(/Audit events: +400 days[\s\S]*Sign-in details: +30 days[\s\S]*Changed: .* by api-key:/);
  expect(await json('retention', 'set', '--audit-days', '60')).toMatchObject({ auditDays: 60, signInDetailsDays: 30 });
  const wrong = await run(organization.key, 'retention', 'set', '--audit-days', '29');
  expect(wrong).toMatchObject({ exitCode: 1, err: expect.stringContaining('auditDays') });
  expect(await run(organization.key, 'retention', 'set')).toMatchObject({ exitCode: 2 });
});
