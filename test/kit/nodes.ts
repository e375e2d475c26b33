import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Send, SimulatedDevice } from './device.ts';
import { freePort } from './free-port.ts';
import { startPostgres } from './postgres.ts';
import { callApi, createOrganization, type LaunchedServer, launchServer, setUp, type TestOrganization } from './spawn-server.ts';

/** One of several server processes. */
export interface Node extends LaunchedServer {
  readonly port: number;
  /** Where this one listens; its origin is that of all. */
  readonly url: string;
}

/** Two server processes that started together on one empty PostgreSQL, and an organization whose devices may sign in at once. */
export const startNodes = async (options: {
  /** What all nodes are known by. */
  readonly origin: string;
  readonly settings?: Readonly<Record<string, string>>;
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nodes-'));
  const postgres = await startPostgres({ durable: true });
  const running = new Map<string, Node>();

  const start = async (name: string, port: number): Promise<Node> => {
    const server = await launchServer(join(folder, name), {
      LATCHKEY_PORT: String(port),
      LATCHKEY_ORIGIN: options.origin,
      LATCHKEY_MASTER_KEY_FILE: join(folder, 'master.key'),
      LATCHKEY_DATABASE_URL: postgres.url('latchkey'),
      LATCHKEY_LOG_LEVEL: 'error',
      LATCHKEY_SIGN_INS_PER_DEVICE: '100000',
      LATCHKEY_SIGN_INS_PER_USER: '100000',
      LATCHKEY_FAILURES_PER_ADDRESS: '100000',
      ...options.settings,
    });
    const node = { ...server, port, url: `http://127.0.0.1:${port}` };
    running.set(name, node);
    return node;
  };
  const stop = async (): Promise<void> => {
    for (const node of running.values()) await node.end('SIGTERM');
    await postgres.remove();
    rmSync(folder, { recursive: true });
  };

  try {
    await postgres.createDatabase('latchkey');
    const ports = [await freePort(), await freePort()] as const;
    const [a, b] = await Promise.all([start('a', ports[0]), start('b', ports[1])]);
    const operatorKey = await setUp({ origin: b.url, setupCode: b.setupCode });
    const organization = await createOrganization({ origin: a.url, operatorKey, call: callApi(a.url) }, 'acme.example');
    return {
      a,
      b,
      postgres,
      operatorKey,
      organization,
      /** Starts the node `a` again, where it was. */
      startAgain: () => start('a', ports[0]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

export type Nodes = Awaited<ReturnType<typeof startNodes>>;

/** Switches the organization's identity providers on or off, and activates that; at whichever URL. */
export const activateStatus = async (
  { id, key }: Pick<TestOrganization, 'id' | 'key'>,
  url: string,
  status: 'enabled' | 'disabled',
): Promise<void> => {
  const path = `/organizations/${id}/settings`;
  const before = await fetch(`${url}/api/v1${path}/draft`, { headers: { authorization: `Bearer ${key}` } });
  const draft = (await before.json()) as { document: { identityProviders: object[] } }; // the API's answer
  const document = {
    ...draft.document,
    identityProviders: draft.document.identityProviders.map((each) => ({ ...each, status })),
  };
  const call = callApi(url);
  const saved = await call(key, 'PUT', `${path}/draft`, document, { 'if-match': before.headers.get('etag') ?? '' });
  await call(key, 'POST', `${path}/activate`, { comment: status }, { 'if-match': `"${saved.revision}"` });
};

/** A request of a load that was not answered, or by 5xx. Times are milliseconds. */
export interface Failure {
  readonly begunAt: number;
  readonly endedAt: number;
  readonly why: string;
}

/** Devices that sign in again and again, each request watched. */
export const createLoad = (send: Send) => {
  const failures: Failure[] = [];
  const refusals: string[] = [];
  let requests = 0;
  let inFlight = 0;
  let signedIn = 0;
  let running = true;
  const watched: Send = async (request) => {
    const begunAt = performance.now();
    const fail = (why: string): void => void failures.push({ begunAt, endedAt: performance.now(), why });
    requests += 1;
    inFlight += 1;
    try {
      const answer = await send(request);
      if (answer.status >= 500) fail(`${answer.status} ${answer.body.slice(0, 200)}`);
      return answer;
    } catch (error) {
      fail(String(error));
      throw error;
    } finally {
      inFlight -= 1;
    }
  };
  const work: Promise<void>[] = [];
  const signInAgainAndAgain = async (device: SimulatedDevice): Promise<void> => {
    while (running) {
      try {
        const answer = await device.signIn();
        if (answer.kind === 'signed_in') signedIn += 1;
        // A device that lost its answer in the middle begins anew: its nonce may be spent.
        else if (answer.status < 500 && answer.code !== 'use_dpop_nonce') refusals.push(`${answer.step} ${answer.code}`);
      } catch {
        // A request that was not answered: watched above.
      }
    }
  };
  return {
    /** For the devices that are to be watched. */
    send: watched,
    failures: failures as readonly Failure[],
    /** Sign-ins that were refused, which none should be. */
    refusals: refusals as readonly string[],
    requests: () => requests,
    inFlight: () => inFlight,
    signedIn: () => signedIn,
    start: (devices: readonly SimulatedDevice[]): void => void work.push(...devices.map(signInAgainAndAgain)),
    stop: async (): Promise<void> => {
      running = false;
      await Promise.all(work);
    },
  };
};
