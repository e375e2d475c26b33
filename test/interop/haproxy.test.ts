import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevice, fetching, type Received, type Send, type SimulatedDevice } from '../kit/device.ts';
import { freePort } from '../kit/free-port.ts';
import { activateStatus, createLoad, type Nodes, startNodes } from '../kit/nodes.ts';
import { noPostgres } from '../kit/postgres.ts';
import { callApi, textOf } from '../kit/spawn-server.ts';
import { NODE_HEADER, startHaproxy } from './peers/haproxy.ts';
import { hasPrograms, run } from './programs.ts';

/** How long the database is away. */
const CUT_MILLISECONDS = 10_000;
/** Within which every node knows of a change. */
const SOON = { timeout: 5_000, interval: 50 };
const WIKI = 'https://wiki.acme.example';
const SITE = 'https://site.acme.example';

type Name = 'a' | 'b';
const names: readonly Name[] = ['a', 'b'];

describe.skipIf(!hasPrograms('haproxy') || noPostgres() !== undefined)(
  "two nodes on one PostgreSQL behind Debian's haproxy with the configuration we ship",
  () => {
    let origin: string;
    let nodes: Nodes;
    let haproxy: Awaited<ReturnType<typeof startHaproxy>>;
    let apps: Readonly<Record<'wiki' | 'site', string>>;
    /** For the line at the end. */
    const summary: Record<string, unknown> = {};
    const followed: Record<string, number> = {};

    const send = fetching();
    /** To the node of that name, by the proxy; without a name, to whichever it takes. */
    const sendTo =
      (name: Name | undefined, by: Send = send): Send =>
      (request) =>
        by(name === undefined ? request : { ...request, headers: { ...request.headers, [NODE_HEADER]: name } });
    let users = 0;
    const enroll = async (by: Send = send) => {
      users += 1;
      const device = createDevice({ origin, send: by });
      const answer = await device.enroll(nodes.organization.deviceToken, `user${users}@acme.example`);
      expect(answer).toMatchObject({ kind: 'enrolled' });
      return device;
    };
    /** The same device, as one node gets to know it. */
    const deviceAt = (name: Name, { key, state }: SimulatedDevice): SimulatedDevice => {
      const device = createDevice({ origin, key, send: sendTo(name) });
      // Its nonce is good for one call, and is for the first one's.
      Object.assign(device.state, state, { nonce: '' });
      return device;
    };
    const call = (method: string, path: string, body?: unknown) =>
      callApi(origin)(nodes.organization.key, method, `/organizations/${nodes.organization.id}${path}`, body);
    const operate = (method: string, path: string, body?: unknown) =>
      callApi(origin)(nodes.operatorKey, method, `/organizations/${nodes.organization.id}${path}`, body);
    const get = (name: Name | undefined, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Received> =>
      sendTo(name)({ method: 'GET', url: origin + path, headers });
    const listUsers = (name: Name, key: string): Promise<Received> =>
      get(name, `/api/v1/organizations/${nodes.organization.id}/users`, { authorization: `Bearer ${key}` });

    /** Somebody who is signed in and holds an access token for the site behind a proxy, as each node sees it. */
    const signedIn = async () => {
      const device = await enroll();
      const answer = await device.signIn();
      if (answer.kind !== 'signed_in') throw new Error(answer.code);
      const issued = await device.accessToken(SITE);
      if (issued.kind !== 'answered') throw new Error(issued.code);
      const token = issued.access_token;
      const at = { a: deviceAt('a', device), b: deviceAt('b', device) };
      const nonces = { a: 'none', b: 'none' };
      const enterOnce = async (name: Name): Promise<Received> => {
        const url = `${SITE}/page`;
        // As a site's proxy does: it asks the node itself.
        const answered = await send({
          method: 'GET',
          url: `${nodes[name].url}/gateway/v1/verify?application=${apps.site}`,
          headers: {
            authorization: `DPoP ${token}`,
            dpop: device.proofOf(token, { url, nonce: nonces[name] }),
            'x-original-url': url,
            'x-original-method': 'GET',
          },
        });
        nonces[name] = answered.headers['dpop-nonce'] ?? nonces[name];
        return answered;
      };
      return {
        device,
        user: answer.user.id,
        /** Why the node lets nobody in; '' if it does. */
        enter: async (name: Name): Promise<string> => {
          const first = await enterOnce(name);
          const needsNonce = first.headers['latchkey-error'] === 'use_dpop_nonce';
          const { status, headers } = needsNonce ? await enterOnce(name) : first;
          return status === 200 ? '' : (headers['latchkey-error'] ?? String(status));
        },
        /** Why the node gives no access token; '' if it does. */
        accessToken: async (name: Name): Promise<string> => {
          const given = await at[name].accessToken(WIKI);
          return given.kind === 'answered' ? '' : given.code;
        },
      };
    };
    type SignedIn = Awaited<ReturnType<typeof signedIn>>;

    type Ask = (name: Name) => Promise<string>;
    /** Each node must answer `after` within 5 s of the change, and then for good. */
    const untilFollowed = async (what: string, changedAt: number, ask: Ask, after: string): Promise<void> => {
      await Promise.all(
        names.map(async (name) => {
          await expect.poll(() => ask(name), SOON).toBe(after);
          followed[what] = Math.max(followed[what] ?? 0, Math.round(performance.now() - changedAt));
        }),
      );
      for (const name of [...names, ...names]) expect([name, await ask(name)]).toEqual([name, after]);
    };
    /** Makes a change that the nodes answer otherwise after than before; says when it was acknowledged. */
    const follow = async (
      what: string,
      change: () => Promise<unknown>,
      ask: Ask,
      [before, after]: readonly [string, string],
    ): Promise<number> => {
      for (const name of names) expect([name, await ask(name)]).toEqual([name, before]);
      await change();
      const changedAt = performance.now();
      await untilFollowed(what, changedAt, ask, after);
      return changedAt;
    };

    beforeAll(async () => {
      const port = await freePort();
      origin = `http://127.0.0.1:${port}`;
      nodes = await startNodes({ origin, settings: { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' } });
      haproxy = await startHaproxy({ port, nodes: { a: nodes.a.port, b: nodes.b.port } });
      const register = async (kind: 'api' | 'gateway', identifier: string): Promise<string> =>
        textOf(await call('POST', '/applications', { kind, name: identifier, identifier }), 'id');
      apps = { wiki: await register('api', WIKI), site: await register('gateway', SITE) };
      summary.haproxy = /version (\S+)/.exec(run('haproxy', ['-v']).stdout)?.[1];
    });
    afterAll(async () => {
      await haproxy?.stop();
      await nodes?.stop();
      const longest = Math.max(...Object.values(followed));
      process.stdout.write(`${JSON.stringify({ ...summary, followedWithinMilliseconds: { longest, ...followed } })}\n`);
    });

    test('a sign-in whose messages reach the nodes in turn is one sign-in', async () => {
      const answeredBy: (string | undefined)[] = [];
      const device = await enroll(async (request) => {
        const answer = await send(request);
        answeredBy.push(answer.headers[NODE_HEADER]);
        return answer;
      });
      answeredBy.length = 0;
      for (let round = 0; round < 20; round += 1) expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
      const changes = answeredBy.filter((name, index) => index > 0 && name !== answeredBy[index - 1]).length;
      expect(changes).toBe(answeredBy.length - 1);
      summary.signInsInTurn = { signIns: 20, messages: answeredBy.length, changesOfNode: changes };
    });

    /** Why the node does not sign the device in; '' if it does. */
    const signInAt =
      (devices: Readonly<Record<Name, SimulatedDevice>>) =>
      async (name: Name): Promise<string> => {
        const answer = await devices[name].signIn();
        return answer.kind === 'signed_in' ? '' : answer.code;
      };

    test('an activation and a rollback are followed by both nodes', async () => {
      const signIn = signInAt({ a: deviceAt('a', await enroll()), b: deviceAt('b', await enroll()) });
      const disable = () => activateStatus(nodes.organization, origin, 'disabled');
      await follow('settings activated', disable, signIn, ['', 'idp_disabled']);
      await follow('settings rolled back', () => call('POST', '/settings/versions/1/activate', {}), signIn, ['idp_disabled', '']);
    });

    test('a revoked device token enrolls nobody, at both nodes', async () => {
      const made = await call('POST', '/device-tokens', { description: 'short', enrollment: 'automatic' });
      const tryToEnroll = async (name: Name): Promise<string> => {
        users += 1;
        const device = createDevice({ origin, send: sendTo(name) });
        const answer = await device.enroll(textOf(made, 'token'), `user${users}@acme.example`);
        return answer.kind === 'enrolled' ? '' : answer.code;
      };
      const revoke = () => call('POST', `/device-tokens/${made.id}/revoke`);
      await follow('device token revoked', revoke, tryToEnroll, ['', 'token_revoked']);
    });

    test('a revoked API key opens nothing, at both nodes', async () => {
      const made = await call('POST', '/api-keys', { description: 'short' });
      const status = async (name: Name): Promise<string> => String((await listUsers(name, textOf(made, 'key'))).status);
      await follow('API key revoked', () => call('POST', `/api-keys/${made.id}/revoke`), status, ['200', '401']);
    });

    const removeDevice = (of: SignedIn) => call('POST', `/devices/${of.device.state.deviceId}/remove`, { force: true });
    test.each<[string, (of: SignedIn) => Promise<unknown>, token: string, gateway: string, signIn: string]>([
      [
        'session signed out',
        async (of) => expect(await of.device.signOut()).toMatchObject({ kind: 'answered' }),
        'device_unregistered',
        'device_unregistered',
        '',
      ],
      [
        'device unenrolled',
        async (of) => expect(await of.device.unenroll()).toMatchObject({ kind: 'answered' }),
        'device_removed',
        'device_removed',
        'device_removed',
      ],
      ['device removed', removeDevice, 'device_removed', 'device_removed', 'device_removed'],
      [
        'device put in quarantine',
        (of) => call('POST', `/devices/${of.device.state.deviceId}/quarantine`),
        'device_quarantined',
        'device_quarantined',
        'device_quarantined',
      ],
      ['user disabled', (of) => call('POST', `/users/${of.user}/disable`), 'session_ended', 'user_disabled', 'user_disabled'],
      ['user deleted', (of) => call('DELETE', `/users/${of.user}`), 'session_ended', 'user_disabled', 'user_unknown'],
    ])('%s: no access token and no page, at both nodes', async (what, revoke, token, gateway, signIn) => {
      const of = await signedIn();
      for (const name of names) expect(await of.enter(name)).toBe('');
      const revokedAt = await follow(what, () => revoke(of), of.accessToken, ['', token]);
      await untilFollowed(`${what}, at a site`, revokedAt, of.enter, gateway);
      const again = await of.device.signIn();
      expect(again.kind === 'signed_in' ? '' : again.code).toBe(signIn);
    });

    test('an application that is switched off gets nobody, at both nodes', async () => {
      const of = await signedIn();
      const change = (id: string, enabled: boolean) => () => call('PATCH', `/applications/${id}`, { enabled });
      await follow('application switched off', change(apps.wiki, false), of.accessToken, ['', 'application_disabled']);
      await follow('application switched on', change(apps.wiki, true), of.accessToken, ['application_disabled', '']);
      await follow('site switched off', change(apps.site, false), of.enter, ['', 'application_disabled']);
      await follow('site switched on', change(apps.site, true), of.enter, ['application_disabled', '']);
    });

    test('a suspended organization has no sign-in, page or API, at both nodes, until it is resumed', async () => {
      const of = await signedIn();
      const signIn = signInAt({ a: deviceAt('a', await enroll()), b: deviceAt('b', await enroll()) });
      const [suspend, resume] = [() => operate('POST', '/suspend'), () => operate('POST', '/resume')];
      const suspendedAt = await follow('organization suspended', suspend, of.accessToken, ['', 'organization_suspended']);
      await untilFollowed('organization suspended, at a site', suspendedAt, of.enter, 'organization_suspended');
      await untilFollowed('organization suspended, to sign in', suspendedAt, signIn, 'organization_suspended');
      for (const name of names) expect((await listUsers(name, nodes.organization.key)).status).toBe(403);
      await follow('organization resumed', resume, signIn, ['organization_suspended', '']);
      for (const name of names) {
        await expect.poll(() => of.accessToken(name), SOON).toBe('');
        await expect.poll(() => of.enter(name), SOON).toBe('');
      }
    });

    test('a node that is killed under load takes only the requests in flight with it', async () => {
      const load = createLoad(send);
      // Those that the other node answers must not notice anything at all.
      const spared = createLoad(sendTo('b'));
      for (const each of [load, spared]) each.start(await Promise.all(Array.from({ length: 8 }, () => enroll(each.send))));
      const more = async (signIns: number): Promise<void> => {
        const goal = load.signedIn() + signIns;
        await expect.poll(load.signedIn, { timeout: 60_000 }).toBeGreaterThan(goal);
      };
      await more(100);
      const inFlight = load.inFlight();
      const killedAt = performance.now();
      await nodes.a.end('SIGKILL');
      const endedAt = performance.now();
      await more(100);
      await nodes.startAgain();
      await expect.poll(async () => (await get('a', '/readyz')).headers[NODE_HEADER], { timeout: 10_000 }).toBe('a');
      await more(50);
      for (const each of [load, spared]) await each.stop();
      // In flight: begun before the node was gone, not answered before it was killed.
      const others = load.failures.filter((failure) => failure.begunAt > endedAt || failure.endedAt < killedAt);
      expect(others).toEqual([]);
      expect(spared.failures).toEqual([]);
      expect([...load.refusals, ...spared.refusals]).toEqual([]);
      summary.killed = {
        signIns: load.signedIn(),
        requests: load.requests(),
        inFlight,
        dyingMilliseconds: Math.round(endedAt - killedAt),
        failed: load.failures.length,
        failedBegunBeforeTheKill: load.failures.filter(({ begunAt }) => begunAt < killedAt).length,
        failedOthers: others.length,
        atTheOtherNode: { signIns: spared.signedIn(), requests: spared.requests(), failed: spared.failures.length },
      };
    });

    test('the database is cut off for 10 s: 503 and never a yes, then all goes on by itself', async () => {
      const of = await signedIn();
      const device = await enroll();
      const begun = await device.begin();
      if (begun.kind !== 'begun') throw new Error(begun.code);
      const stranger = createDevice({ origin, send });
      const enrollment = await stranger.enrollmentMessage(nodes.organization.deviceToken, 'cut@acme.example');
      for (const name of names) expect(await of.enter(name)).toBe('');

      await nodes.postgres.stop('SIGQUIT');
      const cutAt = performance.now();
      let asked = 0;
      const expectRefusal = async (answer: Promise<{ readonly kind: string }>): Promise<void> => {
        asked += 1;
        expect(await answer).toMatchObject({ kind: 'refused', status: 503 });
      };
      while (performance.now() - cutAt < CUT_MILLISECONDS) {
        await expectRefusal(device.prove(begun));
        await expectRefusal(stranger.sendEnrollment(enrollment));
        await expectRefusal(of.device.accessToken(WIKI));
        for (const name of names) {
          asked += 2;
          expect(await of.enter(name)).toBe('unavailable');
          expect((await listUsers(name, nodes.organization.key)).status).toBe(503);
          expect((await fetch(`${nodes[name].url}/readyz`)).status).toBe(503);
          expect((await fetch(`${nodes[name].url}/healthz`)).status).toBe(200);
        }
      }
      await nodes.postgres.start();
      const backAt = performance.now();
      const signIn = async (): Promise<string> => {
        const answer = await device.signIn();
        return answer.kind === 'signed_in' ? '' : answer.code;
      };
      await expect.poll(signIn, SOON).toBe('');
      summary.cut = {
        milliseconds: CUT_MILLISECONDS,
        refusedWith503: asked,
        signInAgainAfter: Math.round(performance.now() - backAt),
      };
      for (const name of names) {
        await expect.poll(async () => (await get(name, '/readyz')).headers[NODE_HEADER], SOON).toBe(name);
        await expect.poll(() => of.accessToken(name), SOON).toBe('');
        await expect.poll(() => of.enter(name), SOON).toBe('');
      }
      expect(await stranger.enroll(nodes.organization.deviceToken, 'cut@acme.example')).toMatchObject({ kind: 'enrolled' });
    });

    test('what is for the proxies of sites does not pass, and an address that a client claims is not believed', async () => {
      expect((await get(undefined, `/gateway/v1/verify?application=${apps.site}`)).status).toBe(404);
      const { id, key } = nodes.organization;
      const user = { userName: 'claims@acme.example' };
      await callApi(origin)(key, 'POST', `/organizations/${id}/users`, user, { 'x-forwarded-for': '203.0.113.7' });
      const { items } = await call('GET', '/audit?action=user.created&limit=1');
      expect(items).toMatchObject([{ actor: expect.stringMatching(/^api-key:/), remoteAddress: '127.0.0.1' }]);
    });
  },
);
