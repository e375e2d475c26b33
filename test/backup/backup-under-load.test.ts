import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createDevice, fetching, type SimulatedDevice } from '../kit/device.ts';
import { callApi, createOrganization, launchServer, setUp } from '../kit/spawn-server.ts';

const programs = {
  cli: fileURLToPath(new URL('../../apps/cli/bin/latchkey.mjs', import.meta.url)),
  server: fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url)),
};
const settings = {
  LATCHKEY_LOG_LEVEL: 'error',
  LATCHKEY_SIGN_INS_PER_DEVICE: '1000000',
  LATCHKEY_SIGN_INS_PER_USER: '1000000',
  LATCHKEY_FAILURES_PER_ADDRESS: '1000000',
};
const folder = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program to its end. */
const run = (program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, ...args],
      { env: { PATH: process.env.PATH, HOME: folder, ...environment } },
      (error, out, err) => (error === null ? resolve(out) : reject(new Error(`${program} ${args.join(' ')}:\n${out}${err}`))),
    );
  });

const ways = [
  ['latchkey backup, over the API', (to: string, server: Server) => run(programs.cli, ['backup', to], server.operator)],
  [
    'npm start -- --backup, beside the server',
    (to: string, server: Server) => run(programs.server, ['--backup', to], server.data),
  ],
] as const;

interface Server {
  readonly operator: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

test.each(ways)(
  '%s under load restores on an empty machine with nothing lost that was acknowledged before',
  {
    timeout: 120_000,
  },
  async (name, takeBackup) => {
    const home = join(folder, name.replace(/\W+/g, '-'));
    const old = join(home, 'old');
    mkdirSync(old, { recursive: true });
    let server = await launchServer(old, settings);
    const { origin } = server;
    const operatorKey = await setUp(server);
    const organization = await createOrganization({ origin, operatorKey, call: callApi(origin) }, 'acme.example');

    const devices: SimulatedDevice[] = [];
    /** What was acknowledged, in that order. */
    const ledger: { readonly kind: 'device' | 'session'; readonly id: string }[] = [];
    const problems: string[] = [];
    let running = true;
    let made = 0;
    const work = async (): Promise<void> => {
      while (running) {
        const number = ++made;
        const machine = { machineId: `m${number}`, hostName: `h${number}` };
        const device = createDevice({ origin, send: fetching(), parameters: machine });
        const enrolled = await device.enroll(organization.deviceToken, `user${number}@acme.example`);
        if (enrolled.kind === 'refused') problems.push(`enroll: ${enrolled.code}`);
        else ledger.push({ kind: 'device', id: enrolled.device.id });
        const signedIn = await device.signIn();
        if (signedIn.kind === 'refused') problems.push(`sign in: ${signedIn.code}`);
        else ledger.push({ kind: 'session', id: signedIn.session.id });
        devices.push(device);
        // Now and then somebody signs in again, so that the backup holds older join states than devices do.
        const again = devices.shift();
        if (again !== undefined) {
          const answer = await again.signIn();
          if (answer.kind === 'refused') problems.push(`sign in again: ${answer.code}`);
          devices.push(again);
        }
      }
    };
    const workers = Array.from({ length: 8 }, work);
    while (ledger.length < 60) await wait(5);

    const acknowledged = ledger.slice();
    const backup = join(home, 'backup');
    await takeBackup(backup, {
      operator: { LATCHKEY_URL: origin, LATCHKEY_API_KEY: operatorKey },
      data: { LATCHKEY_DATA: old },
    });
    const during = ledger.length - acknowledged.length;
    while (ledger.length < acknowledged.length + during + 10) await wait(5);
    running = false;
    await Promise.all(workers);
    await server.end('SIGKILL');
    expect(problems).toEqual([]);

    const empty = join(home, 'new');
    mkdirSync(empty, { mode: 0o700 });
    copyFileSync(join(old, 'master.key'), join(empty, 'master.key'));
    expect(await run(programs.server, ['--restore', backup], { LATCHKEY_DATA: empty })).toContain('Restored and verified');

    const database = new DatabaseSync(join(empty, 'latchkey.db'), { readOnly: true });
    const has = (sql: string, id: string): boolean => database.prepare(sql).get(id) !== undefined;
    const lost = acknowledged.filter(({ kind, id }) =>
      kind === 'device'
        ? !has('select 1 from devices where id = ?', id) ||
          !has(`select 1 from audit_events where action = 'device.enrolled' and subject = 'device:' || ?`, id)
        : !has('select 1 from sessions where id = ?', id),
    );
    const stored = new Set(
      database
        .prepare('select id from devices')
        .all()
        .map(({ id }) => String(id)),
    );
    database.close();
    process.stdout.write(
      `${JSON.stringify({ way: name, acknowledgedBefore: acknowledged.length, duringBackup: during, lost: lost.length })}\n`,
    );
    expect(lost).toEqual([]);

    // The restored server takes the place of the old one: devices that are ahead of the backup go on, and none is taken for a clone.
    server = await launchServer(empty, { ...settings, LATCHKEY_PORT: new URL(origin).port });
    const outcomes = new Set<string>();
    for (const device of devices.filter(({ state }) => stored.has(state.deviceId))) {
      const first = await device.signIn();
      const second = await device.signIn();
      outcomes.add(`${first.kind}, then ${second.kind}`);
    }
    await server.end('SIGTERM');
    expect([...outcomes]).toEqual(['signed_in, then signed_in']);
  },
);
