import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevice, fetching } from '../kit/device.ts';
import { callApi, createOrganization, launchServer, setUp } from '../kit/spawn-server.ts';
import { type Fate, losePower } from './power-loss.ts';
import { canTrace, readTrace, type SystemCall, traceable, traceInto } from './system-calls.ts';

const agents = 4;
const signIns = 3;

describe.skipIf(!canTrace())('power loss of the whole server, from its system calls (needs strace)', () => {
  let folder: string;
  let data: string;
  let calls: readonly SystemCall[];
  /** What each answer acknowledged: the id in it, and the query that finds `key` (the id itself, unless it is replaced later). */
  const acknowledged: { readonly id: string; readonly query: string; readonly key: string }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-trace-'));
    data = join(folder, 'data');
    const log = join(folder, 'log');
    const server = await launchServer(data, { LATCHKEY_LOG_LEVEL: 'error', ...traceable }, traceInto(log));
    const { origin } = server;
    const operatorKey = await setUp(server);
    const organization = await createOrganization({ origin, operatorKey, call: callApi(origin) }, 'acme.example');
    const remember = (id: string, query: string, key = id): void => void acknowledged.push({ id, query, key });
    await Promise.all(
      Array.from({ length: agents }, async (_, agent) => {
        const device = createDevice({ origin, send: fetching(), parameters: { machineId: `m${agent}`, hostName: `h${agent}` } });
        const enrolled = await device.enroll(organization.deviceToken, `user${agent}@acme.example`);
        if (enrolled.kind === 'refused') throw new Error(enrolled.code);
        remember(enrolled.device.id, 'select 1 from devices where id = ?');
        remember(`device:${enrolled.device.id}`, `select 1 from audit_events where action = 'device.enrolled' and subject = ?`);
        for (let count = 0; count < signIns; count++) {
          const answer = await device.signIn();
          if (answer.kind === 'refused') throw new Error(answer.code);
          remember(answer.session.id, 'select 1 from sessions where id = ?');
          remember(answer.user.id, 'select 1 from users where id = ?');
          const { id, counter } = answer.proven.joinState;
          remember(id, `select 1 from devices where counter >= ${counter} and id = ?`, enrolled.device.id);
        }
      }),
    );
    await server.end('SIGTERM');
    calls = readTrace(log, data);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const isWal = (call: SystemCall): boolean => 'path' in call && call.path.endsWith('-wal');
  const isSync = (call: SystemCall): boolean => call.kind === 'fsync' || call.kind === 'fdatasync';
  /** The first answer that says an id: from when it began to leave, it is acknowledged. */
  const answerWith = (id: string) =>
    calls.find((call) => call.kind === 'answer' && call.text.includes(id.replace('device:', '')));

  test('each reply left after a sync that began after what it acknowledges was written', () => {
    expect(acknowledged).toHaveLength(agents * (2 + 3 * signIns));
    for (const { id } of acknowledged) {
      const answer = answerWith(id);
      const written = calls.find((call) => call.kind === 'write' && isWal(call) && call.bytes.includes(id));
      expect(answer, `no reply says ${id}`).toBeDefined();
      expect(written, `${id} was never written`).toBeDefined();
      const covered = calls.some(
        (sync) => isSync(sync) && isWal(sync) && sync.begin > (written?.end ?? 0) && sync.end < (answer?.begin ?? 0),
      );
      expect(covered, `the reply with ${id} left before its sync`).toBe(true);
    }
  });

  test('a copy of the files with unsynced writes dropped, at each reply, still holds every acknowledgement', () => {
    const target = join(folder, 'after');
    const fates: Readonly<Record<string, Fate>> = { 'all lost': () => false, 'the older lost': (write) => write > 2 };
    const cuts = [...new Set(acknowledged.map(({ id }) => answerWith(id)?.begin ?? 0))].filter((_, index) => index % 2 === 0);
    expect(cuts.length).toBeGreaterThan(5);
    for (const cut of cuts) {
      for (const [name, fate] of Object.entries(fates)) {
        losePower(calls, cut, data, target, fate);
        const database = new DatabaseSync(join(target, 'latchkey.db'));
        for (const { id, query, key } of acknowledged) {
          if ((answerWith(id)?.begin ?? Number.POSITIVE_INFINITY) > cut) continue;
          expect(database.prepare(query).get(key), `${name} at ${cut}: ${id} is lost`).toBeDefined();
        }
        expect(database.prepare('pragma integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
        database.close();
      }
    }
  }, 120_000);
});
