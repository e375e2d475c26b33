import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defaultLimits } from '@latchkey/directory';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestServer } from '../../../../test/kit/server.ts';
import { changeApplication, deleteApplication } from '../applications/change-application.ts';
import { registerApplication } from '../applications/register-application.ts';
import { auditRoutes } from '../audit/routes.ts';
import { deviceTokenRoutes } from '../device-tokens/routes.ts';
import { changeDevice } from '../devices/change-device.ts';
import { createLimiter } from '../devices/limits.ts';
import { directoryRoutes } from '../directory/routes.ts';
import { createMetrics } from '../http/metrics.ts';
import { createOutbound } from '../http/outbound.ts';
import { createHttpServer } from '../http/server.ts';
import { newId } from '../ids.ts';
import { masterKey } from '../keys/master-key.ts';
import { endOfCertificate, equalInConstantTime } from '../keys/node-crypto.ts';
import { createOrganizationKeys } from '../keys/organization-keys.ts';
import { organizationRoutes } from '../organizations/routes.ts';
import { overviewRoutes } from '../overview/routes.ts';
import { randomText } from '../random-text.ts';
import { loadActiveSettings } from '../settings/load-active-settings.ts';
import { readinessRoutes } from '../settings/readiness-routes.ts';
import { settingsRoutes } from '../settings/routes.ts';
import { sessionRoutes } from '../sign-in/session-routes.ts';
import { openStorage, type Storage } from '../storage/open.ts';
import { webhookRoutes } from '../webhooks/routes.ts';
import { requestCounter } from './count-request.ts';
import { type AdminNeeds, adminRoutes } from './routes.ts';
import { makeResetCode, openSetup, resetSetupCode } from './set-up.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-admin-'));
const file = join(folder, 'latchkey.db');
let now = Date.parse('2026-11-22T20:00:00.000Z');
let storage: Storage;
let app: FastifyInstance;
let adminNeeds: AdminNeeds;
let setupNeeds: Parameters<typeof resetSetupCode>[0];

beforeAll(async () => {
  const clock = () => now;
  storage = await openStorage({ url: `sqlite:${file}`, now: clock });
  const master = masterKey(Buffer.alloc(32, 7));
  const hashSetupCode = (code: string) => master.mac('setup-code', code);
  setupNeeds = { storage, hashSetupCode, randomText };
  const { forget } = loadActiveSettings({ storage, monotonicNow: () => performance.now() });
  const shared = { storage, newId, now: clock, randomText };
  app = createHttpServer({
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    trustedProxies: [],
    metricsToken: undefined,
    ready: () => storage.check(),
  });
  adminNeeds = {
    ...shared,
    hashSetupCode,
    findConsoleSession: async () => undefined,
    cookieName: '__Host-latchkey',
    hashApiKey: (key) => master.mac('api-key', key),
    equal: equalInConstantTime,
    countRequest: requestCounter(createLimiter({ limit: 1_000_000, now: clock })),
    seal: master.encrypt,
    unseal: master.decrypt,
    hashBody: (text) => master.mac('request-body', text),
    checkStorage: () => storage.check(),
    origin: 'https://id.acme.com',
    version: '0.1.0',
    about: {
      releasedAt: '2026-11-22T00:00:00.000Z',
      origin: 'https://id.acme.com',
      dataFolder: '/var/lib/latchkey',
      masterKeyFile: '/var/lib/latchkey/master.key',
      node: 'v24.21.0',
      startedAt: '2026-11-22T20:00:00.000Z',
    },
    changeDevice: (organizationId, input) =>
      changeDevice({ organization: storage.organization(organizationId), now: clock, randomId: () => randomText(22) }, input),
    registerApplication: (organizationId, input) =>
      registerApplication(
        {
          organization: storage.organization(organizationId),
          readMetadata: () => ({ entityID: 'https://sp.example/metadata' }),
          reserved: () => false,
          newId,
          now: clock,
        },
        input,
      ),
    changeApplication: (organizationId, input) =>
      changeApplication({ organization: storage.organization(organizationId) }, input),
    deleteApplication: (organizationId, input) =>
      deleteApplication({ organization: storage.organization(organizationId) }, input),
    routes: [
      organizationRoutes({
        ...shared,
        mac: master.mac,
        resolveTxt: async () => 'unknown',
        domainsChanged: forget,
        createOrganizationKeys: () => createOrganizationKeys({ masterKey: master, newId, now: clock }),
      }),
      settingsRoutes({ ...shared, activated: forget }),
      readinessRoutes({ storage, now: clock }),
      sessionRoutes({ storage, activeSettings: async () => undefined, now: clock }),
      directoryRoutes({ ...shared, limits: defaultLimits, randomId: () => randomText(22) }),
      deviceTokenRoutes({ ...shared, hashToken: (token) => master.mac('device-token', token) }),
      overviewRoutes({
        ...shared,
        version: '0.0.0',
        checkStorage: () => storage.check(),
        tlsCertificateEnd: undefined,
        certificateEnd: endOfCertificate,
      }),
      auditRoutes({ storage, now: clock, ownServiceProvider: (id) => `https://id.acme.com/saml/${id}/sp/device` }),
      webhookRoutes({ ...shared, ...createOutbound({ allowedNetworks: [] }), seal: master.encrypt, unseal: master.decrypt }),
    ],
  };
  await app.register(adminRoutes(adminNeeds));
  await app.ready();
});

