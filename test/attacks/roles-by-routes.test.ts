import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBrowser, joinAsAdministrator, PASSWORD } from '../kit/console.ts';
import { createTestServer, type TestServer } from '../kit/server.ts';

/**
 * Every route of the server against every kind of caller, asked for real. What is expected is written here by hand, route by route, and not
 * taken from the server: a route that is new, or that changes whom it is for, fails until somebody has said so here.
 *
 * `organization`: data of the organization in the path. `management`: that, and for operators. `operator`. Then the area, and whether it reads.
 */
const routes: Readonly<Record<string, string>> = {
  'GET /organizations': 'operator organization read',
  'POST /organizations': 'operator organization write',
  'GET /organizations/:organization': 'management organization read',
  'DELETE /organizations/:organization': 'operator organization write',
  'POST /organizations/:organization/suspend': 'operator organization write',
  'POST /organizations/:organization/resume': 'operator organization write',
  'GET /organizations/:organization/domains': 'management organization read',
  'POST /organizations/:organization/domains': 'operator organization write',
  'PUT /organizations/:organization/domains/:domain': 'organization organization write',
  'DELETE /organizations/:organization/domains/:domain': 'management organization write',
  'POST /organizations/:organization/domains/:domain/verify': 'management organization write',

  'GET /organizations/:organization/settings/draft': 'organization settings read',
  'PUT /organizations/:organization/settings/draft': 'organization settings write',
  'GET /organizations/:organization/settings/diff': 'organization settings read',
  'GET /organizations/:organization/settings/readiness': 'organization settings read',
  'POST /organizations/:organization/settings/validate': 'organization settings read',
  'POST /organizations/:organization/settings/plan': 'organization settings read',
  'POST /organizations/:organization/settings/activate': 'organization settings write',
  'GET /organizations/:organization/settings/active': 'organization settings read',
  'GET /organizations/:organization/settings/versions': 'organization settings read',
  'GET /organizations/:organization/settings/versions/:version': 'organization settings read',
  'POST /organizations/:organization/settings/versions/:version/activate': 'organization settings write',

  'GET /organizations/:organization/scim/:idp/tokens': 'organization settings read',
  'POST /organizations/:organization/scim/:idp/tokens': 'organization settings write',
  'POST /organizations/:organization/scim/:idp/tokens/:token/revoke': 'organization settings write',
  'GET /organizations/:organization/scim/:idp/log': 'organization settings read',
  'GET /organizations/:organization/scim/:idp/log/:exchange': 'organization settings read',

  'GET /organizations/:organization/users': 'organization directory read',
  'POST /organizations/:organization/users': 'organization directory write',
  'GET /organizations/:organization/users/:user': 'organization directory read',
  'DELETE /organizations/:organization/users/:user': 'organization directory write',
  'GET /organizations/:organization/users/locked-out': 'organization directory read',
  'GET /organizations/:organization/users/export': 'organization directory read',
  'PATCH /organizations/:organization/users/:user': 'organization directory write',
  'POST /organizations/:organization/users/:user/adopt': 'organization directory write',
  'GET /organizations/:organization/groups': 'organization directory read',
  'POST /organizations/:organization/groups': 'organization directory write',
  'GET /organizations/:organization/groups/:id': 'organization directory read',
  'PATCH /organizations/:organization/groups/:id': 'organization directory write',
  'DELETE /organizations/:organization/groups/:id': 'organization directory write',
  'PUT /organizations/:organization/groups/:id/members/:user': 'organization directory write',
  'DELETE /organizations/:organization/groups/:id/members/:user': 'organization directory write',
  'GET /organizations/:organization/departments': 'organization directory read',
  'POST /organizations/:organization/departments': 'organization directory write',
  'GET /organizations/:organization/departments/:id': 'organization directory read',
  'PATCH /organizations/:organization/departments/:id': 'organization directory write',
  'DELETE /organizations/:organization/departments/:id': 'organization directory write',
  'GET /organizations/:organization/imports': 'organization directory read',
  'POST /organizations/:organization/imports': 'organization directory write',
  'GET /organizations/:organization/imports/:import': 'organization directory read',
  'GET /organizations/:organization/imports/:import/lines': 'organization directory read',
  'GET /organizations/:organization/imports/:import/errors': 'organization directory read',
  'POST /organizations/:organization/imports/:import/apply': 'organization directory write',
  'POST /organizations/:organization/imports/:import/cancel': 'organization directory write',
  'POST /organizations/:organization/users/:user/disable': 'organization directory write',
  'POST /organizations/:organization/users/:user/enable': 'organization directory write',

  'GET /organizations/:organization/devices': 'organization devices read',
  'GET /organizations/:organization/devices/:device': 'organization devices read',
  'POST /organizations/:organization/devices/:device/approve': 'organization devices write',
  'POST /organizations/:organization/devices/:device/deny': 'organization devices write',
  'POST /organizations/:organization/devices/:device/quarantine': 'organization devices write',
  'POST /organizations/:organization/devices/:device/release': 'organization devices write',
  'POST /organizations/:organization/devices/:device/remove': 'organization devices write',

  'GET /organizations/:organization/sessions': 'organization devices read',
  'POST /organizations/:organization/sessions/:session/end': 'organization devices write',

  'GET /organizations/:organization/device-tokens': 'organization device-tokens read',
  'POST /organizations/:organization/device-tokens': 'organization device-tokens write',
  'GET /organizations/:organization/device-tokens/:token': 'organization device-tokens read',
  'POST /organizations/:organization/device-tokens/:token/rotate': 'organization device-tokens write',
  'POST /organizations/:organization/device-tokens/:token/revoke': 'organization device-tokens write',

  'GET /organizations/:organization/applications': 'organization applications read',
  'POST /organizations/:organization/applications': 'organization applications write',
  'GET /organizations/:organization/applications/:application': 'organization applications read',
  'PATCH /organizations/:organization/applications/:application': 'organization applications write',
  'DELETE /organizations/:organization/applications/:application': 'organization applications write',

  'GET /organizations/:organization/webhook': 'organization webhook read',
  'PUT /organizations/:organization/webhook': 'organization webhook write',
  'DELETE /organizations/:organization/webhook': 'organization webhook write',
  'POST /organizations/:organization/webhook/test': 'organization webhook write',

  'GET /organizations/:organization/retention': 'organization audit read',
  'PUT /organizations/:organization/retention': 'organization audit write',
  'GET /organizations/:organization/audit': 'organization audit read',
  'GET /organizations/:organization/audit/export': 'organization audit read',
  'GET /organizations/:organization/audit/:event': 'organization audit read',
  'GET /organizations/:organization/sign-ins': 'organization audit read',
  'GET /organizations/:organization/sign-ins/:event': 'organization audit read',
  // They leave out what the caller may not see (overview.test.ts), as events are judged by what they are about (stream-events.test.ts).
  'GET /organizations/:organization/overview': 'organization each read',
  'GET /organizations/:organization/activity': 'organization each read',
  'GET /organizations/:organization/events': 'organization each read',

  'GET /organizations/:organization/api-keys': 'organization api-keys read',
  'POST /organizations/:organization/api-keys': 'management api-keys write',
  'POST /organizations/:organization/api-keys/:key/revoke': 'organization api-keys write',

  'GET /organizations/:organization/administrators': 'organization administrators read',
  'GET /organizations/:organization/administrators/:administrator': 'organization administrators read',
  'PATCH /organizations/:organization/administrators/:administrator': 'organization administrators write',
  'DELETE /organizations/:organization/administrators/:administrator': 'organization administrators write',
  'POST /organizations/:organization/administrators/:administrator/reset-second-factor': 'organization administrators write',
  'POST /organizations/:organization/administrators/:administrator/end-sessions': 'organization administrators write',
  'GET /organizations/:organization/roles': 'organization administrators read',
  'POST /organizations/:organization/roles': 'organization administrators write',
  'PUT /organizations/:organization/roles/:role': 'organization administrators write',
  'DELETE /organizations/:organization/roles/:role': 'organization administrators write',
  'GET /organizations/:organization/invitations': 'organization administrators read',
  'POST /organizations/:organization/invitations': 'management administrators write',
  'DELETE /organizations/:organization/invitations/:invitation': 'organization administrators write',

  'GET /organizations/:organization/signing-keys': 'organization organization read',
  'POST /organizations/:organization/signing-keys': 'organization organization write',
  'POST /organizations/:organization/signing-keys/:key/activate': 'organization organization write',
  'DELETE /organizations/:organization/signing-keys/:key': 'organization organization write',

  'GET /operator/about': 'operator operator read',
  'GET /operator/administrators': 'operator operator read',
  'GET /operator/administrators/:administrator': 'operator operator read',
  'PATCH /operator/administrators/:administrator': 'operator operator write',
  'DELETE /operator/administrators/:administrator': 'operator operator write',
  'POST /operator/administrators/:administrator/reset-second-factor': 'operator operator write',
  'POST /operator/administrators/:administrator/end-sessions': 'operator operator write',
  'GET /operator/invitations': 'operator operator read',
  'POST /operator/invitations': 'operator operator write',
  'DELETE /operator/invitations/:invitation': 'operator operator write',
  'GET /audit': 'operator audit read',
  'GET /audit/export': 'operator audit read',
  'GET /audit/:event': 'operator audit read',
  'GET /api-keys': 'operator api-keys read',
  'POST /api-keys': 'operator api-keys write',
  'POST /api-keys/:key/revoke': 'operator api-keys write',
  'GET /backup': 'operator backup read',

  'GET /whoami': 'anybody',
  'GET /doctor': 'anybody',
  'GET /health': 'anybody',
  'POST /setup': 'public',

  'GET /console/session': 'public',
  'POST /console/set-up': 'public',
  'POST /console/sign-in': 'public',
  'POST /console/accept-invitation': 'public',
  'POST /console/sign-in/totp': 'between',
  'POST /console/sign-in/recovery-code': 'between',
  'POST /console/sign-in/passkey': 'between',
  'POST /console/sign-in/passkey/options': 'between',
  'POST /console/re-authenticate': 'own',
  'POST /console/re-authenticate/passkey/options': 'own',
  'POST /console/totp': 'enroll',
  'POST /console/totp/confirm': 'enroll',
  'DELETE /console/totp': 'own',
  'GET /console/passkeys': 'own',
  'POST /console/passkeys': 'enroll',
  'POST /console/passkeys/options': 'enroll',
  'DELETE /console/passkeys/:passkey': 'own',
  'POST /console/recovery-codes': 'own',
  'GET /console/sessions': 'own',
  'DELETE /console/sessions': 'own',
  'DELETE /console/sessions/:session': 'own',
  'POST /console/password': 'own',
  // The last, for it ends the session that asks.
  'POST /console/sign-out': 'public',
};

