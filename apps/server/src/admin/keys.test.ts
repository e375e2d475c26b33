import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let organization: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;

beforeAll(async () => {
  server = await createTestServer({ requestsPerKey: 200 });
  organization = await server.createOrganization('acme.com');
  key = await organization.createApiKey();
});
afterAll(() => server.close());

const call = async (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  options: { readonly key?: string; readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
) => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${organization.id}${path}`,
    headers: { authorization: `Bearer ${options.key ?? key}`, ...options.headers },
    ...(options.body === undefined ? {} : { payload: options.body }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    body: answer.body === '' ? undefined : answer.json(),
  };
};
const createKey = async (scopes: readonly string[]): Promise<string> =>
  (await call('POST', '/api-keys', { body: { description: scopes.join(), scopes } })).body.key;

describe('scopes', () => {
  test('a key for devices to read reads devices, and nothing else', async () => {
    const reader = await createKey(['devices:read']);
    expect((await call('GET', '/devices', { key: reader })).status).toBe(200);
    expect(await call('POST', '/devices/dev_00000000000000000000000000000000/remove', { key: reader, body: {} })).toMatchObject({
      status: 403,
      body: { code: 'scope_needed', detail: 'It needs the scope devices:write, and has devices:read.' },
    });
    for (const path of [
      '/users',
      '/device-tokens',
      '/settings/draft',
      '/audit',
      '/api-keys',
      '/domains',
      '/webhook',
      '/applications',
      '',
    ]) {
      expect([path, (await call('GET', path, { key: reader })).status]).toEqual([path, 403]);
    }
  });

  test('who may write may read; all is every area', async () => {
    const writer = await createKey(['device-tokens:write']);
    expect((await call('GET', '/device-tokens', { key: writer })).status).toBe(200);
    const auditor = await createKey(['all:read']);
    for (const path of ['/users', '/device-tokens', '/audit', '/api-keys', '/domains']) {
      expect([path, (await call('GET', path, { key: auditor })).status]).toEqual([path, 200]);
    }
    expect((await call('POST', '/users', { key: auditor, body: { userName: 'a@acme.com' } })).status).toBe(403);
  });

  test('privilege escalation: only keys for all:write make keys', async () => {
    for (const scopes of [['device-tokens:write', 'organization:write', 'settings:write', 'directory:write'], ['all:read']]) {
      const limited = await createKey(scopes);
      expect(
        await call('POST', '/api-keys', { key: limited, body: { description: 'more', scopes: ['all:write'] } }),
      ).toMatchObject({
        status: 403,
        body: { code: 'scope_needed' },
      });
    }
  });

  test('doctor tells a key for one area of itself and of the server, not of the organization', async () => {
    const checks = async (of: string): Promise<readonly string[]> => {
      const answer = await server.app.inject({ url: '/api/v1/doctor', headers: { authorization: `Bearer ${of}` } });
      return answer.json().checks.map(({ check }: { check: string }) => check);
    };
    expect(await checks(await createKey(['audit:read']))).toEqual(['storage', 'origin', 'api-key']);
    expect(await checks(await createKey(['all:read']))).toContain('device-tokens');
  });

  test('a scope nobody knows is refused, and a key says what it may be used for', async () => {
    expect((await call('POST', '/api-keys', { body: { description: 'x', scopes: ['everything'] } })).status).toBe(400);
    const answer = await server.app.inject({
      url: '/api/v1/whoami',
      headers: { authorization: `Bearer ${await createKey(['audit:read', 'audit:read'])}` },
    });
    expect(answer.json()).toMatchObject({ apiKey: { scopes: ['audit:read'] } });
  });
});

describe('Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07)', () => {
  const post = (idempotencyKey: string, body: object, path = '/device-tokens', more: { readonly key?: string } = {}) =>
    call('POST', path, { body, headers: { 'idempotency-key': idempotencyKey }, ...more });
  const token = (description: string) => ({ description, enrollment: 'automatic' });

  test('a POST that is sent again is carried out once, and answered the same, the secret included', async () => {
    const id = randomUUID();
    const first = await post(id, token('once'));
    const again = await post(`"${id}"`, { enrollment: 'automatic', description: 'once' });
    expect(first.status).toBe(201);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again).toMatchObject({ status: 201, text: first.text, headers: { 'idempotency-replayed': 'true' } });
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    const { items } = (await call('GET', '/device-tokens')).body;
    expect(items.filter((each: { description: string }) => each.description === 'once')).toHaveLength(1);
  });

  test('with another body, or at another path, it is another request', async () => {
    const id = randomUUID();
    await post(id, token('one'));
    expect(await post(id, token('two'))).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect((await post(id, { userName: 'other@acme.com' }, '/users')).status).toBe(201);
  });

  test('a refusal is repeated too', async () => {
    const id = randomUUID();
    const user = { userName: 'twice@acme.com' };
    await post(randomUUID(), user, '/users');
    const refused = await post(id, user, '/users');
    expect(refused.status).toBe(409);
    expect(await post(id, user, '/users')).toMatchObject({ status: 409, text: refused.text });
  });

  test('two at once: one is carried out, the other is told that it is being worked on, or the answer', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(id, token('at once'))));
    expect(answers.map(({ status }) => status).filter((status) => status !== 409)).toContain(201);
    for (const { status, body } of answers) if (status === 409) expect(body.code).toBe('idempotency_in_flight');
    const { items } = (await call('GET', '/device-tokens')).body;
    expect(items.filter((each: { description: string }) => each.description === 'at once')).toHaveLength(1);
  });

  test("another key's name for a request is no name for this one's: a secret is not handed on", async () => {
    const id = randomUUID();
    const first = await post(id, token('mine'));
    const other = await post(id, token('mine'), '/device-tokens', { key: await organization.createApiKey() });
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(first.body.id);
  });

  test('the answer is kept for 24 hours, sealed: no secret stands in the database', async () => {
    const id = randomUUID();
    const first = await post(id, token('sealed'));
    const name = {
      apiKeyId: (await server.app.inject({ url: '/api/v1/whoami', headers: { authorization: `Bearer ${key}` } })).json().apiKey
        .id,
      operation: `POST /api/v1/organizations/${organization.id}/device-tokens`,
      idempotencyKey: id,
    };
    const stored = await server.storage.server.findRequest(name);
    expect(stored?.answer?.status).toBe(201);
    expect(JSON.stringify(stored)).not.toContain(first.body.token);
    expect(Buffer.from(stored?.answer?.sealed ?? '', 'base64url').includes('lkd_')).toBe(false);
    server.wait(86_400_000);
    expect((await post(id, token('sealed'))).body.id).not.toBe(first.body.id);
  });

  test('what a killed server has done is not guessed', async () => {
    const id = randomUUID();
    const first = await post(id, token('killed'));
    const found = (await server.app.inject({ url: '/api/v1/whoami', headers: { authorization: `Bearer ${key}` } })).json();
    const name = {
      apiKeyId: found.apiKey.id,
      operation: `POST /api/v1/organizations/${organization.id}/device-tokens`,
      idempotencyKey: id,
    };
    const stored = await server.storage.server.findRequest(name);
    await server.storage.serverTransaction(async (store) => {
      await store.forgetRequest(name);
      await store.beginRequest(
        { ...name, fingerprint: stored?.fingerprint ?? '', expiresAt: stored?.expiresAt ?? 0 },
        server.now(),
      );
    });
    expect((await post(id, token('killed'))).body.code).toBe('idempotency_in_flight');
    server.wait(6 * 60_000);
    expect((await post(id, token('killed'))).body.code).toBe('idempotency_outcome_unknown');
    expect(first.status).toBe(201);
  });

  test.each(['', '"', 'a"b', 'ü', 'x'.repeat(256)])('the key %j is refused', async (id) => {
    expect([400, 201]).toContain((await post(id, token('odd'))).status);
    if (id !== '') expect((await post(id, token('odd'))).body.code).toBe('idempotency_key_invalid');
  });
});

describe('limits', () => {
  test('every answer says how the key stands, and who has asked too often waits', async () => {
    const busy = await organization.createApiKey();
    const first = await call('GET', '/devices', { key: busy });
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '200', 'ratelimit-remaining': '199' });
    const answers = await Promise.all(Array.from({ length: 200 }, () => call('GET', '/devices', { key: busy })));
    const last = answers.filter(({ status }) => status === 429);
    expect(last).toHaveLength(1);
    expect(last[0]?.body).toMatchObject({ code: 'rate_limited' });
    expect(Number(last[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call('GET', '/devices')).status).not.toBe(429);
    server.wait(60_000);
    expect((await call('GET', '/devices', { key: busy })).status).toBe(200);
  });
});
