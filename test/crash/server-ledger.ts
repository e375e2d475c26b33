import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { createDevice, fetching, type Received, type Sent, type SimulatedDevice } from '../kit/device.ts';
import { startPostgres } from '../kit/postgres.ts';
import { callApi, createOrganization, launchServer, setUp, type TestOrganization } from '../kit/spawn-server.ts';

/** What the server has acknowledged to the outside, kept on the side that is not killed. */
interface Ledger {
  /** Device ids, each with the key it enrolled. */
  readonly devices: Map<string, string>;
  /** Session ids, each with its assertion. */
  readonly sessions: Map<string, string>;
  /** The join state a device holds: the server must not be behind it. */
  readonly counters: Map<string, number>;
}

export interface KillReport {
  readonly rounds: number;
  readonly enrollments: number;
  readonly signIns: number;
  /** Requests that died with the server. */
  readonly cutOff: number;
  /** Each a sentence; empty when all is well. */
  readonly violations: readonly string[];
  /** Milliseconds from the start of the process until /readyz says ready, ascending. */
  readonly readyTimes: readonly number[];
}

const limits = {
  LATCHKEY_LOG_LEVEL: 'error',
  LATCHKEY_SIGN_INS_PER_DEVICE: '1000000',
  LATCHKEY_SIGN_INS_PER_USER: '1000000',
  LATCHKEY_FAILURES_PER_ADDRESS: '1000000',
};

const assertionOf = (paosResponse: string): string => /<saml:Assertion [^>]*\bID="([^"]+)"/.exec(paosResponse)?.[1] ?? '';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A look into the database beside the server; `$1` and `$2` are parameters on both engines. */
interface Look {
  readonly ask: (sql: string, ...values: readonly string[]) => Promise<Rows>;
  readonly close: () => Promise<void>;
}

const lookIntoSqlite = (file: string): Look => {
  const database = new DatabaseSync(file, { readOnly: true });
  return {
    ask: async (sql, ...values) => database.prepare(sql.replaceAll('$', '?')).all(...values),
    close: async () => database.close(),
  };
};

/** As the superuser, from whom row-level security hides nothing. */
const lookIntoPostgres = async (url: string): Promise<Look> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return { ask: async (sql, ...values) => (await client.query(sql, [...values])).rows, close: () => client.end() };
};

/** Every acknowledgement is there once, and no effect twice. */
const inspect = async ({ ask }: Look, organization: TestOrganization, ledger: Ledger): Promise<readonly string[]> => {
  const violations: string[] = [];
  const one = async (sql: string, ...values: readonly string[]) => (await ask(sql, ...values))[0];
  for (const [id, jkt] of ledger.devices) {
    if ((await one('select 1 from devices where id = $1 and jkt = $2', id, jkt)) === undefined)
      violations.push(`device ${id} is lost`);
    if (
      (await one(`select 1 from audit_events where action = 'device.enrolled' and subject = $1`, `device:${id}`)) === undefined
    ) {
      violations.push(`the enrollment of ${id} is not in the audit`);
    }
  }
  const accepted = new Set(
    (await ask(`select details from audit_events where action = 'sign_in.accepted'`)).map(
      ({ details }) => JSON.parse(String(details)).session,
    ),
  );
  for (const [id, assertion] of ledger.sessions) {
    if ((await one('select 1 from sessions where id = $1 and assertion_id = $2', id, assertion)) === undefined)
      violations.push(`session ${id} is lost`);
    if (!accepted.has(id)) violations.push(`session ${id} is not in the audit`);
  }
  for (const [id, counter] of ledger.counters) {
    const stored = (await one('select counter from devices where id = $1', id))?.counter;
    if (Number(stored) < counter) violations.push(`device ${id} holds join state ${counter}, the server only ${stored}`);
  }
  for (const [what, sql] of [
    ['an assertion with two sessions', 'select assertion_id from sessions group by assertion_id having count(*) > 1'],
    ['a user name with two accounts', 'select user_name_key from users group by user_name_key having count(*) > 1'],
    ['a key with two devices', 'select jkt from devices group by jkt having count(*) > 1'],
    [
      'a device token whose count is not its devices',
      'select t.id from device_tokens t where t.enrollments <> (select count(*) from devices d where d.token_id = t.id)',
    ],
    [
      'an enrollment audited twice',
      `select subject from audit_events where action = 'device.enrolled' group by subject having count(*) > 1`,
    ],
    ['a device in quarantine', `select id from devices where state = 'quarantined'`],
  ] as const) {
    for (const row of await ask(sql)) violations.push(`${what}: ${JSON.stringify(row)}`);
  }
  return violations.map((violation) => `${organization.domain}: ${violation}`);
};

