import { mkdtempSync, rmSync } from 'node:fs';
import { request as open } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runAgent } from '../kit/agent.ts';
import { createDevice, fetching } from '../kit/device.ts';
import { freePort } from '../kit/free-port.ts';
import { createOrganization, type SpawnedServer, spawnServer, type TestOrganization, textOf } from '../kit/spawn-server.ts';
import { startApplication, startNginx } from './peers/nginx.ts';
import { hasPrograms } from './programs.ts';

const isInstalled = hasPrograms('nginx');
const names = ['user', 'user-id', 'groups', 'device', 'evidence', 'organization', 'session'].map((name) => `x-latchkey-${name}`);

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks with header lines exactly as they are given: any case, any number of times, before nginx knows the Host. */
const ask = (url: string, lines: readonly string[] = [], method = 'GET'): Promise<Page> =>
  new Promise((resolve, reject) => {
    const { host } = new URL(url);
    const outgoing = open(url, { method, headers: ['Connection', 'close', ...lines, 'Host', host] }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
      });
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });

describe.skipIf(!isInstalled)("Debian's nginx with the snippet we ship", () => {
  let server: SpawnedServer;
  let organization: TestOrganization;
  let application: Awaited<ReturnType<typeof startApplication>>;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let careless: Awaited<ReturnType<typeof startNginx>>;
  let site: string;
  let carelessSite: string;
  let siteId: string;
  let bearerId: string;

  const register = async (identifier: string, allowBearer = false): Promise<string> =>
    textOf(
      await organization.call('POST', '/applications', { kind: 'gateway', name: identifier, identifier, allowBearer }),
      'id',
    );

  beforeAll(async () => {
    server = await spawnServer({ LATCHKEY_TRUSTED_PROXIES: '127.0.0.1', LATCHKEY_FAILURES_PER_ADDRESS: '100000' });
    organization = await createOrganization(server, 'acme.com');
    application = await startApplication();
    const ports = { latchkeyPort: Number(new URL(server.origin).port), applicationPort: application.port };
    const [port, carelessPort] = [await freePort(), await freePort()];
    site = `http://127.0.0.1:${port}`;
    carelessSite = `http://127.0.0.1:${carelessPort}`;
    siteId = await register(site);
    bearerId = await register(carelessSite, true);
    nginx = await startNginx({
      ...ports,
      port,
      protect: {
        '/': `application=${siteId}`,
        '/e0/': `application=${siteId}&evidence=E0`,
        '/e1/': `application=${siteId}&evidence=E1`,
        '/staff/': `application=${siteId}&groups=staff`,
        '/linux/': `application=${siteId}&platform=linux`,
        '/windows/': `application=${siteId}&platform=windows`,
        '/mistyped/': `application=${siteId}&evidense=E1`,
      },
    });
    // Another server of the port, read first, lets underscores through.
    careless = await startNginx({
      ...ports,
      port: carelessPort,
      protect: { '/': `application=${bearerId}` },
      http: `underscores_in_headers on; server { listen 127.0.0.1:${carelessPort} default_server; server_name other; return 404; }`,
      serverName: '127.0.0.1',
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    await careless?.stop();
    await application?.stop();
    await server?.stop();
  });
  beforeEach(() => {
    application.arrived.length = 0;
  });

  let logins = 0;
  /** Somebody who is signed in, with an access token for the site. */
  const signIn = async (origin = site, tokenType?: 'Bearer') => {
    logins += 1;
    const device = createDevice({ origin: server.origin, send: fetching() });
    const userName = `user${logins}@acme.com`;
    await device.enroll(organization.deviceToken, userName);
    const signedIn = await device.signIn();
    if (signedIn.kind !== 'signed_in') throw new Error(`not signed in: ${signedIn.code}`);
    const issued = await device.accessToken(origin, undefined, tokenType);
    if (issued.kind !== 'answered') throw new Error(`no access token: ${issued.code}`);
    const token = issued.access_token;
    let nonce = 'none';
    const credentials = (path: string, method = 'GET'): string[] => [
      ...['Authorization', `DPoP ${token}`],
      ...['DPoP', device.proofOf(token, { method, url: origin + path, nonce })],
    ];
    /** As an agent does: comes back once with the nonce it is given. */
    const visit = async (path: string, lines: readonly string[] = [], method = 'GET'): Promise<Page> => {
      const first = await ask(origin + path, [...credentials(path, method), ...lines], method);
      nonce = String(first.headers['dpop-nonce'] ?? nonce);
      const again = first.status === 401 && String(first.headers['www-authenticate']).includes('use_dpop_nonce');
      return again ? ask(origin + path, [...credentials(path, method), ...lines], method) : first;
    };
    const identity = {
      'x-latchkey-user': userName,
      'x-latchkey-user-id': signedIn.user.id,
      'x-latchkey-groups': undefined,
      'x-latchkey-device': device.state.deviceId,
      'x-latchkey-evidence': 'E0',
      'x-latchkey-organization': organization.id,
      'x-latchkey-session': signedIn.session.id,
    };
    return { device, token, credentials, visit, identity, userId: signedIn.user.id };
  };

  /** What the application believes: the values of every header that it could take for this one. */
  const believed = (name: string): readonly (string | undefined)[] => {
    const { rawHeaders } = application.arrived.at(-1) ?? { rawHeaders: [] };
    return rawHeaders.flatMap((key, index) =>
      index % 2 === 0 && key.toLowerCase().replaceAll('_', '-') === name ? [rawHeaders[index + 1]] : [],
    );
  };
  const expectTruth = (identity: Readonly<Record<string, string | undefined>>): void => {
    for (const [name, value] of Object.entries(identity))
      expect([name, believed(name)]).toEqual([name, value === undefined ? [] : [value]]);
    expect(application.arrived).toHaveLength(1);
  };
  const expectNoPage = (page: Page): void => {
    expect(page.body).not.toBe('page');
    expect(application.arrived).toEqual([]);
  };

  test('lets a signed-in device through, and the application sees who it is', async () => {
    const { visit, identity } = await signIn();
    expect(await visit('/some/page?a=1&evidence=E4')).toMatchObject({ status: 200, body: 'page' });
    expectTruth(identity);
    expect(application.arrived[0]).toMatchObject({ method: 'GET', url: '/some/page?a=1&evidence=E4' });
  });

  test('the real agent opens a page, and prints the refusal of another', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'latchkey-agent-'));
    try {
      const { host } = new URL(server.origin);
      const enrolled = ['--deviceToken', organization.deviceToken, '--userDomain', 'acme.com', '--cloudName', host];
      expect(await runAgent(stateDir, ['enroll', ...enrolled, '--userName', 'agent'])).toMatchObject({ status: 0 });
      expect(await runAgent(stateDir, ['fetch', `${site}/page?a=1`])).toMatchObject({ status: 0, stdout: 'page', stderr: '' });
      expect(believed('x-latchkey-user')).toEqual(['agent@acme.com']);
      const refused = await runAgent(stateDir, ['fetch', `${site}/e1/`]);
      expect(refused.status).toBe(4);
      expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'evidence_too_low' });
      const bearer = await runAgent(stateDir, ['token', '--bearer', carelessSite]);
      expect((await ask(`${carelessSite}/page`, ['Authorization', `Bearer ${bearer.stdout.trim()}`])).status).toBe(200);
    } finally {
      rmSync(stateDir, { recursive: true });
    }
  });

  test('a POST is proven as a POST', async () => {
    const { visit, credentials } = await signIn();
    expect((await visit('/form', [], 'POST')).status).toBe(200);
    expect(application.arrived[0]?.method).toBe('POST');
    expect((await ask(`${site}/form`, credentials('/form', 'GET'), 'POST')).status).toBe(401);
  });

  test.each([
    ['a forged X-Latchkey-User', ['X-Latchkey-User', 'root@acme.com']],
    ['x_latchkey_user', ['x_latchkey_user', 'root@acme.com']],
    ['a duplicate', ['X-Latchkey-User', 'root@acme.com', 'X-Latchkey-User', 'admin@acme.com']],
    ['a lower-case one', ['x-latchkey-user', 'root@acme.com']],
    ['one of strange case', ['X-LATCHKEY-uSER', 'root@acme.com']],
    ['one that is named as hop-by-hop', ['X-Latchkey-User', 'root@acme.com', 'Connection', 'close, X-Latchkey-User']],
    ['groups, which are empty', ['X-Latchkey-Groups', 'admins', 'x_latchkey_groups', 'admins']],
    [
      'all of them, in three spellings',
      names.flatMap((name) => [name, 'x', name.replaceAll('-', '_'), 'x', name.toUpperCase(), 'x']),
    ],
  ])('forged: %s. The application sees the true value, once', async (_what, lines) => {
    const { visit, identity } = await signIn();
    expect((await visit('/page', lines)).status).toBe(200);
    expectTruth(identity);
  });

  test('forged in every spelling where the default server of the port lets underscores through: the same', async () => {
    const { visit, identity } = await signIn(carelessSite);
    const spellings = (name: string): string[] =>
      name
        .split('-')
        .reduce<string[]>(
          (made, part) => (made.length === 0 ? [part] : made.flatMap((each) => [`${each}-${part}`, `${each}_${part}`])),
          [],
        );
    const lines = names.flatMap(spellings).flatMap((name) => [name, 'forged']);
    expect((await visit('/page', ['x_harmless', 'yes', ...lines])).status).toBe(200);
    expect(believed('x-harmless')).toEqual(['yes']);
    expectTruth(identity);
  });

  test('credentials and our cookie stay before the application; its own cookies go on', async () => {
    const { visit } = await signIn();
    const cookies: readonly (readonly [string, string | undefined])[] = [
      ['a=1; __Host-latchkey=secret; b=2', 'a=1; b=2'],
      ['__Host-latchkey=secret', undefined],
      ['__Host-latchkey=secret; a=1', 'a=1'],
      ['a=1; __Host-latchkey-x=secret', 'a=1; '],
      ['__Host-latchkey=secret; a=1; __host-LATCHKEY=secret', 'a=1; '],
      ['__Host-latchkey=secret; __Host-latchkey=secret; __Host-latchkey=secret; a=1', undefined],
      ['a=1; b="__x"', 'a=1; b="__x"'],
    ];
    for (const [sent, expected] of cookies) {
      expect((await visit('/page', ['Cookie', sent])).status).toBe(200);
      const headers = application.arrived.at(-1)?.headers ?? {};
      expect(headers.cookie?.trim()).toBe(expected?.trim());
      expect(headers.authorization).toBeUndefined();
      expect(headers.dpop).toBeUndefined();
    }
  });

  test('nobody without a session: a browser gets a page, a program a problem document', async () => {
    const browser = await ask(`${site}/page`, ['Accept', 'text/html,*/*;q=0.8']);
    expect(browser).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(browser.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(browser.body).toContain('opened by the Latchkey agent');
    const program = await ask(`${site}/page`, ['Accept', 'application/json', 'X-Latchkey-User', 'root@acme.com']);
    expect(program).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } });
    expect(program.headers['www-authenticate']).toBe('DPoP algs="ES256"');
    expect(JSON.parse(program.body)).toMatchObject({ code: 'sign_in_needed', correlationId: expect.stringMatching(/^cor_/) });
    expectNoPage(program);
  });

  test('the internal locations, and verify itself, are closed to clients', async () => {
    for (const path of ['/_latchkey/verify-0', '/_latchkey/refusal', '/_latchkey/unavailable']) {
      expect((await ask(site + path)).status).toBe(404);
    }
    expectNoPage(await ask(site, ['X-Original-URL', `${site}/_ready`, 'X-Original-Method', 'GET', 'Latchkey-Error', '']));
  });

  test.each([
    ['an evidence requirement', '/e1/', 'evidence_too_low'],
    ['a group requirement', '/staff/', 'group_needed'],
    ['a platform requirement', '/windows/', 'platform_refused'],
    ['a mistyped requirement', '/mistyped/', 'proxy_misconfigured'],
  ])('%s is enforced', async (_what, path, code) => {
    const { visit } = await signIn();
    for (const met of ['/linux/', '/e0/']) expect((await visit(met)).status).toBe(200);
    application.arrived.length = 0;
    const refused = await visit(path, ['Accept', 'application/json', 'evidence', 'E4', 'X-Latchkey-Groups', 'staff']);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toMatchObject({ code });
    expectNoPage(refused);
  });

  test('the query of a page is no requirement, nor is a client its own proxy', async () => {
    const { visit } = await signIn();
    const refused = await visit(`/e1/?application=${siteId}&evidence=E0&groups=`, [
      'X-Original-URL',
      `${site}/`,
      'X-Forwarded-Uri',
      '/',
    ]);
    expect(refused.status).toBe(403);
    expectNoPage(refused);
  });

  test.each([
    ['an ended session', [403], async ({ device }: Awaited<ReturnType<typeof signIn>>) => void (await device.signOut())],
    [
      'a disabled user',
      [403],
      async ({ userId }: Awaited<ReturnType<typeof signIn>>) => {
        await organization.call('POST', `/users/${userId}/disable`);
      },
    ],
    [
      'a removed device',
      [403],
      async ({ device }: Awaited<ReturnType<typeof signIn>>) => {
        await organization.call('POST', `/devices/${device.state.deviceId}/remove`);
      },
    ],
  ])('%s is out within two seconds', async (_what, statuses, revoke) => {
    const who = await signIn();
    expect((await who.visit('/page')).status).toBe(200);
    await revoke(who);
    await sleep(2000);
    application.arrived.length = 0;
    const refused = await who.visit('/page');
    expect(statuses).toContain(refused.status);
    expectNoPage(refused);
  });

  test('a replayed proof is refused, and the answer brings a nonce', async () => {
    const { visit, credentials } = await signIn();
    await visit('/page');
    const lines = credentials('/page');
    expect((await ask(`${site}/page`, lines)).status).toBe(200);
    application.arrived.length = 0;
    const replayed = await ask(`${site}/page`, lines);
    expect(replayed.status).toBe(401);
    expect(replayed.headers['www-authenticate']).toContain('error="invalid_dpop_proof"');
    expect(replayed.headers['dpop-nonce']).toBeTruthy();
    expectNoPage(replayed);
  });

  test('a token of another application is refused', async () => {
    const { device } = await signIn(carelessSite);
    const issued = await device.accessToken(carelessSite);
    if (issued.kind !== 'answered') throw new Error(issued.code);
    const token = issued.access_token;
    const lines = ['Authorization', `DPoP ${token}`, 'DPoP', device.proofOf(token, { url: `${site}/page`, nonce: 'none' })];
    const refused = await ask(`${site}/page`, lines);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
    expectNoPage(refused);
  });

  test("a token with another device's proof is refused", async () => {
    const victim = await signIn();
    const thief = await signIn();
    await victim.visit('/page');
    application.arrived.length = 0;
    const dpop = thief.device.proofOf(victim.token, { url: `${site}/page`, nonce: 'none' });
    const refused = await ask(`${site}/page`, ['Authorization', `DPoP ${victim.token}`, 'DPoP', dpop]);
    expect(refused.status).toBe(401);
    expectNoPage(refused);
  });

  test('a bearer token opens the site that allows it, and no other', async () => {
    const { token, identity } = await signIn(carelessSite, 'Bearer');
    expect((await ask(`${carelessSite}/page`, ['Authorization', `Bearer ${token}`])).status).toBe(200);
    expectTruth(identity);
    application.arrived.length = 0;
    const bound = await signIn();
    for (const each of [token, bound.token]) {
      const refused = await ask(`${site}/page`, ['Authorization', `Bearer ${each}`]);
      expect(refused.status).toBe(401);
      expectNoPage(refused);
    }
  });

  test('a Host header of another site is refused', async () => {
    const { token, device } = await signIn();
    const dpop = device.proofOf(token, { url: 'http://evil.example/page', nonce: 'none' });
    const page = await new Promise<Page>((resolve, reject) => {
      const lines = ['Host', 'evil.example', 'Connection', 'close', 'Authorization', `DPoP ${token}`, 'DPoP', dpop];
      open(`${site}/page`, { headers: lines, setHost: false }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' }));
      })
        .once('error', reject)
        .end();
    });
    expect(page.status).toBe(403);
    expectNoPage(page);
  });

  test('verify that does not answer: never the page', async () => {
    const { visit } = await signIn();
    expect((await visit('/page')).status).toBe(200);
    application.arrived.length = 0;
    process.kill(server.pid, 'SIGSTOP');
    try {
      const page = await visit('/page', ['X-Latchkey-User', 'root@acme.com']);
      expect(page.status).toBe(503);
      expectNoPage(page);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    expect((await visit('/page')).status).toBe(200);
  });

  // The last: it ends the server.
  test('verify that is gone: never the page', async () => {
    const { visit } = await signIn();
    expect((await visit('/page')).status).toBe(200);
    application.arrived.length = 0;
    process.kill(server.pid, 'SIGKILL');
    await sleep(200);
    for (const lines of [[], ['Accept', 'text/html']]) {
      const page = await visit('/page', lines);
      expect(page).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
      expectNoPage(page);
    }
  });
});