/** What is no part of the admin API: it has callers of its own, and no cookie or API key opens it. */
const elsewhere =
  /^\/(agent\/v1|saml|oidc|scim|gateway\/v1|\.well-known)\/|^\/:organization\/:idp\/scim\*?$|^\/(healthz|readyz|metrics)$|^\/docs\b|^\/api\/(docs|openapi\.json)$/;

const areas = [
  ...['administrators', 'api-keys', 'applications', 'audit', 'backup', 'device-tokens', 'devices', 'directory', 'operator'],
  ...['organization', 'settings', 'webhook'],
];

/** What somebody may do: `area read` or `area write`. */
type Rights = ReadonlySet<string>;
const read = (...names: readonly string[]): Rights => new Set(names.map((name) => `${name} read`));
const write = (...names: readonly string[]): Rights => new Set(names.flatMap((name) => [`${name} read`, `${name} write`]));

interface Caller {
  readonly name: string;
  readonly at: 'operators' | 'acme' | 'other' | 'nowhere';
  readonly by: 'cookie' | 'key' | 'nothing' | 'half' | 'enrolling';
  readonly rights: Rights;
  readonly headers: Record<string, string>;
}

/** Whether a caller may come through, by the table alone. */
const expected = (row: string, { at, by, rights }: Caller): boolean => {
  const [access = '', area = '', what = ''] = row.split(' ');
  if (access === 'public') return true;
  if (access === 'between') return by === 'half';
  if (access === 'own') return by === 'cookie';
  if (access === 'enroll') return by === 'cookie' || by === 'enrolling';
  if (by === 'nothing' || by === 'half' || by === 'enrolling') return false;
  if (access === 'anybody') return true;
  const inside = access === 'operator' ? at === 'operators' : at === 'acme' || (access === 'management' && at === 'operators');
  return inside && (area === 'each' || rights.has(`${area} ${what}`));
};