/**
 * Kills the whole server with SIGKILL again and again while devices enroll and sign in, and compares what it had acknowledged with
 * what is there after each start. Devices that lost a reply go on with what they hold, as agents do.
 */
export const killServer = async (options: {
  readonly rounds: number;
  readonly workers: number;
  readonly engine?: 'sqlite' | 'postgres';
}): Promise<KillReport> => {
  const postgres = options.engine === 'postgres' ? await startPostgres({ durable: true }) : undefined;
  await postgres?.createDatabase('latchkey');
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kill-'));
  const file = join(folder, 'latchkey.db');
  const settings = postgres === undefined ? limits : { ...limits, LATCHKEY_DATABASE_URL: postgres.url('latchkey') };
  const look = async (): Promise<Look> =>
    postgres === undefined ? lookIntoSqlite(file) : lookIntoPostgres(postgres.adminUrl('latchkey'));
  const ledger: Ledger = { devices: new Map(), sessions: new Map(), counters: new Map() };
  const violations: string[] = [];
  const readyTimes: number[] = [];
  let cutOff = 0;
  let made = 0;
  try {
    let server = await launchServer(folder, settings);
    const { origin } = server;
    const operatorKey = await setUp(server);
    const organization = await createOrganization({ origin, operatorKey, call: callApi(origin) }, 'acme.example');
    const environment = { ...settings, LATCHKEY_PORT: new URL(origin).port };
    const devices: SimulatedDevice[] = [];
    const send = fetching();
    let running = true;
    /** A request without an answer is what killing is about; the device waits until the server is back. */
    const sending = async (request: Sent): Promise<Received> => {
      try {
        return await send(request);
      } catch (error) {
        cutOff++;
        throw error;
      }
    };
    const acknowledged = (): number => ledger.devices.size + ledger.sessions.size;
    const work = async (worker: number): Promise<void> => {
      while (running) {
        try {
          const known = devices[(worker * 7 + made) % Math.max(1, devices.length)];
          if (known === undefined || devices.length < 8 || made % 4 === 0) {
            const number = ++made;
            const device = createDevice({
              origin,
              send: sending,
              parameters: { machineId: `m${number}`, hostName: `h${number}` },
            });
            const answer = await device.enroll(organization.deviceToken, `user${number}@acme.example`);
            if (answer.kind === 'refused') violations.push(`an enrollment was refused: ${answer.code}`);
            else {
              ledger.devices.set(answer.device.id, device.key.jkt);
              devices.push(device);
            }
          } else {
            // One machine signs in once at a time, as the agent's lock has it.
            const mine = devices.indexOf(known);
            devices.splice(mine, 1);
            try {
              made++;
              const answer = await known.signIn();
              if (answer.kind === 'refused') {
                if (answer.code !== 'use_dpop_nonce')
                  violations.push(`a sign-in was refused: ${answer.step} ${answer.code} ${answer.title}`);
              } else ledger.sessions.set(answer.session.id, assertionOf(answer.proven.paosResponse));
            } finally {
              ledger.counters.set(known.state.deviceId, known.state.joinState.counter);
              devices.push(known);
            }
          }
        } catch {
          await wait(20); // the server is down
        }
      }
    };
    for (let round = 0; round < options.rounds; round++) {
      running = true;
      const workers = Array.from({ length: options.workers }, (_, worker) => work(worker));
      // Never at the same point of the work: after so many acknowledgements and a few milliseconds more.
      const goal = acknowledged() + 4 + ((round * 7919) % 29);
      const end = performance.now() + 5000;
      while (acknowledged() < goal && performance.now() < end) await wait(5);
      await wait((round * 104_729) % 23);
      await server.end('SIGKILL');
      running = false;
      await Promise.all(workers);
      const started = performance.now();
      server = await launchServer(folder, environment);
      const ready = await fetch(`${origin}/readyz`);
      readyTimes.push(performance.now() - started);
      if (!ready.ok) violations.push(`not ready after round ${round + 1}`);
      if (round % 20 === 19 || round === options.rounds - 1) {
        const inside = await look();
        violations.push(...(await inspect(inside, organization, ledger)));
        if (postgres === undefined && (await inside.ask('pragma integrity_check')).some((row) => row.integrity_check !== 'ok')) {
          violations.push('the database is damaged');
        }
        await inside.close();
      }
    }
    await server.end('SIGTERM');
    return {
      rounds: options.rounds,
      enrollments: ledger.devices.size,
      signIns: ledger.sessions.size,
      cutOff,
      violations,
      readyTimes: readyTimes.sort((a, b) => a - b),
    };
  } finally {
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};
