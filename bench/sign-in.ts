import { generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createDevice, type Send, type SimulatedDevice } from '../test/kit/device.ts';
import { noPostgres, type Postgres, startPostgres } from '../test/kit/postgres.ts';
import { createOrganization, type SpawnedServer, spawnServer, type TestOrganization, textOf } from '../test/kit/spawn-server.ts';
import { cpuSeconds, keptConnections, type Load, load, percentile, statOf } from './load.ts';
import type { Row } from './measure.ts';

/** Agents at work at the same time. */
const CONCURRENCY = [16, 256];
const DEFAULT_SECONDS = 20;
/** More than a server answers. */
const PROOFS_PER_SECOND = 4000;
/** PostgreSQL has a process for each connection, all children of one. */
const postgresSeconds = (pid: number): number =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce(
      (sum, name) => {
        try {
          return Number(statOf(Number(name))[1]) === pid ? sum + cpuSeconds(Number(name)) : sum;
        } catch {
          return sum; // It has just ended, and is counted with its parent.
        }
      },
      cpuSeconds(pid, true),
    );

type Cpu = () => number;

/** CPU seconds of the cryptography alone that the server does for each, measured by itself in this run. */
const bareCryptography = (): { readonly signIn: number; readonly enrollment: number; readonly gateway: number } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = Buffer.alloc(1200, 'x');
  const body = 'x'.repeat(3000);
  const signature = sign('sha256', message, privateKey);
  const rate = (operation: () => unknown): number => {
    for (let done = 0; done < 500; done++) operation();
    const before = process.cpuUsage();
    const count = 4000;
    for (let done = 0; done < count; done++) operation();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / count;
  };
  const signing = rate(() => sign('sha256', message, privateKey));
  const verifying = rate(() => verify('sha256', message, publicKey, signature));
  const hashing = rate(() => hash('sha256', body));
  return {
    // Signed: AuthnRequest, Assertion. Verified: the AuthnRequest, the device's proof, the Assertion. Digested: both at each end, and the body.
    signIn: 2 * signing + 3 * verifying + 5 * hashing,
    // The enrollment's JWS.
    enrollment: verifying,
    // The device's proof: an access token is verified once, for all its requests.
    gateway: verifying,
  };
};