/** Answers that somebody gets who may not. Whatever else goes wrong went wrong behind the door. */
const refusals = new Set([
  ...['unauthorized', 'signed_out', 'operator_needed', 'organization_key_needed', 'permission_needed', 'scope_needed'],
  ...['reauthentication_needed', 'cross_site'],
]);

let server: TestServer;
let acme: string;
const callers: Caller[] = [];

beforeAll(async () => {
  server = await createTestServer();
  const organization = await server.createOrganization('acme.com');
  const other = await server.createOrganization('other.com');
  acme = organization.id;
  const operatorKey = await server.createOperatorKey();
  const acmeKey = await organization.createApiKey();

  const add = (name: string, at: Caller['at'], by: Caller['by'], rights: Rights, headers: Record<string, string> = {}): void => {
    callers.push({ name, at, by, rights, headers });
  };
  const withKey = (key: string) => ({ authorization: `Bearer ${key}` });
  const withCookie = (cookie: string | undefined) => ({ cookie: cookie ?? '', origin: server.origin, 'latchkey-console': '1' });
  let joined = 0;
  const join = async (organizationId: string | null, roleId: string) => {
    joined += 1;
    return joinAsAdministrator(server, { organizationId, roleId, userName: `a${joined}@acme.com` });
  };
  const role = async (name: string, permissions: object): Promise<string> =>
    (await createBrowser(server).post(`/organizations/${acme}/roles`, { name, permissions }, withKey(acmeKey))).body.id;
  const person = async (name: string, at: 'operators' | 'acme' | 'other', roleId: string, rights: Rights): Promise<void> => {
    const holder = { operators: null, acme, other: other.id }[at];
    add(name, at, 'cookie', rights, withCookie((await join(holder, roleId)).cookie()));
  };
  const limitedKey = async (scopes: readonly string[]): Promise<string> =>
    (await createBrowser(server).post(`/organizations/${acme}/api-keys`, { description: 'x', scopes }, withKey(acmeKey))).body
      .key;

  add('nobody', 'nowhere', 'nothing', read());
  const half = createBrowser(server);
  const ada = await join(acme, 'full');
  await half.post('/console/sign-in', { userName: ada.userName, password: PASSWORD });
  const enrolling = createBrowser(server);
  const invited = await createBrowser(server).post(
    `/organizations/${acme}/invitations`,
    { userName: 'new@acme.com', roleId: 'full' },
    withKey(acmeKey),
  );
  const token = invited.body.link.split('#')[1];
  await enrolling.post('/console/accept-invitation', { token, displayName: '', password: PASSWORD });
  add('before a second factor', 'acme', 'enrolling', read(), withCookie(enrolling.cookie()));
  add('password only', 'acme', 'half', read(), withCookie(half.cookie()));
  const ofOperators = ['administrators', 'api-keys', 'audit', 'backup', 'operator', 'organization'];
  await person('operator: full', 'operators', 'full', write(...ofOperators));
  await person('operator: view', 'operators', 'view', read(...ofOperators));
  const ofOrganizations = areas.filter((area) => area !== 'backup' && area !== 'operator');
  await person('full', 'acme', 'full', write(...ofOrganizations));
  await person('view', 'acme', 'view', read(...ofOrganizations));
  await person('role of devices', 'acme', await role('devices', { devices: 'full' }), write('devices'));
  await person('role of nothing', 'acme', await role('nothing', {}), read());
  await person('role of settings: view', 'acme', await role('settings', { settings: 'view' }), read('settings'));
  await person('full elsewhere', 'other', 'full', write(...ofOrganizations));
  add('key of an operator', 'operators', 'key', write(...areas), withKey(operatorKey));
  add('key all:write', 'acme', 'key', write(...areas), withKey(acmeKey));
  add('key all:read', 'acme', 'key', read(...areas), withKey(await limitedKey(['all:read'])));
  add('key devices:read', 'acme', 'key', read('devices'), withKey(await limitedKey(['devices:read'])));
  add('key elsewhere', 'other', 'key', write(...areas), withKey(await other.createApiKey()));
});
afterAll(() => server.close());

