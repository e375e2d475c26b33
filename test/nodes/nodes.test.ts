import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevice, fetching, type Received, type Send, type Sent } from '../kit/device.ts';
import { noPostgres, type Postgres, startPostgres } from '../kit/postgres.ts';
import {
  callApi,
  createOrganization,
  type LaunchedServer,
  launchServer,
  setUp,
  type TestOrganization,
  textOf,
} from '../kit/spawn-server.ts';

/** `LATCHKEY_CUT_SECONDS=10 npx vitest run test/nodes` cuts the database off for longer. */
const cutSeconds = Number(process.env.LATCHKEY_CUT_SECONDS ?? 1);
/** What all nodes are known by, as behind a load balancer. Nobody listens there: requests go to the nodes. */
const ORIGIN = 'http://localhost:9';
/** Within which every node knows of a change. */
const SOON = { timeout: 5_000, interval: 100 };

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

interface Node extends LaunchedServer {
  readonly url: string;
}

describe.skipIf(noPostgres() !== undefined)('two nodes on one PostgreSQL', () => {
  let folder: string;
  let postgres: Postgres;
  let nodes: [Node, Node];
  let organization: TestOrganization;
  let operatorKey: string;

  const startNode = async (name: string): Promise<Node> => {
    const port = await freePort();
    const server = await launchServer(join(folder, name), {
      LATCHKEY_PORT: String(port),
      LATCHKEY_ORIGIN: ORIGIN,
      LATCHKEY_MASTER_KEY_FILE: join(folder, 'master.key'),
      LATCHKEY_DATABASE_URL: postgres.url('latchkey'),
      LATCHKEY_LOG_LEVEL: 'error',
      LATCHKEY_SIGN_INS_PER_DEVICE: '100000',
      LATCHKEY_SIGN_INS_PER_USER: '100000',
      LATCHKEY_FAILURES_PER_ADDRESS: '100000',
    });
    return { ...server, url: `http://127.0.0.1:${port}` };
  };

  const send = fetching();
  const sendTo =
    (pick: () => Node): Send =>
    (request: Sent): Promise<Received> =>
      send({ ...request, url: request.url.replace(ORIGIN, pick().url) });
  let turn = 0;
  const eachInTurn = (): Node => nodes[turn++ % 2] ?? nodes[0];
  const deviceAt = (pick: () => Node) => createDevice({ origin: ORIGIN, send: sendTo(pick) });
  let users = 0;
  const enrolled = async (pick: () => Node = eachInTurn) => {
    const device = deviceAt(pick);
    users += 1;
    expect(await device.enroll(organization.deviceToken, `user${users}@acme.example`)).toMatchObject({ kind: 'enrolled' });
    return device;
  };
  /** Calls the admin API at one node with the organization's key. */
  const callAt = (node: Node, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
    callApi(node.url)(organization.key, method, `/organizations/${organization.id}${path}`, body, headers);
  const activate = async (node: Node, status: 'enabled' | 'disabled') => {
    const before = await fetch(`${node.url}/api/v1/organizations/${organization.id}/settings/draft`, {
      headers: { authorization: `Bearer ${organization.key}` },
    });
    const draft = (await before.json()) as { document: { identityProviders: object[] } } & Record<string, unknown>; // the API's answer
    const document = (draft.document ?? draft) as { identityProviders: object[] }; // as above
    const changed = { ...document, identityProviders: document.identityProviders.map((each) => ({ ...each, status })) };
    const saved = await callAt(node, 'PUT', '/settings/draft', changed, { 'if-match': before.headers.get('etag') ?? '' });
    await callAt(node, 'POST', '/settings/activate', { comment: status }, { 'if-match': `"${saved.revision}"` });
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-nodes-'));
    postgres = await startPostgres({ durable: true });
    await postgres.createDatabase('latchkey');
    const first = await startNode('a');
    nodes = [first, await startNode('b')];
    operatorKey = await setUp({ origin: nodes[1].url, setupCode: nodes[1].setupCode });
    const server = { origin: nodes[0].url, operatorKey, call: callApi(nodes[0].url) };
    organization = await createOrganization(server, 'acme.example');
  });
  afterAll(async () => {
    for (const node of nodes) await node.end('SIGTERM');
    await postgres.remove();
    rmSync(folder, { recursive: true });
  });

  test('a sign-in whose every message reaches another node is one sign-in', async () => {
    const device = await enrolled();
    for (let round = 0; round < 3; round += 1) expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
  });

  test('a Response, and a proof, shown to both nodes at the same moment is taken by one', async () => {
    const device = await enrolled();
    for (let round = 0; round < 5; round += 1) {
      const begun = await device.begin();
      if (begun.kind !== 'begun') throw new Error(begun.code);
      const proof = device.proofFor(begun, begun.soapRequest);
      const headers = { 'content-type': 'text/xml', 'latchkey-device': device.state.deviceId, 'latchkey-proof': proof };
      const asked = await Promise.all(
        nodes.map((node) =>
          sendTo(() => node)({ method: 'POST', url: device.state.idp.ssoUrl, headers, body: begun.soapRequest }),
        ),
      );
      const given = asked.filter((answer) => answer.headers['latchkey-join-state'] !== undefined);
      expect(given).toHaveLength(1);
      device.state.joinState = JSON.parse(given[0]?.headers['latchkey-join-state'] ?? '');

      const again = await device.begin();
      if (again.kind !== 'begun') throw new Error(again.code);
      const proven = await device.prove(again);
      if (proven.kind !== 'proven') throw new Error(proven.code);
      const delivered = await Promise.all(
        nodes.map((node) =>
          sendTo(() => node)({
            method: 'POST',
            url: again.responseConsumerURL,
            headers: { 'content-type': 'application/vnd.paos+xml' },
            body: proven.paosResponse,
          }),
        ),
      );
      expect(delivered.map(({ status }) => status).sort()).toEqual([200, 403]);
    }
  });

  test('an activation and a rollback at one node are followed by the other', async () => {
    const [here, there] = nodes;
    const device = await enrolled(() => there);
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    await activate(here, 'disabled');
    await expect.poll(() => device.signIn(), SOON).toMatchObject({ kind: 'refused', code: 'idp_disabled' });
    await callAt(here, 'POST', '/settings/versions/1/activate', {});
    await expect.poll(() => device.signIn(), SOON).toMatchObject({ kind: 'signed_in' });
  });

  test('every revocation at one node holds at the other at once', async () => {
    const [here, there] = nodes;
    const device = await enrolled(() => there);
    const signedIn = await device.signIn();
    if (signedIn.kind !== 'signed_in') throw new Error(signedIn.code);
    await callAt(here, 'POST', '/applications', { kind: 'api', name: 'wiki', identifier: 'https://wiki.acme.example' });
    expect(await device.accessToken('https://wiki.acme.example')).toMatchObject({ kind: 'answered' });

    await callAt(here, 'POST', `/users/${signedIn.user.id}/disable`);
    await expect.poll(() => device.accessToken('https://wiki.acme.example'), SOON).toMatchObject({ kind: 'refused' });
    await expect.poll(() => device.signIn(), SOON).toMatchObject({ kind: 'refused', code: 'user_disabled' });

    const other = await enrolled(() => there);
    await callAt(here, 'POST', `/devices/${other.state.deviceId}/remove`, {});
    await expect.poll(() => other.signIn(), SOON).toMatchObject({ kind: 'refused', code: 'device_removed' });

    const made = await callAt(here, 'POST', '/device-tokens', { description: 'short', enrollment: 'automatic' });
    await callAt(here, 'POST', `/device-tokens/${made.id}/revoke`);
    const late = deviceAt(() => there);
    await expect
      .poll(() => late.enroll(textOf(made, 'token'), 'late@acme.example'), SOON)
      .toMatchObject({ kind: 'refused', code: 'token_revoked' });

    const key = await callAt(here, 'POST', '/api-keys', { description: 'short' });
    const list = () =>
      fetch(`${there.url}/api/v1/organizations/${organization.id}/users`, {
        headers: { authorization: `Bearer ${textOf(key, 'key')}` },
      });
    expect((await list()).status).toBe(200);
    await callAt(here, 'POST', `/api-keys/${key.id}/revoke`);
    await expect.poll(async () => (await list()).status, SOON).toBe(401);
  });

  test('a node that is killed takes only the requests it was answering with it', { timeout: 60_000 }, async () => {
    const devices = await Promise.all(Array.from({ length: 8 }, () => enrolled(() => nodes[0])));
    let running = true;
    let alive = nodes;
    let killedAt = Number.POSITIVE_INFINITY;
    const failures: { readonly at: number; readonly why: string }[] = [];
    let signedIn = 0;
    const work = devices.map(async (known, index) => {
      const device = createDevice({
        origin: ORIGIN,
        key: known.key,
        send: sendTo(() => alive[(index + turn++) % alive.length] ?? nodes[1]),
      });
      Object.assign(device.state, known.state);
      while (running) {
        const begun = performance.now();
        try {
          const answer = await device.signIn();
          if (answer.kind === 'signed_in') signedIn += 1;
          // A device that lost its answer in the middle begins anew: its nonce may be spent.
          else if (answer.code !== 'use_dpop_nonce') failures.push({ at: begun, why: answer.code });
        } catch (error) {
          failures.push({ at: begun, why: String(error) });
        }
      }
    });
    await wait(1000);
    killedAt = performance.now();
    await nodes[0].end('SIGKILL');
    alive = [nodes[1], nodes[1]];
    const before = signedIn;
    await wait(2000);
    running = false;
    await Promise.all(work);
    expect(signedIn).toBeGreaterThan(before);
    expect(failures.filter(({ at }) => at > killedAt + 500)).toEqual([]);
    expect(failures.length).toBeLessThanOrEqual(2 * devices.length);
    nodes = [await startNode('a'), nodes[1]];
  });

  test('the database is cut off: 503 and never a yes; when it is back, so are both nodes', {
    timeout: 60_000 + cutSeconds * 2000,
  }, async () => {
    const device = await enrolled();
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    const begun = await device.begin();
    if (begun.kind !== 'begun') throw new Error(begun.code);
    const stranger = deviceAt(eachInTurn);
    const enrollment = await stranger.enrollmentMessage(organization.deviceToken, 'cut@acme.example');
    await postgres.stop('SIGQUIT');
    for (const _ of nodes) expect(await device.prove(begun)).toMatchObject({ kind: 'refused', status: 503 });
    // To begin is no yes: a node may still know the organization, for a second.
    await wait(1000);
    const end = performance.now() + cutSeconds * 1000;
    do {
      for (const node of nodes) {
        expect((await fetch(`${node.url}/readyz`)).status).toBe(503);
        expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
        const status = async (path: string) =>
          (await fetch(node.url + path, { headers: { authorization: `Bearer ${organization.key}` } })).status;
        expect(await status(`/api/v1/organizations/${organization.id}/users`)).toBe(503);
        expect(await stranger.sendEnrollment(enrollment)).toMatchObject({ kind: 'refused', status: 503 });
        expect(await device.begin()).toMatchObject({ kind: 'refused', status: 503 });
        expect(await device.prove(begun)).toMatchObject({ kind: 'refused', status: 503 });
      }
    } while (performance.now() < end);
    await postgres.start();
    for (const node of nodes) await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, SOON).toBe(200);
    await expect.poll(() => device.signIn(), SOON).toMatchObject({ kind: 'signed_in' });
    await expect
      .poll(() => stranger.enroll(organization.deviceToken, 'cut@acme.example'), SOON)
      .toMatchObject({ kind: 'enrolled' });
  });
});