const number = (metrics: string, name: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

const must = (condition: boolean, sentence: string): void => {
  if (!condition) throw new Error(sentence);
};

/** How many events of that action the audit has. */
const audited = async (organization: TestOrganization, action: string): Promise<number> =>
  (await organization.text(`/audit/export?action=${action}`)).split('\n').filter((line) => line !== '').length;

const detail = (agents: number, { completed, errors, wall, times }: Load) => ({
  agents,
  completed,
  errors,
  wallPerSecond: Math.round(completed / wall),
  p50: percentile(times, 0.5),
  p99: percentile(times, 0.99),
});

const rowOf = (name: string, loads: readonly { readonly agents: number; readonly load: Load }[], bare: number) => {
  const completed = loads.reduce((sum, each) => sum + each.load.completed, 0);
  const ours = completed / loads.reduce((sum, each) => sum + each.load.cpu, 0);
  return {
    case: name,
    ours: Math.round(ours),
    against: Math.round(1 / bare),
    ratio: Math.round(ours * bare * 1000) / 1000,
    details: loads.map(({ agents, load: each }) => detail(agents, each)),
  };
};

/** Requests to a site behind a proxy: what the proxy asks for each, with a proof of its own. */
const openGateway = async (server: SpawnedServer, organization: TestOrganization, send: Send) => {
  const site = 'https://wiki.example';
  const url = `${site}/page`;
  const id = textOf(await organization.call('POST', '/applications', { kind: 'gateway', name: 'Wiki', identifier: site }), 'id');
  interface Holder {
    readonly device: SimulatedDevice;
    readonly token: string;
    nonce: string;
    /** Made beforehand: this machine is the server's, too. */
    proofs: string[];
  }
  const holders = new Map<SimulatedDevice, Holder>();
  const prove = ({ device, token, nonce }: Holder): string => device.proofOf(token, { url, nonce });
  const ask = async (holder: Holder): Promise<number> => {
    const { status, headers } = await send({
      method: 'GET',
      url: `${server.origin}/gateway/v1/verify?application=${id}`,
      headers: {
        'x-original-url': url,
        'x-original-method': 'GET',
        authorization: `DPoP ${holder.token}`,
        dpop: holder.proofs.pop() ?? prove(holder),
      },
    });
    const nonce = headers['dpop-nonce'];
    if (nonce !== undefined) Object.assign(holder, { nonce, proofs: [] });
    return status;
  };
  return {
    /** Gets token and nonce. */
    prepare: async (device: SimulatedDevice): Promise<void> => {
      const issued = await device.accessToken(site);
      if (issued.kind !== 'answered') throw new Error(`no access token: ${issued.code}`);
      const holder = { device, token: issued.access_token, nonce: 'none', proofs: [] };
      await ask(holder);
      holders.set(device, holder);
    },
    /** Makes proofs for so many requests of these devices together, by nonces that are new. */
    stock: async (devices: readonly SimulatedDevice[], requests: number): Promise<void> => {
      for (const device of devices) {
        const holder = holders.get(device);
        if (holder === undefined) continue;
        Object.assign(holder, { nonce: 'none', proofs: [] });
        await ask(holder);
        holder.proofs = Array.from({ length: Math.ceil(requests / devices.length) }, () => prove(holder));
      }
    },
    visit: async (device: SimulatedDevice | undefined): Promise<boolean> => {
      const holder = device && holders.get(device);
      return holder !== undefined && (await ask(holder)) === 200;
    },
  };
};

/** Enrollments, sign-ins and requests behind the gateway on a server, which 16 and 256 agents ask. */
const measure = async (engine: string, server: SpawnedServer, cpu: Cpu, seconds: number) => {
  const organization = await createOrganization(server, 'acme.example');
  const send = keptConnections();
  const bare = bareCryptography();
  const devices: SimulatedDevice[] = [];
  let made = 0;
  const enroll = async (): Promise<SimulatedDevice | undefined> => {
    made++;
    const device = createDevice({
      origin: server.origin,
      send,
      parameters: { machineId: `machine-${made}`, hostName: `host-${made}` },
    });
    const answer = await device.enroll(organization.deviceToken, `user${made}@acme.example`);
    return answer.kind === 'enrolled' && answer.status === 'registered' ? device : undefined;
  };
  for (let warm = 0; warm < 50; warm++) must((await enroll()) !== undefined, 'an enrollment was refused');

  const enrollments = [];
  for (const agents of CONCURRENCY) {
    const measured = await load(cpu, agents, Math.min(seconds, DEFAULT_SECONDS) / 2, async () => {
      const device = await enroll();
      if (device !== undefined && devices.length < Math.max(...CONCURRENCY)) devices.push(device);
      return device !== undefined;
    });
    enrollments.push({ agents, load: measured });
  }
  while (devices.length < Math.max(...CONCURRENCY))
    devices.push((await enroll()) ?? (must(false, 'an enrollment was refused') as never));

  const before = await (await fetch(`${server.origin}/metrics`)).text();
  let signedIn = 0;
  const signIn = async (device: SimulatedDevice | undefined): Promise<boolean> => {
    const good = (await device?.signIn())?.kind === 'signed_in';
    if (good) signedIn++;
    return good;
  };
  for (const device of devices) must(await signIn(device), 'a sign-in was refused');
  const signIns = [];
  for (const agents of CONCURRENCY) {
    signIns.push({
      agents,
      load: await load(cpu, agents, seconds / CONCURRENCY.length, (worker) => signIn(devices[worker])),
    });
  }
  const after = await (await fetch(`${server.origin}/metrics`)).text();
  const grown = (name: string): number => number(after, name) - number(before, name);
  must(grown('latchkey_saml_parses_total') === grown('latchkey_saml_messages_total'), 'a message was not parsed exactly once');
  must(
    grown('latchkey_saml_messages_total') === 2 * signedIn,
    'there were other messages than a request and a response for each sign-in',
  );
  must((await audited(organization, 'sign_in.accepted')) === signedIn, 'a sign-in is not in the audit');

  const gateway = await openGateway(server, organization, send);
  for (const device of devices) await gateway.prepare(device);
  await load(cpu, devices.length, seconds / 10, (worker) => gateway.visit(devices[worker]));
  const visits = [];
  for (const agents of CONCURRENCY) {
    await gateway.stock(devices.slice(0, agents), (seconds / CONCURRENCY.length) * PROOFS_PER_SECOND);
    visits.push({
      agents,
      load: await load(cpu, agents, seconds / CONCURRENCY.length, (worker) => gateway.visit(devices[worker])),
    });
  }

  const errors = [...enrollments, ...signIns, ...visits].reduce((sum, each) => sum + each.load.errors, 0);
  must(errors === 0, `${errors} enrollments, sign-ins or requests behind the gateway failed`);
  return {
    bare,
    signIn: rowOf(`sign-in-${engine}`, signIns, bare.signIn),
    enrollment: rowOf(`enroll-${engine}`, enrollments, bare.enrollment),
    gateway: rowOf(engine === 'sqlite' ? 'gateway-verify' : `gateway-verify-${engine}`, visits, bare.gateway),
  };
};

const withServer = async <T>(postgres: Postgres | undefined, work: (server: SpawnedServer) => Promise<T>): Promise<T> => {
  const server = await spawnServer({
    LATCHKEY_LOG_LEVEL: 'warn',
    LATCHKEY_SIGN_INS_PER_DEVICE: '1000000',
    LATCHKEY_SIGN_INS_PER_USER: '1000000',
    LATCHKEY_FAILURES_PER_ADDRESS: '1000000',
    LATCHKEY_TRUSTED_PROXIES: 'loopback',
    ...(postgres === undefined ? {} : { LATCHKEY_DATABASE_URL: postgres.url('latchkey') }),
  });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
};

/**
 * Enrollments, sign-ins and requests behind the gateway a second of CPU time (the server's, with its database's) against the cryptography they cannot do without,
 * with the rates and times that 16 and 256 agents see on this machine, which is also theirs.
 */
export const run = async (options: { readonly seconds?: number } = {}): Promise<readonly Row[]> => {
  const seconds = options.seconds ?? DEFAULT_SECONDS;
  const sqlite = await withServer(undefined, (server) => measure('sqlite', server, () => cpuSeconds(server.pid), seconds));
  const rows = [
    sqlite.signIn,
    sqlite.enrollment,
    // The same figures turned round: microseconds of CPU for one sign-in, and how many of them are cryptography.
    {
      case: 'sign-in-share-of-crypto',
      ours: Math.round(1e6 / sqlite.signIn.ours),
      against: Math.round(1e6 * sqlite.bare.signIn),
      ratio: sqlite.signIn.ratio,
    },
    sqlite.gateway,
  ];
  if (noPostgres() !== undefined) return rows;
  const postgres = await startPostgres({ durable: true });
  try {
    await postgres.createDatabase('latchkey');
    const measured = await withServer(postgres, (server) =>
      measure('postgres', server, () => cpuSeconds(server.pid) + postgresSeconds(postgres.pid), seconds),
    );
    return [...rows, measured.signIn, measured.enrollment, measured.gateway];
  } finally {
    await postgres.remove();
  }
};