/** What Fastify itself says that it serves: `METHOD /path`, HEAD left out, which it makes of each GET. */
const servedRoutes = (): readonly string[] => {
  const above: string[] = [];
  return server.app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', path = '', methods = ''] = /^((?:│ {3}| {4})*)(?:├── |└── )(\S+) \(([^)]+)\)/.exec(line) ?? [];
      if (path === '') return [];
      above.length = indent.length / 4;
      above.push(path);
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${above.join('')}`);
    });
};

const ask = async (route: string, caller: Caller): Promise<string> => {
  const [method = '', path = ''] = route.split(' ');
  // Nothing may come of it where somebody does come through: the ids are nobody's, and no body is right. An operator's own route about
  // a whole organization gets one that is not there.
  const lifecycle = caller.at === 'operators' && /:organization(\/(suspend|resume))?$/.test(path) && method !== 'GET';
  const filled = path.replace(':organization', lifecycle ? 'org_0' : acme).replaceAll(/:\w+/g, '999');
  const answer = await server.app.inject({
    method: method as 'GET', // or another: it is what Fastify has printed
    url: `/api/v1${filled}`,
    headers: { ...caller.headers, ...(method === 'GET' ? {} : { origin: server.origin, 'latchkey-console': '1' }) },
    ...(['GET', 'DELETE'].includes(method) ? {} : { payload: { wrong: true } }),
    payloadAsStream: true,
  });
  if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
    answer.stream().destroy();
    return '';
  }
  const chunks: Buffer[] = [];
  for await (const chunk of answer.stream()) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  const code: string = answer.statusCode >= 400 ? JSON.parse(text).code : '';
  // For whoever is of an organization another one does not exist; an operator is told the truth.
  const hidden = code === 'organization_unknown' && caller.at !== 'operators';
  return hidden || refusals.has(code) ? code : '';
};

const table: string[] = [];
afterAll(() => console.log(table.join('\n')));

describe('roles by routes', () => {
  test('every route of the server is in the table, and nothing that it does not have', () => {
    const served = servedRoutes();
    expect(served.length).toBeGreaterThan(100);
    const ofTheApi = served.filter((route) => !elsewhere.test(route.split(' ')[1] ?? ''));
    expect(ofTheApi.map((route) => route.replace('/api/v1', '')).toSorted()).toEqual(Object.keys(routes).toSorted());
  });

  test('each caller comes through where the table says, and nowhere else', async () => {
    const wrong: string[] = [];
    const width = Math.max(...Object.keys(routes).map((route) => route.length));
    table.push(
      `Who comes through (●), by route; ${callers.map(({ name }, at) => `${String.fromCharCode(65 + at)} ${name}`).join(', ')}`,
    );
    for (const [route, row] of Object.entries(routes)) {
      let line = '';
      for (const caller of callers) {
        const refusal = await ask(route, caller);
        line += refusal === '' ? ' ●' : ' ·';
        if ((refusal === '') !== expected(row, caller)) wrong.push(`${route}: ${caller.name}: ${refusal || 'came through'}`);
      }
      table.push(`${route.padEnd(width)} ${line}`);
    }
    expect(wrong).toEqual([]);
  });

  test('a viewer changes nothing, a role of one area sees only that, and nobody of elsewhere sees anything', () => {
    const passes = (name: string): readonly string[] => {
      const at = callers.findIndex((caller) => caller.name === name);
      return table.slice(1).flatMap((line) => {
        const [method = '', path = ''] = line.split(/\s+/);
        return line.at(-(callers.length - at) * 2 + 1) === '●' && !/^\/(console|setup|doctor|health|whoami)/.test(path)
          ? [`${method} ${path}`]
          : [];
      });
    };
    for (const viewer of ['view', 'operator: view', 'key all:read']) {
      expect(passes(viewer).filter((route) => !/^GET |\/(validate|plan)$/.test(route))).toEqual([]);
    }
    expect(passes('view').length).toBeGreaterThan(15);
    const elsewhereThan = (area: string) => (route: string) => !new RegExp(`:organization/(${area})(/|$)`).test(route);
    expect(passes('role of devices').filter(elsewhereThan('devices|sessions|events|overview|activity'))).toEqual([]);
    expect(passes('role of nothing')).toEqual(
      ['overview', 'activity', 'events'].map((path) => `GET /organizations/:organization/${path}`),
    );
    expect(passes('full elsewhere')).toEqual([]);
    expect(passes('key elsewhere')).toEqual([]);
    expect(passes('key devices:read').filter(elsewhereThan('devices|sessions|events|overview|activity'))).toEqual([]);
  });
});
