import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Access } from '../../apps/server/src/http/caller.ts';
import type { OrganizationStore } from '../../apps/server/src/storage/stores.ts';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';
import { forgetTenant } from './forget-tenant.ts';
import { createTenant, type Tenant } from './tenant.ts';
import { namedQueries, unnamedQueries } from './tenant-queries.ts';
import { type Call, type Credential, credentials, type Row, rows } from './tenant-routes.ts';
import { openRows, type Rows } from './tenant-rows.ts';

/** Who asks the gateway: the only address that may. */
const PROXY = '192.0.2.80';
const NOBODY = 'nothing';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly access: Access | undefined;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly body: string;
  /** All of it, as it would be searched. */
  readonly text: string;
}

/** What a 403 may say, because it tells of the caller only: all of them are explained to administrators. */
const explained = new Set(
  ['errors.md', 'api.md']
    .map((name) => readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8'))
    .flatMap((text) => [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code ?? '')),
);

/** The words of a refusal, without the id of this very answer. */
const wordsOf = ({ status, code, body }: Answer): string => `${status} ${code} ${body.replace(/cor_\w+/g, '')}`;

const isRefused = ({ status, code, body }: Answer): boolean =>
  status === 401 ||
  status === 404 ||
  (status === 403 && explained.has(code)) ||
  // A SAML answer that says no (saml-bindings §3.2.2.1: with the status 200).
  (status === 200 && explained.has(code) && !body.includes('<saml:Assertion'));

/** Every route of the server that is made while `work` runs, as the server itself has it. */
const routesOf = async <T>(work: () => Promise<T>): Promise<readonly [T, readonly Route[]]> => {
  const routes: Route[] = [];
  const watch = (message: unknown): void => {
    const { fastify } = message as { fastify: TestServer['app'] }; // what Fastify publishes there
    fastify.addHook('onRoute', ({ method, url, config }) => {
      for (const each of [method].flat()) routes.push({ method: each, url, access: config?.access });
    });
  };
  subscribe('fastify.initialization', watch);
  try {
    return [await work(), routes];
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
};

const legend =
  'all: everybody, and no more than with nothing; own: about the caller; duty: what operators are for; no: a SAML status that refuses';
/** Each with the engines that it was found on. */
const matrices = new Map<string, string[]>();
const tables: string[] = [];
afterAll(() => {
  for (const [matrix, found] of matrices) {
    const title = `What one organization's credentials open of another's (${found.join(', ')})`;
    console.log([title, legend, `${''.padEnd(76)} ${credentials.join(' ')}`, matrix].join('\n'));
  }
  console.log(tables.join('\n'));
});

describe.each(engines)("one organization's credentials on what belongs to another (%s)", (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-tenants-'));
  let databaseUrl: string;
  let server: TestServer;
  let routes: readonly Route[];
  let stored: Rows;
  let attacker: Tenant;
  let victim: Tenant;
  let operatorKey: string;

  beforeAll(async () => {
    databaseUrl = engine === 'sqlite' ? `sqlite:${join(folder, 'latchkey.db')}` : await createTestDatabase();
    [server, routes] = await routesOf(() => createTestServer({ databaseUrl, trustedProxies: [PROXY] }));
    stored = await openRows(databaseUrl);
    attacker = await createTenant(server, 'attacker');
    victim = await createTenant(server, 'victim');
    operatorKey = await server.createOperatorKey();
  });
  afterAll(async () => {
    await stored.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const keyOf = ({ method, url }: Route): string => `${method === 'HEAD' ? 'GET' : method} ${url}`;
  const routeOf = (key: string): Route => {
    const route = routes.find((each) => keyOf(each) === key && each.method !== 'HEAD');
    if (route === undefined) throw new TypeError(`there is no route ${key}`);
    return route;
  };
  const rowOf = (route: Route): Row => rows[keyOf(route)] ?? {};
  const openness = (route: Route): Row['open'] =>
    rowOf(route).open ?? (route.access === 'public' ? 'public' : route.access === 'any' ? 'own' : undefined);

  /** Of a stream that goes on, what is told at once: that one may listen, and what has happened before. */
  const inject = async (options: {
    readonly method: 'GET';
    readonly url: string;
    readonly remoteAddress: string;
    readonly headers: Call['headers'];
    readonly payload?: string | object;
  }) => {
    if (options.method !== 'GET' || !options.url.endsWith('/events')) return server.app.inject(options);
    const answer = await server.app.inject({ ...options, payloadAsStream: true });
    let text = '';
    for await (const chunk of answer.stream()) {
      text += String(chunk);
      if (answer.statusCode === 200 && text.includes('data:')) break;
    }
    return { statusCode: answer.statusCode, headers: answer.headers, body: text, json: () => JSON.parse(text) };
  };

  const send = async ({ method, url, headers, body }: Call): Promise<Answer> => {
    const answer = await inject({
      method: method as 'GET', // whatever Fastify has a route for
      url,
      remoteAddress: PROXY,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    const isProblem = answer.headers['content-type']?.toString().includes('problem+json') === true && answer.body !== '';
    const code = isProblem ? String(answer.json().code) : String(answer.headers['latchkey-error'] ?? '');
    return { status: answer.statusCode, code, body: answer.body, text: `${JSON.stringify(answer.headers)} ${answer.body}` };
  };

  /** The request of a route for what is the tenant's, by nobody. `home` is the organization in the path. */
  const aim = async (route: Route, tenant: Tenant, sender: Tenant, home = tenant.id): Promise<Call> => {
    const row = rowOf(route);
    const ids: Readonly<Record<string, string>> = { organization: home, org: home, ...row.ids?.(tenant) };
    const path = route.url
      .replace(/\*$/, () => ids['*'] ?? '*')
      .replace(/:(\w+)/g, (_, name: string) => {
        const id = ids[name];
        if (id === undefined) throw new TypeError(`${keyOf(route)} says nothing of :${name}`);
        return encodeURIComponent(id);
      });
    const query = new URLSearchParams(row.query?.(tenant)).toString();
    const body = await row.body?.(tenant, sender);
    return {
      method: route.method,
      url: query === '' ? path : `${path}?${query}`,
      headers: row.headers?.(tenant) ?? {},
      ...(body === undefined ? {} : { body }),
    };
  };

  const withKey = (call: Call, text: string): Call => ({
    ...call,
    headers: { ...call.headers, authorization: `Bearer ${text}` },
  });
  const withProof = (call: Call, device: Tenant['device']): Call => {
    const [path = ''] = call.url.split('?');
    const dpop = device.dpopFor(path, (payload) => ({ ...payload, htm: call.method }));
    return { ...call, headers: { ...call.headers, 'latchkey-device': device.state.deviceId, dpop } };
  };

  type Dress = (call: Call, sender: Tenant, tenant: Tenant) => readonly Call[] | Promise<readonly Call[]>;
  /** What a request looks like with a credential of the sender's. */
  const dress: Readonly<Record<Credential, Dress>> = {
    nothing: (call) => [call],
    'API key': (call, { key }) => [withKey(call, key)],
    scoped: (call, { scoped }) => [...scoped.values()].map((key) => withKey(call, key)),
    operator: (call) => [withKey(call, operatorKey)],
    'device token': (call, { token }) => [withKey(call, token.text)],
    'SCIM token': (call, { scim }) => [withKey(call, scim.token)],
    session: (call, { sessionId }) => [withKey(call, sessionId)],
    cookie: (call, { sessionId }) => [
      { ...call, headers: { ...call.headers, cookie: `__Host-latchkey=${sessionId}; latchkey=${sessionId}` } },
    ],
    administrator: (call, { administrator }) => [
      {
        ...call,
        headers: {
          ...call.headers,
          origin: server.origin,
          'latchkey-console': '1',
          cookie: administrator.cookie() ?? '',
        },
      },
    ],
    bearer: (call, { bearer }) => [withKey(call, bearer)],
    DPoP: (call, { device, bound }) => {
      const url = call.headers['x-original-url'] ?? server.origin + call.url;
      const dpop = device.proofOf(bound, { method: call.method, url, nonce: device.state.nonce });
      return [{ ...call, headers: { ...call.headers, authorization: `DPoP ${bound}`, dpop } }];
    },
    device: async (call, { device }) => {
      await device.challenge();
      return [withProof(call, device)];
    },
    forged: async (call, { disguise }, { device }) => {
      const impostor = disguise(device);
      await impostor.challenge();
      return [withProof(call, impostor)];
    },
    // The other's device proves, over a nonce that was not made for it.
    nonce: async (call, sender, tenant) => {
      tenant.device.state.nonce = await sender.device.challenge();
      return [withProof(call, tenant.device)];
    },
    assertion: (call, { response }) => {
      const text = encodeURIComponent(Buffer.from(response.text).toString('base64'));
      return [{ ...call, url: `${call.url}${call.url.includes('?') ? '&' : '?'}SAMLResponse=${text}` }];
    },
  };

  const attacksOf = async (route: Route, credential: Credential, target: Tenant): Promise<readonly Call[]> => {
    const call = await aim(route, target, attacker);
    const special = rowOf(route).by?.[credential];
    if (special !== undefined) return [{ ...call, ...(await special(target, attacker)) }];
    return dress[credential](call, attacker, target);
  };

  /** What an answer says of the tenant that was not in the question. */
  const saidOf = (tenant: Tenant, call: Call, answer: Answer): readonly string[] => {
    const asked = decodeURIComponent(JSON.stringify(call));
    return tenant.marks.filter((mark) => answer.text.includes(mark) && !asked.includes(mark));
  };

  /** Operators manage organizations, and so they may ask all but what is the organization's own. */
  const isDuty = ({ access }: Route, credential: Credential): boolean =>
    credential === 'operator' && (access === 'operator' || access === 'management');

  const judge = (route: Route, call: Call, answer: Answer, asNobody: number | undefined): string => {
    const row = rowOf(route);
    const told = saidOf(victim, call, answer).filter((mark) => row.tells?.(victim).includes(mark) !== true);
    expect(told, `${route.method} ${route.url} tells of the other`).toEqual([]);
    const open = openness(route);
    if (open === 'public') {
      expect(answer.status).toBe(asNobody ?? answer.status);
      return 'all';
    }
    if (open === 'own' && !isRefused(answer)) {
      expect(answer.status).toBeLessThan(500);
      return 'own';
    }
    expect(isRefused(answer), `${route.method} ${route.url} was answered ${answer.text.slice(0, 2000)}`).toBe(true);
    return answer.status === 200 ? 'no' : String(answer.status);
  };

  test('no route is without a row, and no row without a route', () => {
    const keys = [...new Set(routes.map(keyOf))];
    expect(keys.toSorted()).toEqual(Object.keys(rows).toSorted());
  });

  test('are refused on every route, and nothing is told or changed', { timeout: 60_000 }, async () => {
    const before = await stored.of(victim.id);
    const lines: string[] = [];
    for (const key of Object.keys(rows)) {
      const route = routeOf(key);
      const cells: string[] = [];
      let asNobody: number | undefined;
      for (const credential of credentials) {
        const attacks = isDuty(route, credential) ? [] : await attacksOf(route, credential, victim);
        const answers = await Promise.all(attacks.map(async (call) => [call, await send(call)] as const));
        if (credential === NOBODY) asNobody = answers[0]?.[1].status;
        const found = new Set(answers.map(([call, answer]) => judge(route, call, answer, asNobody)));
        cells.push((found.size === 0 ? 'duty' : [...found].join('/')).padEnd(credential.length));
      }
      expect(await stored.of(victim.id), `after ${key}`).toEqual(before);
      lines.push(`${key.padEnd(76)} ${cells.join(' ')}`);
    }
    const matrix = lines.join('\n');
    matrices.set(matrix, [...(matrices.get(matrix) ?? []), engine]);
  });

  test('HEAD is answered as GET is, without a word', async () => {
    for (const route of routes.filter(({ method }) => method === 'HEAD')) {
      const call = withKey(await aim(route, victim, attacker), attacker.key);
      const answer = await send(call);
      expect(saidOf(victim, call, answer)).toEqual([]);
      expect([route.url, answer.body, answer.status]).toEqual([route.url, '', (await send({ ...call, method: 'GET' })).status]);
    }
  });

  test("the other's ids below the own organization's path are not found", async () => {
    const before = await stored.of(victim.id);
    // What may be named is named last: a domain that was claimed would be found.
    const inside = routes
      .filter(({ url, access }) => url.startsWith('/api/v1/organizations/:organization') && access !== 'operator')
      .filter(({ method }) => method !== 'HEAD')
      .toSorted((a, b) => Number(rowOf(a).mayName ?? false) - Number(rowOf(b).mayName ?? false));
    for (const route of inside) {
      const row = rowOf(route);
      const aimed = await aim(route, victim, attacker, attacker.id);
      const cursor = row.cursor === undefined ? '' : `&cursor=${encodeURIComponent(row.cursor(victim))}`;
      const call = withKey({ ...aimed, url: aimed.url + cursor }, attacker.key);
      const answer = await send(call);
      expect(saidOf(victim, call, answer), `${route.method} ${route.url}`).toEqual([]);
      if (row.ids !== undefined && row.mayName !== true) expect([route.url, answer.status]).toEqual([route.url, 404]);
      expect(answer.status).toBeLessThan(500);
    }
    expect(await stored.of(victim.id)).toEqual(before);
  });

  test("what exists and what does not look alike: no refusal tells whether another's id is good", async () => {
    const made = victim.marks.map((mark) => [mark, mark.replace(/[0-9a-f]{8}$/, '00000000')] as const);
    const unreal = (text: string): string => made.reduce((all, [mark, other]) => all.replaceAll(mark, other), text);
    for (const route of Object.keys(rows).map(routeOf)) {
      if (!route.url.startsWith('/api/') || openness(route) === 'public') continue;
      for (const home of [victim.id, attacker.id]) {
        if (rowOf(route).mayName === true && home === attacker.id) continue;
        const call = withKey(await aim(route, victim, attacker, home), attacker.key);
        if (!isRefused(await send(call))) continue;
        const { method, headers } = call;
        const ghost = { method, headers, url: unreal(call.url), ...(call.body === undefined ? {} : { body: call.body }) };
        expect(wordsOf(await send(ghost)), `${method} ${ghost.url}`).toBe(unreal(wordsOf(await send(call))));
      }
    }
  });

  test('the same requests by whoever may make them are answered', { timeout: 60_000 }, async () => {
    let told = 0;
    for (const key of Object.keys(rows)) {
      const route = routeOf(key);
      const row = rowOf(route);
      const call = await aim(route, victim, victim);
      const right = row.rightly !== undefined ? await row.rightly(victim) : undefined;
      const mine =
        right !== undefined
          ? { ...call, ...right, headers: { ...call.headers, ...right.headers } }
          : row.open === 'own'
            ? (await dress.device(call, victim, victim))[0]
            : withKey(call, route.access === 'operator' ? operatorKey : victim.key);
      if (mine === undefined) throw new TypeError('a device makes one call');
      const answer = await send(mine);
      const expected = row.answers === undefined ? /^2/ : new RegExp(`^${row.answers}$`);
      expect(String(answer.status), `${key}: ${answer.body}`).toMatch(expected);
      if (isRefused(answer)) expect([key, row.answers]).toEqual([key, answer.status]);
      told += saidOf(victim, mine, answer).length;
    }
    // That the answers above tell nothing means something: these do.
    expect(told).toBeGreaterThan(50);
  });

  describe('below the API', () => {
    let one: Tenant;
    let other: Tenant;
    beforeAll(async () => {
      one = await createTenant(server, 'one');
      other = await createTenant(server, 'other');
    });

    /** Asked in a transaction that is given up. */
    const asked = async (tenant: Tenant, ask: (store: OrganizationStore) => Promise<unknown>): Promise<unknown> => {
      let answer: unknown;
      const givenUp = new Error('given up');
      const work = tenant.storage.transaction(async (store) => {
        answer = await ask(store);
        throw givenUp;
      });
      await expect(work).rejects.toBe(givenUp);
      return answer;
    };
    const isNothing = (answer: unknown): boolean =>
      answer === undefined || answer === false || answer === 0 || (Array.isArray(answer) && answer.length === 0);

    test("a store that is open for one organization finds no row of the other's, by no id or name", async () => {
      const before = await stored.of(other.id);
      for (const [name, ask] of namedQueries) {
        const answer = await one.storage.transaction((store) => ask(store, other));
        expect(isNothing(answer), `${name}: ${JSON.stringify(answer)}`).toBe(true);
        expect(isNothing(await asked(other, (store) => ask(store, other))), `${name} for the own organization`).toBe(false);
      }
      expect(await stored.of(other.id)).toEqual(before);
    });

    test('nor do the queries that ask for no row in particular, and none changes the other', async () => {
      const before = await stored.of(other.id);
      for (const [name, ask] of unnamedQueries) {
        // Whether the database refuses a row that is there already is its own affair.
        const answer = await one.storage.transaction((store) => ask(store, other)).catch(() => undefined);
        expect(
          other.marks.filter((mark) => JSON.stringify(answer ?? '').includes(mark)),
          name,
        ).toEqual([]);
      }
      expect(await stored.of(other.id)).toEqual(before);
      tables.push(
        `A store of one organization (${engine}): ${namedQueries.length} queries by id or name found nothing of another, ${unnamedQueries.length} others told and changed nothing of it.`,
      );
    });

    if (engine === 'postgres') {
      test('PostgreSQL itself closes every table to a query that forgets the tenant', async () => {
        const [left, right] = [await createTenant(server, 'left'), await createTenant(server, 'right')];
        tables.push(await forgetTenant(databaseUrl, left.id, right.id));
      });
    }
  });
});