afterAll(async () => {
  await app.close();
  await storage.close();
  rmSync(folder, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape, and a wrong guess fails them
type Body = any;
type Answer = { readonly status: number; readonly body: Body; readonly etag: string | undefined };

const call = async (
  key: string | undefined,
  method: NonNullable<InjectOptions['method']>,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const answer = await app.inject({
    method,
    url: path.startsWith('/api/') ? path : `/api/v1${path}`,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  const etag = answer.headers.etag;
  return {
    status: answer.statusCode,
    body:
      answer.body === ''
        ? undefined
        : answer.headers['content-type']?.includes('json;') || answer.headers['content-type']?.includes('problem+json')
          ? answer.json()
          : answer.body,
    etag: typeof etag === 'string' ? etag : undefined,
  };
};

/** What every earlier step of the story has left behind. */
let operator: string;
let acme: string;
let acmeKey: string;
let otherKey: string;
let other: string;
const secrets: string[] = [];

const newOrganization = async (name: string, domain: string): Promise<readonly [string, string]> => {
  const { body } = await call(operator, 'POST', '/organizations', { name });
  expect(await call(operator, 'POST', `/organizations/${body.id}/domains`, { name: domain })).toMatchObject({ status: 201 });
  const key = await call(operator, 'POST', `/organizations/${body.id}/api-keys`, { description: 'First' });
  expect(key.status).toBe(201);
  secrets.push(key.body.key);
  return [body.id, key.body.key];
};

beforeAll(async () => {
  // As when several nodes start together.
  const [code, ...others] = await Promise.all([openSetup(setupNeeds), openSetup(setupNeeds), openSetup(setupNeeds)]);
  if (code === undefined) throw new Error('A new server has a setup code.');
  expect(others).toEqual([code, code]);
  secrets.push(code);
  const setup = await call(undefined, 'POST', '/setup', { code });
  expect(setup.status).toBe(201);
  operator = setup.body.key;
  secrets.push(operator);
  [acme, acmeKey] = await newOrganization('Acme', 'acme.com');
  [other, otherKey] = await newOrganization('Other', 'other.example.com');
});

const device = { kind: 'device', id: 'device', name: 'Devices', status: 'enabled', domains: 'any', autoProvisioning: true };

describe('a reset code', () => {
  const reset = (code: string) => call(undefined, 'POST', '/setup', { code });

  test('makes its holder an operator, once, and is in the log', async () => {
    const code = makeResetCode({ hashSetupCode: setupNeeds.hashSetupCode, now: () => now });
    const { status, body } = await reset(code);
    expect({ status, key: body.key }).toEqual({ status: 201, key: expect.stringMatching(/^lka_/) });
    expect(await reset(code)).toMatchObject({ status: 403, body: { code: 'setup_code_wrong' } });
    const { items } = (await call(body.key, 'GET', '/audit?limit=1&action=server.reset')).body;
    expect(items).toMatchObject([{ subject: `api-key:${body.id}` }]);
  });

  test.each<[string, () => string]>([
    [
      'of another master key',
      () => makeResetCode({ hashSetupCode: (text) => masterKey(Buffer.alloc(32, 8)).mac('setup-code', text), now: () => now }),
    ],
    ['older than 10 minutes', () => makeResetCode({ hashSetupCode: setupNeeds.hashSetupCode, now: () => now - 600_000 })],
    ['of the future', () => makeResetCode({ hashSetupCode: setupNeeds.hashSetupCode, now: () => now + 600_000 })],
    [
      'with its time changed',
      () => makeResetCode({ hashSetupCode: setupNeeds.hashSetupCode, now: () => now }).replace('lkr_1', 'lkr_2'),
    ],
    ['made before the last that was spent', () => makeResetCode({ hashSetupCode: setupNeeds.hashSetupCode, now: () => now - 1 })],
    ['that is none', () => 'lkr_1_x'],
  ])('%s is refused', async (_, make) => {
    expect(await reset(make())).toMatchObject({ status: 403, body: { code: 'setup_code_wrong' } });
  });
});

describe('setup', () => {
  test('the code is spent by its use', async () => {
    expect(await call(undefined, 'POST', '/setup', { code: secrets[0] ?? '' })).toMatchObject({
      status: 403,
      body: { code: 'setup_code_wrong' },
    });
  });

  test('a server that is set up offers no code by itself, and a new one when asked', async () => {
    expect(await openSetup(setupNeeds)).toBeUndefined();
    const code = await resetSetupCode(setupNeeds);
    const later = await resetSetupCode(setupNeeds);
    const seed = await storage.server.findFact('setup_code');
    expect([(await call(undefined, 'POST', '/setup', { code: seed ?? '' })).status, later.includes(seed ?? '')]).toEqual([
      403,
      false,
    ]);
    expect((await call(undefined, 'POST', '/setup', { code })).status).toBe(403);
    expect((await call(undefined, 'POST', '/setup', { code: `  ${later}\n` })).status).toBe(201);
  });
});

describe('API keys', () => {
  test.each([
    ['none', undefined, 'unauthorized'],
    ['nonsense', 'hello', 'unauthorized'],
    ['a key with a wrong character', 'lka_0000000000000000000000000000000000000000000000', 'unauthorized'],
  ])('%s is refused with 401 and WWW-Authenticate (RFC 9110 §11.6.1)', async (_, key, code) => {
    const answer = await app.inject({
      url: '/api/v1/whoami',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json().code).toBe(code);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('a key with the right public part and another secret is refused', async () => {
    const made = await call(acmeKey, 'POST', `/organizations/${acme}/api-keys`, { description: 'Twin' });
    const { formatToken } = await import('@latchkey/device');
    const forged = formatToken('lka_', { lookup: made.body.key.slice(4, 14), secret: 'x'.repeat(32) });
    expect(await call(forged, 'GET', '/whoami')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  test('whoami says whose key it is', async () => {
    expect((await call(operator, 'GET', '/whoami')).body).toMatchObject({ kind: 'operator', organization: null });
    expect((await call(acmeKey, 'GET', '/whoami')).body).toMatchObject({
      kind: 'organization',
      organization: { id: acme, name: 'Acme' },
      apiKey: { state: 'live', hint: acmeKey.slice(-4) },
    });
  });

  test('a revoked key is refused at once; a key cannot revoke itself', async () => {
    const made = await call(acmeKey, 'POST', `/organizations/${acme}/api-keys`, { description: 'Short-lived' });
    secrets.push(made.body.key);
    expect((await call(made.body.key, 'POST', `/organizations/${acme}/api-keys/${made.body.id}/revoke`)).body.code).toBe(
      'api_key_in_use',
    );
    expect((await call(acmeKey, 'POST', `/organizations/${acme}/api-keys/${made.body.id}/revoke`)).body.state).toBe('revoked');
    expect(await call(made.body.key, 'GET', '/whoami')).toMatchObject({ status: 401, body: { code: 'api_key_revoked' } });
  });

  test('an expired key is refused', async () => {
    const made = await call(acmeKey, 'POST', `/organizations/${acme}/api-keys`, {
      description: 'An hour',
      expiresInSeconds: 3600,
    });
    const before = now;
    now += 3_600_000;
    expect(await call(made.body.key, 'GET', '/whoami')).toMatchObject({ status: 401, body: { code: 'api_key_expired' } });
    now = before;
  });

  test('more than 366 days are refused', async () => {
    expect(
      (await call(acmeKey, 'POST', `/organizations/${acme}/api-keys`, { description: 'x', expiresInSeconds: 366 * 86_400 + 1 }))
        .status,
    ).toBe(400);
  });
});

describe('who may do what', () => {
  test.each([
    ['GET', 'settings/draft'],
    ['PUT', 'settings/draft'],
    ['GET', 'settings/active'],
    ['GET', 'users'],
    ['POST', 'users'],
    ['GET', 'devices'],
    ['GET', 'device-tokens'],
    ['POST', 'device-tokens'],
    ['GET', 'applications'],
    ['GET', 'audit'],
    ['GET', 'audit/export'],
    ['GET', 'api-keys'],
  ] as const)("an operator gets 403 for an organization's data: %s %s", async (method, path) => {
    expect(await call(operator, method, `/organizations/${acme}/${path}`)).toMatchObject({
      status: 403,
      body: { code: 'organization_key_needed' },
    });
  });

  test.each([
    ['GET', ''],
    ['GET', '/domains'],
    ['GET', '/settings/draft'],
    ['GET', '/users'],
    ['GET', '/devices'],
    ['GET', '/device-tokens'],
    ['GET', '/audit'],
    ['POST', '/api-keys'],
    ['POST', '/domains'],
    ['POST', '/suspend'],
  ] as const)('the key of another organization gets 404: %s %s', async (method, path) => {
    expect(await call(otherKey, method, `/organizations/${acme}${path}`)).toMatchObject({
      status: 404,
      body: { code: 'organization_unknown' },
    });
  });

  test.each([
    ['GET', '/organizations'],
    ['POST', '/organizations'],
    ['GET', '/api-keys'],
    ['GET', '/audit'],
  ] as const)("an organization's key gets 403 for operators' work: %s %s", async (method, path) => {
    expect(await call(acmeKey, method, path)).toMatchObject({ status: 403, body: { code: 'operator_needed' } });
  });

  test('an organization cannot grant itself a domain', async () => {
    expect(await call(acmeKey, 'POST', `/organizations/${acme}/domains`, { name: 'bank.com' })).toMatchObject({ status: 403 });
  });

  test('ids of another organization are unknown here', async () => {
    const user = await call(otherKey, 'POST', `/organizations/${other}/users`, { userName: 'mallory@other.example.com' });
    expect(user.status).toBe(201);
    expect((await call(acmeKey, 'GET', `/organizations/${acme}/users/${user.body.id}`)).status).toBe(404);
    expect((await call(acmeKey, 'DELETE', `/organizations/${acme}/users/${user.body.id}`)).status).toBe(404);
    expect((await call(otherKey, 'GET', `/organizations/${other}/users/${user.body.id}`)).body.state).toBe('active');
  });

  test('refusals of a proven key are in the operators’ audit', async () => {
    const { body } = await call(operator, 'GET', '/audit?action=api.refused&outcome=refused&limit=1');
    expect(body.items[0]).toMatchObject({ actor: expect.stringMatching(/^api-key:key_/), reason: expect.any(String) });
  });

  test('the keys of a suspended organization are refused until it is resumed', async () => {
    expect((await call(operator, 'POST', `/organizations/${other}/suspend`)).body.state).toBe('suspended');
    expect(await call(otherKey, 'GET', `/organizations/${other}/users`)).toMatchObject({
      status: 403,
      body: { code: 'organization_suspended' },
    });
    expect((await call(operator, 'POST', `/organizations/${other}/resume`)).body.state).toBe('active');
    expect((await call(otherKey, 'GET', `/organizations/${other}/users`)).status).toBe(200);
  });
});

describe('organizations and domains', () => {
  test('are listed page by page', async () => {
    const first = await call(operator, 'GET', '/organizations?limit=1');
    expect(first.body.items).toMatchObject([{ id: acme }]);
    const second = await call(operator, 'GET', `/organizations?limit=1&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ id: other }], next: null });
  });

  test('a domain has one organization; granting it again changes nothing', async () => {
    expect(await call(operator, 'POST', `/organizations/${other}/domains`, { name: 'ACME.com' })).toMatchObject({
      status: 409,
      body: { code: 'domain_taken' },
    });
    expect((await call(operator, 'POST', `/organizations/${acme}/domains`, { name: 'ACME.com' })).body.name).toBe('acme.com');
    expect((await call(acmeKey, 'GET', `/organizations/${acme}/domains`)).body.items).toHaveLength(1);
  });

  test('a name that is no domain is refused with a sentence', async () => {
    expect(await call(operator, 'POST', `/organizations/${acme}/domains`, { name: 'https://acme.com' })).toMatchObject({
      status: 400,
      body: { code: 'domain_invalid' },
    });
  });

  test('a domain that was taken away can go to another organization', async () => {
    await call(operator, 'POST', `/organizations/${acme}/domains`, { name: 'moving.com' });
    expect((await call(operator, 'DELETE', `/organizations/${acme}/domains/moving.com`)).status).toBe(204);
    expect((await call(operator, 'POST', `/organizations/${other}/domains`, { name: 'moving.com' })).status).toBe(201);
    expect((await call(operator, 'DELETE', `/organizations/${acme}/domains/moving.com`)).status).toBe(404);
  });
});

describe('settings', () => {
  const path = (rest: string) => `/organizations/${acme}/settings/${rest}`;
  const put = (document: object, headers: Record<string, string> = {}) => call(acmeKey, 'PUT', path('draft'), document, headers);

  test('begin as an empty draft of revision 0, with nothing to activate', async () => {
    const draft = await call(acmeKey, 'GET', path('draft'));
    expect(draft).toMatchObject({
      status: 200,
      etag: '"0"',
      body: { revision: 0, document: { identityProviders: [], defaultIdp: null } },
    });
    expect((await call(acmeKey, 'GET', path('active'))).body.code).toBe('not_activated');
    expect((await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': '"0"' })).body.code).toBe('draft_empty');
  });

  test('a document that contradicts itself is not saved, with every problem and its path (F17)', async () => {
    const answer = await put({ identityProviders: [{ ...device, domains: [] }], defaultIdp: 'nobody' });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'settings_invalid',
        errors: [
          { pointer: '/identityProviders/0/domains', code: 'domains_missing' },
          { pointer: '/defaultIdp', code: 'default_unknown' },
        ],
      },
    });
  });

  test('an unknown member is refused', async () => {
    expect((await put({ identityProviders: [], defaultIdp: null, allowAll: true })).status).toBe(400);
  });

  test('a draft is saved, validated and compared; a save over another one is refused with 412 (F26)', async () => {
    const saved = await put({ identityProviders: [device], defaultIdp: 'device' }, { 'if-match': '"0"' });
    expect(saved).toMatchObject({ status: 200, etag: '"1"', body: { revision: 1, problems: [] } });
    expect(await put({ identityProviders: [], defaultIdp: null }, { 'if-match': '"0"' })).toMatchObject({
      status: 412,
      body: { code: 'draft_changed', revision: 1 },
    });
    expect((await call(acmeKey, 'POST', path('validate'))).body).toEqual({ valid: true, problems: [] });
    expect((await call(acmeKey, 'GET', path('diff'))).body.changes).toHaveLength(2);
    expect((await call(acmeKey, 'GET', path('active'))).status).toBe(404);
  });

  test('activation needs the ETag of what was reviewed, and only that goes live', async () => {
    expect(await call(acmeKey, 'POST', path('activate'), {})).toMatchObject({ status: 428, body: { code: 'if_match_required' } });
    expect(await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': 'W/"x"' })).toMatchObject({ status: 400 });
    expect(await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': '"7"' })).toMatchObject({ status: 412 });
    const activated = await call(acmeKey, 'POST', path('activate'), { comment: 'Go' }, { 'if-match': '"1"' });
    expect(activated).toMatchObject({ status: 200, body: { version: 1, comment: 'Go' } });
    expect((await call(acmeKey, 'GET', path('active'))).body).toMatchObject({ version: 1, document: { defaultIdp: 'device' } });
    expect((await call(acmeKey, 'GET', path('diff'))).body).toMatchObject({ activeVersion: 1, changes: [] });
  });

  test('activating the same again makes no new version', async () => {
    expect((await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': '"1"' })).body.version).toBe(1);
  });

  test('an unproved domain may be drafted and not activated', async () => {
    const saved = await put({ identityProviders: [{ ...device, domains: ['acme.com', 'new.com'] }], defaultIdp: 'device' });
    expect(saved.body.problems).toMatchObject([{ code: 'domain_not_proved', path: '/identityProviders/0/domains/1' }]);
    expect(await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': saved.etag ?? '' })).toMatchObject({
      status: 409,
      body: { code: 'settings_invalid', errors: [{ code: 'domain_not_proved' }] },
    });
    expect((await call(acmeKey, 'GET', path('active'))).body.version).toBe(1);
  });

  test('an older version is activated again as the next one', async () => {
    const saved = await put({ identityProviders: [{ ...device, status: 'disabled' }], defaultIdp: 'device' });
    expect((await call(acmeKey, 'POST', path('activate'), {}, { 'if-match': saved.etag ?? '' })).body.version).toBe(2);
    expect((await call(acmeKey, 'POST', path('versions/1/activate'), { comment: 'Back' })).body).toMatchObject({
      version: 3,
      document: { identityProviders: [{ status: 'enabled' }] },
    });
    const page = await call(acmeKey, 'GET', path('versions?limit=2'));
    expect(page.body).toMatchObject({ items: [{ version: 3 }, { version: 2 }], next: '2' });
    expect((await call(acmeKey, 'GET', path('versions?limit=2&cursor=2'))).body).toMatchObject({
      items: [{ version: 1 }],
      next: null,
    });
    expect((await call(acmeKey, 'GET', path('versions/9'))).status).toBe(404);
  });

  test('every change is audited with what was before and after', async () => {
    const { body } = await call(acmeKey, 'GET', `/organizations/${acme}/audit?action=settings.activated&order=oldest`);
    expect(body.items.map((event: { details: { version: number } }) => event.details.version)).toEqual([1, 2, 3]);
    expect(body.items[1].details.changes).toEqual([
      { kind: 'changed', path: 'identityProviders/device/status', before: 'enabled', after: 'disabled' },
    ]);
  });
});

describe('users', () => {
  const path = (rest = '') => `/organizations/${acme}/users${rest}`;

  test('are made, found under any spelling, disabled, enabled and deleted', async () => {
    const made = await call(acmeKey, 'POST', path(), { userName: 'J.Doe@ACME.com', displayName: 'J. Doe' });
    expect(made).toMatchObject({ status: 201, body: { userName: 'J.Doe@acme.com', state: 'active', source: 'api' } });
    expect((await call(acmeKey, 'GET', path('?userName=j.DOE@acme.com'))).body.items).toMatchObject([{ id: made.body.id }]);
    expect((await call(acmeKey, 'GET', path('?q=J.d'))).body.items).toMatchObject([{ id: made.body.id }]);
    expect((await call(acmeKey, 'POST', path(`/${made.body.id}/disable`))).body.state).toBe('disabled');
    expect((await call(acmeKey, 'GET', path('?state=disabled'))).body.items).toHaveLength(1);
    expect((await call(acmeKey, 'POST', path(`/${made.body.id}/enable`))).body.state).toBe('active');
    expect((await call(acmeKey, 'DELETE', path(`/${made.body.id}`))).status).toBe(204);
    expect((await call(acmeKey, 'GET', path(`/${made.body.id}`))).status).toBe(404);
    expect((await call(acmeKey, 'POST', path(`/${made.body.id}/enable`))).status).toBe(404);
    const again = await call(acmeKey, 'POST', path(), { userName: 'j.doe@acme.com' });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(made.body.id);
  });

  test.each([
    ['a taken name, however it is spelled (F39)', 'J.DOE@acme.com', 409, 'user_name_taken'],
    ['a foreign domain (F39)', 'j.doe@other.example.com', 400, 'domain_not_proved'],
    ['128 characters (F39)', `${'a'.repeat(119)}@acme.com`, 400, 'user_name_invalid'],
    ['no domain', 'j.doe', 400, 'user_name_invalid'],
  ])('%s is refused', async (_, userName, status, code) => {
    expect(await call(acmeKey, 'POST', path(), { userName })).toMatchObject({ status, body: { code } });
  });

  test('are paged in a stable order', async () => {
    for (const name of ['a', 'b', 'c']) await call(acmeKey, 'POST', path(), { userName: `page-${name}@acme.com` });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: Answer = await call(acmeKey, 'GET', path(`?q=page-&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`));
      seen.push(...body.items.map((user: { userName: string }) => user.userName));
      cursor = body.next;
    }
    expect(seen).toEqual(['page-a@acme.com', 'page-b@acme.com', 'page-c@acme.com']);
  });
});

describe('device tokens', () => {
  const path = (rest = '') => `/organizations/${acme}/device-tokens${rest}`;
  const create = (body: object) => call(acmeKey, 'POST', path(), { description: 'Fleet', enrollment: 'approval', ...body });

  test('are shown once, prefixed, and kept with what the administrator chose', async () => {
    const made = await create({ domains: ['ACME.com'], maxEnrollments: 50 });
    expect(made).toMatchObject({
      status: 201,
      body: {
        state: 'live',
        domains: ['acme.com'],
        maxEnrollments: 50,
        enrollments: 0,
        enrollment: 'approval',
        lastUsedAt: null,
      },
    });
    expect(made.body.token).toMatch(/^lkd_[0-9A-Za-z]{48}$/);
    expect(Date.parse(made.body.expiresAt) - now).toBe(90 * 86_400_000);
    secrets.push(made.body.token);
    const listed = await call(acmeKey, 'GET', path());
    expect(JSON.stringify(listed.body)).not.toContain(made.body.token);
    expect(listed.body.items.at(-1)).toMatchObject({ id: made.body.id, hint: made.body.token.slice(-4) });
    expect((await call(acmeKey, 'GET', path(`/${made.body.id}`))).body.token).toBeUndefined();
  });

  test.each([
    ['abc12', 400],
    ['abcdef', 400],
    ['123456', 400],
    ['abcde1', 201],
  ])('the creation password %s → %i (F1), and is forgotten (F3)', async (password, status) => {
    const made = await create({ password });
    expect(made.status).toBe(status);
    expect(JSON.stringify(made.body)).not.toContain(password);
  });

  test('enrollment must be chosen', async () => {
    expect((await call(acmeKey, 'POST', path(), { description: 'Fleet' })).status).toBe(400);
  });

  test.each([
    ['a foreign domain (F7)', { domains: ['other.example.com'] }],
    ['367 days', { expiresInSeconds: 367 * 86_400 }],
    ['no enrollments', { maxEnrollments: 0 }],
    ['an empty description', { description: ' ' }],
  ])('%s is refused', async (_, body) => {
    expect((await create(body)).status).toBe(400);
  });

  test('a 17th live one is refused; after a revocation it works (F2)', async () => {
    const live = async (): Promise<{ id: string }[]> =>
      (await call(acmeKey, 'GET', path('?limit=200'))).body.items.filter((token: { state: string }) => token.state === 'live');
    for (let count = (await live()).length; count < 16; count++) expect((await create({})).status).toBe(201);
    expect(await create({})).toMatchObject({ status: 409, body: { code: 'too_many_device_tokens' } });
    const [first] = await live();
    expect((await call(acmeKey, 'POST', path(`/${first?.id}/revoke`))).body.state).toBe('revoked');
    expect((await create({})).status).toBe(201);
  });
});

describe('applications', () => {
  const path = (rest = '') => `/organizations/${acme}/applications${rest}`;

  test('are registered, changed and deleted', async () => {
    const made = await call(acmeKey, 'POST', path(), { kind: 'api', name: 'Wiki', identifier: 'https://wiki.acme.com' });
    expect(made).toMatchObject({ status: 201, body: { enabled: true, minEvidence: 'E0' } });
    expect(
      (await call(acmeKey, 'POST', path(), { kind: 'api', name: 'Wiki', identifier: 'https://wiki.acme.com' })).body.code,
    ).toBe('identifier_taken');
    expect((await call(acmeKey, 'PATCH', path(`/${made.body.id}`), { enabled: false })).body.enabled).toBe(false);
    expect((await call(acmeKey, 'GET', path())).body.items).toHaveLength(1);
    expect((await call(acmeKey, 'DELETE', path(`/${made.body.id}`))).status).toBe(204);
    expect((await call(acmeKey, 'DELETE', path(`/${made.body.id}`))).status).toBe(404);
  });

  test('behind the gateway are known by their origin, and let bearer tokens in when told so', async () => {
    const gateway = (identifier: string) => call(acmeKey, 'POST', path(), { kind: 'gateway', name: 'Wiki', identifier });
    const made = await gateway('https://wiki.acme.com:8443');
    expect(made).toMatchObject({ status: 201, body: { kind: 'gateway', allowBearer: false } });
    const changed = await call(acmeKey, 'PATCH', path(`/${made.body.id}`), { allowBearer: true });
    expect(changed.body.allowBearer).toBe(true);
    for (const origin of [
      'https://wiki.acme.com/',
      'https://WIKI.acme.com',
      'https://wiki.acme.com:443',
      'http://wiki.acme.com',
      'wiki',
    ]) {
      expect((await gateway(origin)).status).toBe(400);
    }
    const api = await call(acmeKey, 'POST', path(), { kind: 'api', name: 'API', identifier: 'https://api.acme.com' });
    expect(await call(acmeKey, 'PATCH', path(`/${api.body.id}`), { allowBearer: true })).toMatchObject({
      status: 409,
      body: { code: 'not_gateway' },
    });
    for (const { body } of [made, api]) await call(acmeKey, 'DELETE', path(`/${body.id}`));
  });
});

describe('devices', () => {
  const path = (rest = '') => `/organizations/${acme}/devices${rest}`;
  const insert = async (id: string, state: 'pending' | 'registered'): Promise<void> => {
    await storage.organization(acme).transaction((store) =>
      store.insertDevice({
        id,
        jkt: `jkt-${id}`,
        publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
        userName: 'j.doe@acme.com',
        userId: undefined,
        state,
        stateReason: 'token_approval',
        evidence: 'E0',
        tokenId: 'tok_x',
        parameters: { hostName: `host-${id}`, osName: 'Linux' },
        joinState: { counter: 0, id: 'j' },
        previousJoinId: '',
        badProofs: 0,
        badProofsSince: 0,
        remoteAddress: '192.0.2.1',
        createdAt: now,
        updatedAt: now,
        lastSeenAt: now,
      }),
    );
  };

  test('that wait are approved or denied; what cannot be is refused', async () => {
    const [a, b] = [newId('dev'), newId('dev')];
    await insert(a, 'pending');
    await insert(b, 'pending');
    expect((await call(acmeKey, 'GET', path('?state=pending'))).body.items).toHaveLength(2);
    expect((await call(acmeKey, 'POST', path(`/${a}/approve`))).body).toMatchObject({ id: a, state: 'registered' });
    expect((await call(acmeKey, 'POST', path(`/${b}/deny`), { reason: 'Not ours' })).body.state).toBe('denied');
    expect(await call(acmeKey, 'POST', path(`/${b}/approve`))).toMatchObject({ status: 409, body: { code: 'device_state' } });
    expect((await call(acmeKey, 'POST', path(`/${newId('dev')}/approve`))).status).toBe(404);
    expect((await call(acmeKey, 'GET', path(`/${a}`))).body).toMatchObject({
      state: 'registered',
      parameters: { osName: 'Linux' },
    });
  });

  test('are removed at their next keepalive, or by force at once', async () => {
    const [a, b] = [newId('dev'), newId('dev')];
    await insert(a, 'registered');
    await insert(b, 'registered');
    expect((await call(acmeKey, 'POST', path(`/${a}/remove`))).body.state).toBe('removal_pending');
    expect((await call(acmeKey, 'POST', path(`/${b}/remove`), { force: true })).body.state).toBe('removed');
  });
});

describe('the audit', () => {
  const path = (rest = '') => `/organizations/${acme}/audit${rest}`;

  test('is filtered by action, outcome, subject, correlation and time', async () => {
    const created = await call(acmeKey, 'GET', path('?action=user.created&limit=1&order=oldest'));
    const [event] = created.body.items;
    expect(event).toMatchObject({ action: 'user.created', outcome: 'success', actor: expect.stringMatching(/^api-key:key_/) });
    expect((await call(acmeKey, 'GET', path(`?correlationId=${event.correlationId}`))).body.items).toEqual([event]);
    expect((await call(acmeKey, 'GET', path(`?subject=${event.subject}&order=oldest`))).body.items[0]).toEqual(event);
    expect((await call(acmeKey, 'GET', path('?until=2000-01-01T00:00:00Z'))).body.items).toEqual([]);
    expect((await call(acmeKey, 'GET', path('?outcome=refused'))).body.items).toEqual([]);
    expect((await call(acmeKey, 'GET', path('?from=yesterday'))).status).toBe(400);
  });

  test('shows an organization what an operator has done to it', async () => {
    const { body } = await call(acmeKey, 'GET', path('?action=domain.granted&order=oldest'));
    expect(body.items[0]).toMatchObject({ subject: 'domain:acme.com', details: { before: null, after: 'granted' } });
  });

  test('is exported whole, oldest first, a JSON line each', async () => {
    const exported = await call(acmeKey, 'GET', path('/export'));
    const lines = String(exported.body)
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines[0]).toMatchObject({ action: 'organization.created' });
    expect(lines.map((event) => event.id)).toEqual(lines.map((event) => event.id).toSorted());
  });
});

describe('doctor', () => {
  const at = (body: { checks: { check: string; status: string; message: string }[] }, check: string) =>
    body.checks.filter((each) => each.check === check);

  test('tells an organization what waits for it', async () => {
    await call(acmeKey, 'PUT', `/organizations/${acme}/settings/draft`, { identityProviders: [], defaultIdp: null });
    const { body } = await call(acmeKey, 'GET', '/doctor');
    expect(body.status).toBe('warning');
    expect(at(body, 'storage')).toMatchObject([{ status: 'ok' }]);
    expect(at(body, 'domains')).toMatchObject([{ status: 'ok' }]);
    expect(at(body, 'draft')).toMatchObject([{ status: 'warning', remedy: expect.stringContaining('latchkey activate') }]);
  });

  test('calls it a problem that nobody can sign in', async () => {
    const { body } = await call(otherKey, 'GET', '/doctor');
    expect(body.status).toBe('problem');
    expect(at(body, 'settings')).toMatchObject([{ status: 'problem' }]);
    expect(at(body, 'device-tokens')).toMatchObject([{ status: 'warning' }]);
  });

  test('tells an operator of the server only', async () => {
    const { body } = await call(operator, 'GET', '/doctor');
    expect(body.checks.map((each: { check: string }) => each.check)).toEqual(['storage', 'origin', 'api-key', 'organizations']);
  });
});

/** docs/reference/api.md, from the description. */
const reference = (api: Body): string => {
  const who: Readonly<Record<string, string>> = {
    public: 'everybody',
    any: 'every key',
    operator: 'operators',
    organization: 'keys of the organization',
    management: 'keys of the organization, operators',
  };
  type Operation = {
    readonly tags: readonly string[];
    readonly summary: string;
    readonly 'x-access': string;
    readonly 'x-scope'?: string;
    readonly 'x-dangerous'?: true;
    readonly security?: readonly object[];
  };
  const routes = Object.entries<Record<string, Operation>>(api.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, ...operation })),
  );
  const whoCalls = ({ 'x-access': access, security }: Operation): string | undefined =>
    access === 'public' && security?.some((scheme) => 'console' in scheme) ? 'whoever is signing in, or has' : who[access];
  const tags = [...new Set(routes.flatMap((each) => each.tags))].sort();
  const tables = tags.map((tag) =>
    [
      `## ${tag}`,
      '',
      '| request | what | who | scope |',
      '| --- | --- | --- | --- |',
      ...routes
        .filter((each) => each.tags.includes(tag))
        .map(
          (each) =>
            `| \`${each.method} ${each.path}\` | ${each.summary}${each['x-dangerous'] ? ' *' : ''} | ${whoCalls(each)} | ${each['x-scope'] ?? ''} |`,
        ),
    ].join('\n'),
  );
  return `# The admin API

Made from the server's own description by its tests (\`npx vitest run apps/server/src/admin -u\`); do not edit.
Every request and answer stands in full at \`/api/docs\` of a running server, to be read, and in \`/api/openapi.json\` (OpenAPI 3.1).

- **Keys.** \`Authorization: Bearer lka_...\`. An operator's key manages organizations and domains and reads no data of an organization; an
  organization's key sees its own organization, and for every other one gets \`404\`. Keys expire: 90 days unless said, 366 at most.
- **Scopes.** A key may be made for some areas only, to read or to write (\`devices:read\`, \`backup:read\`); \`all\` is every area, and who may write may
  read. Keys are made with keys for \`all:write\`. A key of version 0.1.0 has \`all:write\`.
- **Administrators** call the same routes with the cookie of the [console's session](../guides/administrators.md); what their role allows takes the place of
  scopes (\`read\` is \`view\`, \`write\` is \`full\`). What changes something carries the header \`Latchkey-Console: 1\` and comes from this server's origin
  (\`403 cross_site\`). Routes marked * need both factors shown in the last ten minutes (\`403 reauthentication_needed\`); keys do not.
- **Refusals** are \`application/problem+json\` (RFC 9457): \`title\` is a sentence for a person, \`detail\` says how to mend it, \`code\` is for
  programs, \`correlationId\` finds the audit event or log line. \`errors\` lists what is wrong with a body, each with its place.
- **403** says something of the key, and nothing of what was asked for: \`operator_needed\` (only operators may), \`organization_key_needed\` (operators may
  not), \`scope_needed\` (the key is for other areas).
- **Lists** are pages \`{"items": [...], "next": ...}\`: give \`next\` as \`cursor\` for the next one; \`limit\` is 50 unless said, 200 at most.
- **Settings** are edited in a draft. \`ETag\` is its revision. \`PUT\` with \`If-Match\` saves only over the draft you have seen (\`412\` otherwise);
  \`activate\` needs \`If-Match\` (\`428\` without it), so that exactly what was reviewed goes live.
- **Sent again.** A \`POST\` with the header \`Idempotency-Key\` is carried out once: for 24 hours the same key with the same body is answered what it
  was answered (\`Idempotency-Replayed: true\`), with another body \`422\`, while the first is still being worked on \`409\`. After a \`5xx\` it may be tried again.
- **Limits.** A key has so many requests a minute (\`LATCHKEY_REQUESTS_PER_KEY\`): \`RateLimit-Limit\`, \`RateLimit-Remaining\` and \`RateLimit-Reset\` (seconds)
  are in every answer, and \`Retry-After\` in a \`429\`.
- **Secrets** (device tokens, API keys) are in the answer that creates them and nowhere else.
- Times are ISO 8601 in UTC.

${tables.join('\n\n')}
`;
};

describe('the description at /api/openapi.json', () => {
  test('is OpenAPI 3.1, and names every schema and refusal', async () => {
    const { body } = await call(undefined, 'GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.components.schemas).toHaveProperty('SettingsDocument');
    const operation = body.paths['/api/v1/organizations/{organization}/settings/activate'].post;
    expect(Object.keys(operation.responses)).toEqual(['200', '4XX']);
    expect(JSON.stringify(operation.responses['4XX'])).toContain('#/components/schemas/Problem');
  });

  test('is what docs/reference/api.md says', async () => {
    const server = await createTestServer();
    const body = (await server.app.inject('/api/openapi.json')).json();
    await server.close();
    await expect(reference(body)).toMatchFileSnapshot('../../../../docs/reference/api.md');
  });

  test('a route that does not say who may call it keeps the server from starting', async () => {
    const bare = Fastify();
    const started = async () => {
      await bare.register(
        adminRoutes({ ...adminNeeds, routes: [async (api) => void api.get('/open', async () => 'everything')] }),
      );
      await bare.ready();
    };
    await expect(started()).rejects.toThrow('does not say who may call it');
    await bare.close();
  });
});

describe('secrets', () => {
  test('no token, key, code or password is in any table of the database, or in its files', async () => {
    expect(secrets.length).toBeGreaterThan(5);
    const database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    const everything = tables.map(({ name }) => JSON.stringify(database.prepare(`select * from "${name}"`).all())).join('\n');
    database.close();
    expect(everything).toContain('j.doe@acme.com');
    for (const secret of [...secrets, 'abcde1']) expect(everything.includes(secret)).toBe(false);
    // The secret part alone, too: only the lookup in front of it is kept.
    for (const secret of secrets) expect(everything.includes(secret.slice(14))).toBe(false);
  });
});
