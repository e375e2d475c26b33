import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevice, fetching, type Received, type Send, type Sent } from '../kit/device.ts';
import { activateStatus, createLoad, type Node, type Nodes, startNodes } from '../kit/nodes.ts';
import { noPostgres } from '../kit/postgres.ts';
import { callApi, setUp, type TestOrganization, textOf } from '../kit/spawn-server.ts';

/** `LATCHKEY_CUT_SECONDS=10 npx vitest run test/nodes` cuts the database off for longer. */
const cutSeconds = Number(process.env.LATCHKEY_CUT_SECONDS ?? 1);
/** What all nodes are known by, as behind a load balancer. Nobody listens there: requests go to the nodes. */
const ORIGIN = 'http://localhost:9';
/** Within which every node knows of a change. */
const SOON = { timeout: 5_000, interval: 100 };
const REQUESTS_PER_KEY = 300;

describe.skipIf(noPostgres() !== undefined)('two nodes on one PostgreSQL', () => {
  let started: Nodes;
  let nodes: readonly [Node, Node];
  let organization: TestOrganization;

  const send = fetching();
  const sendTo =
    (pick: () => Node, by: Send = send): Send =>
    (request: Sent): Promise<Received> =>
      by({ ...request, url: request.url.replace(ORIGIN, pick().url) });
  let turn = 0;
  const eachInTurn = (): Node => nodes[turn++ % 2] ?? nodes[0];
  const deviceAt = (pick: () => Node, by?: Send) => createDevice({ origin: ORIGIN, send: sendTo(pick, by) });
  let users = 0;
  const enrolled = async (pick: () => Node = eachInTurn, by?: Send) => {
    const device = deviceAt(pick, by);
    users += 1;
    expect(await device.enroll(organization.deviceToken, `user${users}@acme.example`)).toMatchObject({ kind: 'enrolled' });
    return device;
  };
  /** Calls the admin API at one node with the organization's key. */
  const callAt = (node: Node, method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
    callApi(node.url)(organization.key, method, `/organizations/${organization.id}${path}`, body, headers);

  beforeAll(async () => {
    started = await startNodes({ origin: ORIGIN, settings: { LATCHKEY_REQUESTS_PER_KEY: String(REQUESTS_PER_KEY) } });
    nodes = [started.a, started.b];
    organization = started.organization;
  });
  afterAll(() => started.stop());

  test('nodes that start together on an empty database print the same setup code, which works once', async () => {
    expect(started.a.setupCode).toMatch(/^lks_/);
    expect(started.b.setupCode).toBe(started.a.setupCode);
    for (const { url, setupCode } of nodes) await expect(setUp({ origin: url, setupCode })).rejects.toThrow('setup_code_wrong');
  });

  test('an API key has one limit at all nodes together, and every answer says what is left of it', {
    timeout: 60_000,
  }, async () => {
    const [here, there] = nodes;
    const key = textOf(await callAt(here, 'POST', '/api-keys', { description: 'busy' }), 'key');
    let sent = 0;
    const ask = async ({ url }: Node) => {
      sent += 1;
      const answer = await fetch(`${url}/api/v1/whoami`, { headers: { authorization: `Bearer ${key}` } });
      await answer.body?.cancel();
      const numberOf = (name: string): number => Number(answer.headers.get(name));
      return { status: answer.status, left: numberOf('ratelimit-remaining'), after: numberOf('retry-after') };
    };
    // Not across the turn of a minute, when all begin anew.
    const rest = 60_000 - (Date.now() % 60_000);
    if (rest < 20_000) await wait(rest);
    while (sent < 100) expect((await ask(here)).status).toBe(200);
    for (const node of [there, here]) {
      await expect.poll(async () => (await ask(node)).left + sent, SOON).toBe(REQUESTS_PER_KEY);
    }
    while ((await ask(here)).left > 0);
    expect(sent).toBe(REQUESTS_PER_KEY);
    expect(await ask(here)).toMatchObject({ status: 429, left: 0 });
    await expect.poll(async () => (await ask(there)).status, SOON).toBe(429);
    expect((await ask(there)).after).toBeGreaterThan(0);
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
    await activateStatus(organization, here.url, 'disabled');
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
    const load = createLoad(send);
    let alive: readonly Node[] = nodes;
    const pick = (): Node => alive[turn++ % alive.length] ?? nodes[1];
    load.start(await Promise.all(Array.from({ length: 8 }, () => enrolled(pick, load.send))));
    await expect.poll(load.signedIn, { timeout: 30_000 }).toBeGreaterThan(50);
    alive = [nodes[1]];
    const inFlight = load.inFlight();
    const killedAt = performance.now();
    await nodes[0].end('SIGKILL');
    const before = load.signedIn();
    await expect.poll(load.signedIn, { timeout: 30_000 }).toBeGreaterThan(before + 50);
    await load.stop();
    expect(load.failures.filter(({ begunAt }) => begunAt > killedAt)).toEqual([]);
    expect(load.failures.length).toBeLessThanOrEqual(inFlight);
    expect(load.refusals).toEqual([]);
    nodes = [await started.startAgain(), nodes[1]];
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
    await started.postgres.stop('SIGQUIT');
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
    await started.postgres.start();
    for (const node of nodes) await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, SOON).toBe(200);
    await expect.poll(() => device.signIn(), SOON).toMatchObject({ kind: 'signed_in' });
    await expect
      .poll(() => stranger.enroll(organization.deviceToken, 'cut@acme.example'), SOON)
      .toMatchObject({ kind: 'enrolled' });
  });
});
