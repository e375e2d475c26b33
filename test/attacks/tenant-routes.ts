import { formatClaim, formatDeviceToken, parseDeviceToken } from '@latchkey/device';
import type { SimulatedDevice } from '../kit/device.ts';
import { begin } from './flow.ts';
import type { Tenant } from './tenant.ts';

export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/** What one organization has: the columns of the matrix. Keys of each of the 20 scopes stand under `scoped`. */
export const credentials = [
  'nothing',
  'API key',
  'scoped',
  'operator',
  'device token',
  'SCIM token',
  'session',
  'cookie',
  'administrator',
  'bearer',
  'DPoP',
  'device',
  'forged',
  'nonce',
  'assertion',
] as const;
export type Credential = (typeof credentials)[number];

/** How a route is asked for what belongs to a tenant. */
export interface Row {
  /** What stands in the path for each of its parameters but the organization. */
  readonly ids?: (tenant: Tenant) => Readonly<Record<string, string>>;
  readonly query?: (tenant: Tenant) => Readonly<Record<string, string>>;
  /** The last row of the page before. */
  readonly cursor?: (tenant: Tenant) => string;
  readonly headers?: (tenant: Tenant) => Readonly<Record<string, string>>;
  readonly body?: (tenant: Tenant, sender: Tenant) => object | string | Promise<object | string>;
  /**
   * Who is answered, if not only the organization that is asked for. `public`: everybody, and all alike; `own`: whoever has proven to
   * be somebody, about themselves. The routes of the admin API say it themselves (`config.access`).
   */
  readonly open?: 'public' | 'own';
  /** What only the holder of a credential can send. */
  readonly by?: Readonly<Partial<Record<Credential, (victim: Tenant, attacker: Tenant) => Promise<Partial<Call>>>>>;
  /** What the tenant itself sends, where it takes no API key. */
  readonly rightly?: (tenant: Tenant) => Promise<Partial<Call>>;
  /** What whoever may ask is answered, if not 2xx. */
  readonly answers?: number;
  /** What of the tenant everybody is told. */
  readonly tells?: (tenant: Tenant) => readonly string[];
  /** Where an organization may name within its own what belongs to another. */
  readonly mayName?: true;
}

/** What the console sends beside its cookie. */
const consoleHeaders = { origin: 'https://id.acme.com', 'latchkey-console': '1' };
/** Signing in, with nothing that could be right: what everybody is told. */
const atTheDoor = (body: object, answers = 400): Row => ({
  open: 'public',
  headers: () => consoleHeaders,
  body: () => body,
  answers,
});
/** Of one's own account: whoever asks is asked about. */
const ownAccount = (more: Row = {}): Row => ({
  open: 'own',
  headers: () => consoleHeaders,
  rightly: async ({ administrator }) => ({ headers: { cookie: administrator.cookie() ?? '' } }),
  ...more,
});

const everybody: Row = { open: 'public' };
const list = (cursor: (tenant: Tenant) => string): Row => ({
  query: ({ id }) => ({ organization: id, organizationId: id }),
  cursor,
});
const empty: Row = { body: () => ({}) };
/** The `next` of a page that ended there. */
const position = (key: string): string => Buffer.from(JSON.stringify([0, key])).toString('base64url');
const aGroup: Row = { ids: ({ group }) => ({ id: group }) };
const aDepartment: Row = { ids: ({ department }) => ({ id: department }) };
const aMember: Row = { ids: ({ group, user }) => ({ id: group, user }) };
const anImport: Row = { ids: ({ importId }) => ({ import: importId }) };
const aScimToken: Row = { ids: ({ scim }) => ({ idp: scim.idp, token: scim.spareTokenId }) };
const anExchange: Row = { ids: ({ scim }) => ({ idp: scim.idp, exchange: scim.exchangeId }) };
/** At the endpoint of a provisioning source, which takes its own tokens only. */
const provisioned = (path: (tenant: Tenant) => string, body?: (tenant: Tenant) => object): Row => ({
  ids: (tenant) => ({ idp: tenant.scim.idp, '*': path(tenant) }),
  rightly: async ({ scim }) => ({ headers: { authorization: `Bearer ${scim.token}` } }),
  ...(body === undefined
    ? {}
    : { headers: () => ({ 'content-type': 'application/scim+json' }), body: (tenant: Tenant) => JSON.stringify(body(tenant)) }),
});
const provisionedUser = (login: string) => (tenant: Tenant) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `${login}@${tenant.domain}`,
});
const patched = () => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'displayName', value: 'changed' }],
});
/** Both addresses of the endpoint, each with what is asked there. */
const atProvisioning = (address: string, login: string): Readonly<Record<string, Row>> => ({
  [`GET ${address}`]: provisioned(() => ''),
  [`GET ${address}/*`]: provisioned(({ scim }) => `Users/${scim.user}`),
  [`POST ${address}/*`]: provisioned(() => 'Users', provisionedUser(login)),
  [`PUT ${address}/*`]: provisioned(({ scim }) => `Users/${scim.user}`, provisionedUser('provisioned')),
  [`PATCH ${address}/*`]: provisioned(({ scim }) => `Groups/${scim.group}`, patched),
});
const deprovisioned = provisioned(({ scim }) => `Users/${scim.user}`);
const deprovisionedGroup = provisioned(({ scim }) => `Groups/${scim.group}`);

const aUser: Row = { ids: ({ user }) => ({ user }) };
const aToken: Row = { ids: ({ spareToken }) => ({ token: spareToken.id }) };
const aDevice: Row = { ids: ({ spareId }) => ({ device: spareId }) };
const anApplication: Row = { ids: ({ api }) => ({ application: api.id }) };
const anAdministrator: Row = { ids: ({ spareAdministratorId }) => ({ administrator: spareAdministratorId }) };
const aRole: Row = { ids: ({ roleId }) => ({ role: roleId }) };
const anInvitation: Row = { ids: ({ invitationId }) => ({ invitation: invitationId }) };
const aSigningKey: Row = { ids: ({ stored }) => ({ key: stored.signingKeys[0]?.id ?? '' }) };
const aKey: Row = { ids: ({ spareKeyId }) => ({ key: spareKeyId }) };
const aDomain: Row = { ids: ({ domain }) => ({ domain }) };
// Every organization has a version 1.
const aVersion: Row = { ids: () => ({ version: '1' }), mayName: true };
const theDraft: Row = { headers: ({ draftTag }) => ({ 'if-match': draftTag }), mayName: true };
const aDocument: Row = { body: ({ document }) => document, mayName: true };

/** A call of the agent API by a device that exists. */
const fromDevice = (body: (tenant: Tenant) => object): Row => ({
  headers: ({ deviceId }) => ({ 'latchkey-device': deviceId }),
  body,
  open: 'own',
});

const soap = { 'content-type': 'text/xml' };
/** The other's own AuthnRequest, with a proof by `device` over a nonce that was made for `nonceOf`. */
const toSso = async (victim: Tenant, device: SimulatedDevice, nonceOf = device): Promise<Partial<Call>> => {
  const begun = await begin(victim.device);
  const proof = device.proofFor({ ...begun, nonce: await nonceOf.challenge() }, begun.soapRequest);
  return {
    headers: { ...soap, 'latchkey-device': device.state.deviceId, 'latchkey-proof': proof },
    body: begun.soapRequest,
  };
};

const proxied = (url: string): Readonly<Record<string, string>> => ({ 'x-original-url': url, 'x-original-method': 'GET' });

const enrollment = async (device: SimulatedDevice, token: string, domain: string): Promise<object> => ({
  enrollment: await device.enrollmentMessage(token, `new@${domain}`),
});

const organization = '/api/v1/organizations/:organization';

/**
 * Every route of the server, in the order in which those who may use them do so at the end; HEAD goes with GET. The admin API's paths stand
 * below the organization's. A route that is not here fails the test.
 */
export const rows: Readonly<Record<string, Row>> = {
  'GET /docs': everybody,
  'GET /docs/*': { ...everybody, answers: 404 },
  'GET /healthz': everybody,
  'GET /readyz': everybody,
  'GET /metrics': { ...everybody, answers: 403 },
  'GET /.well-known/latchkey': everybody,
  'GET /api/docs': everybody,
  'GET /api/openapi.json': everybody,
  'POST /api/v1/setup': { ...everybody, body: () => ({ code: 'guessed' }), answers: 403 },

  'GET /oidc/:org/jwks': everybody,
  'GET /saml/:org/idp/metadata': everybody,
  'GET /saml/:org/sp/:idp/metadata': { ...everybody, ids: () => ({ idp: 'device' }) },
  // Before other settings are activated.
  ...atProvisioning('/scim/:organization/:idp/v2', 'new-provisioned'),
  ...atProvisioning('/:organization/:idp/scim', 'other-provisioned'),
  'DELETE /scim/:organization/:idp/v2/*': deprovisioned,
  'DELETE /:organization/:idp/scim/*': deprovisionedGroup,
  [`GET ${organization}/scim/:idp/tokens`]: { ids: ({ scim }) => ({ idp: scim.idp }), mayName: true },
  [`POST ${organization}/scim/:idp/tokens`]: {
    ids: ({ scim }) => ({ idp: scim.idp }),
    body: () => ({ description: 'new' }),
    mayName: true,
    answers: 409,
  },
  [`POST ${organization}/scim/:idp/tokens/:token/revoke`]: { ...aScimToken, ...empty },
  [`GET ${organization}/scim/:idp/log`]: { ids: ({ scim }) => ({ idp: scim.idp }), mayName: true },
  [`GET ${organization}/scim/:idp/log/:exchange`]: anExchange,
  // A sign-in begins with the organization that a domain has.
  'GET /agent/v1/session': {
    ...everybody,
    headers: ({ device: { state } }) => ({
      accept: 'text/html, application/vnd.paos+xml',
      paos: 'ver="urn:liberty:paos:2003-08";"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"',
      'latchkey-claim': formatClaim({ userName: state.userName, deviceId: state.deviceId, parameters: {} }),
    }),
    tells: ({ id, domain, deviceId }) => [id, domain, deviceId],
  },
  // A nonce for whoever names a device or a token; without the key it is of no use.
  'POST /agent/v1/challenge': { ...everybody, body: ({ deviceId, device }) => ({ device: deviceId, jkt: device.key.jkt }) },
  // Browsers are told that this is for agents.
  'GET /saml/:org/idp/sso': { ...everybody, answers: 400 },

  'POST /saml/:org/idp/sso': {
    headers: ({ deviceId }) => ({ ...soap, 'latchkey-device': deviceId }),
    body: async (_, sender) => (await begin(sender.device)).soapRequest,
    by: {
      device: (victim, attacker) => toSso(victim, attacker.device),
      forged: (victim, attacker) => toSso(victim, attacker.disguise(victim.device)),
      nonce: (victim, attacker) => toSso(victim, victim.device, attacker.device),
    },
    rightly: (tenant) => toSso(tenant, tenant.device),
  },
  'POST /saml/:org/sp/:idp/acs': {
    ids: () => ({ idp: 'device' }),
    headers: () => ({ 'content-type': 'application/vnd.paos+xml' }),
    body: (_, sender) => sender.response.proven.paosResponse,
    rightly: async () => ({}),
  },

  'POST /agent/v1/enroll': {
    // The name of the tenant's token with a secret that is good elsewhere.
    body: ({ token, domain }, sender) => {
      const { lookup } = parseDeviceToken(token.text);
      const { secret } = parseDeviceToken(sender.token.text);
      return enrollment(sender.newDevice(), formatDeviceToken({ lookup, secret }), domain);
    },
    by: {
      'device token': async (victim, attacker) => ({
        body: await enrollment(attacker.newDevice(), attacker.token.text, victim.domain),
      }),
    },
    rightly: async () => ({}),
    // Of the user name that was sent, inside the JWS.
    tells: ({ domain }) => [domain],
  },
  'POST /agent/v1/keepalive': fromDevice(() => ({ parameters: {} })),
  'POST /agent/v1/token': fromDevice(({ sessionId, site }) => ({ session: sessionId, application: site.identifier })),

  'GET /gateway/v1/refusal': { ...everybody, answers: 503 },
  'GET /gateway/v1/verify': {
    query: ({ site }) => ({ application: site.id }),
    headers: ({ site }) => proxied(`${site.identifier}/page`),
    by: {
      // In the query of the page: that of the subrequest is the proxy's.
      assertion: async ({ site }, { response }) => ({
        headers: proxied(
          `${site.identifier}/page?SAMLResponse=${encodeURIComponent(Buffer.from(response.text).toString('base64'))}`,
        ),
      }),
    },
    rightly: async ({ bearer }) => ({ headers: { authorization: `Bearer ${bearer}` } }),
  },

  'GET /api/v1/whoami': {},
  'GET /api/v1/doctor': {},
  'GET /api/v1/health': {},
  'GET /api/v1/audit': list(({ user }) => user),
  'GET /api/v1/audit/export': {},
  'GET /api/v1/audit/:event': { ids: ({ eventId }) => ({ event: eventId }), answers: 404 },
  'GET /api/v1/api-keys': list(({ spareKeyId }) => spareKeyId),
  'POST /api/v1/api-keys': { body: () => ({ description: 'new' }) },
  'POST /api/v1/api-keys/:key/revoke': { ...aKey, ...empty, answers: 404 },
  'GET /api/v1/operator/administrators': {},
  'GET /api/v1/operator/administrators/:administrator': { ...anAdministrator, answers: 404 },
  'PATCH /api/v1/operator/administrators/:administrator': {
    ...anAdministrator,
    body: () => ({ state: 'disabled' }),
    answers: 404,
  },
  'DELETE /api/v1/operator/administrators/:administrator': { ...anAdministrator, answers: 404 },
  'POST /api/v1/operator/administrators/:administrator/reset-second-factor': { ...anAdministrator, ...empty, answers: 404 },
  'POST /api/v1/operator/administrators/:administrator/end-sessions': { ...anAdministrator, ...empty, answers: 404 },
  'GET /api/v1/operator/about': {},
  'GET /api/v1/operator/invitations': {},
  'POST /api/v1/operator/invitations': { body: () => ({ userName: 'new@operators.example', roleId: 'view' }) },
  'DELETE /api/v1/operator/invitations/:invitation': { ...anInvitation, answers: 404 },
  'GET /api/v1/backup': { answers: 409 },
  'GET /api/v1/organizations': list(({ id }) => id),
  'POST /api/v1/organizations': { body: () => ({ name: 'new' }) },

  [`GET ${organization}`]: {},
  [`GET ${organization}/domains`]: list(({ domain }) => domain),
  [`GET ${organization}/users`]: list(({ userName }) => position(userName)),
  [`GET ${organization}/users/locked-out`]: list(({ userName }) => position(userName)),
  [`GET ${organization}/users/export`]: { query: ({ userName }) => ({ q: userName }) },
  [`GET ${organization}/groups`]: list(() => position('')),
  [`GET ${organization}/groups/:id`]: aGroup,
  [`GET ${organization}/departments`]: list(() => position('')),
  [`GET ${organization}/departments/:id`]: aDepartment,
  [`GET ${organization}/imports`]: list(() => 'imp_z'),
  [`GET ${organization}/imports/:import`]: anImport,
  [`GET ${organization}/imports/:import/lines`]: anImport,
  [`GET ${organization}/imports/:import/errors`]: anImport,
  [`GET ${organization}/users/:user`]: aUser,
  [`GET ${organization}/devices`]: list(({ spareId }) => position(spareId)),
  [`GET ${organization}/devices/:device`]: aDevice,
  [`GET ${organization}/device-tokens`]: list(({ token }) => token.id),
  [`GET ${organization}/device-tokens/:token`]: aToken,
  [`GET ${organization}/applications`]: list(({ site }) => site.id),
  [`GET ${organization}/applications/:application`]: anApplication,
  [`GET ${organization}/api-keys`]: list(({ spareKeyId }) => spareKeyId),
  [`GET ${organization}/audit`]: { query: ({ janeId }) => ({ subject: `user:${janeId}` }) },
  [`GET ${organization}/audit/export`]: { query: ({ deviceId }) => ({ actor: `device:${deviceId}` }) },
  [`GET ${organization}/overview`]: {},
  [`GET ${organization}/activity`]: {},
  [`GET ${organization}/audit/:event`]: { ids: ({ eventId }) => ({ event: eventId }) },
  [`GET ${organization}/sign-ins`]: { query: ({ deviceId }) => ({ device: deviceId }) },
  [`GET ${organization}/sign-ins/:event`]: { ids: ({ eventId }) => ({ event: eventId }) },
  [`GET ${organization}/sessions`]: { query: ({ domain }) => ({ q: `jane@${domain}` }) },
  [`GET ${organization}/events`]: { headers: () => ({ 'last-event-id': `evt_${'0'.repeat(32)}` }) },
  [`GET ${organization}/administrators`]: list(({ spareAdministratorId }) => spareAdministratorId),
  [`GET ${organization}/administrators/:administrator`]: anAdministrator,
  [`GET ${organization}/signing-keys`]: {},
  [`GET ${organization}/roles`]: {},
  [`GET ${organization}/invitations`]: list(({ invitationId }) => invitationId),
  [`GET ${organization}/retention`]: {},
  [`GET ${organization}/webhook`]: {},
  [`GET ${organization}/settings/draft`]: {},
  [`GET ${organization}/settings/diff`]: {},
  [`GET ${organization}/settings/readiness`]: {},
  [`GET ${organization}/settings/active`]: {},
  [`GET ${organization}/settings/versions`]: list(() => '9'),
  [`GET ${organization}/settings/versions/:version`]: aVersion,
  [`POST ${organization}/settings/validate`]: aDocument,
  [`POST ${organization}/settings/plan`]: aDocument,

  [`POST ${organization}/settings/activate`]: { ...theDraft, ...empty },
  [`PUT ${organization}/settings/draft`]: { ...theDraft, ...aDocument },
  [`POST ${organization}/settings/versions/:version/activate`]: { ...aVersion, ...empty },
  [`POST ${organization}/users`]: { body: ({ domain }) => ({ userName: `new@${domain}` }) },
  [`POST ${organization}/groups`]: { body: ({ domain }) => ({ name: `new of ${domain}` }) },
  [`PATCH ${organization}/groups/:id`]: { ...aGroup, body: () => ({ comments: 'changed' }) },
  [`DELETE ${organization}/groups/:id/members/:user`]: aMember,
  [`PUT ${organization}/groups/:id/members/:user`]: aMember,
  [`POST ${organization}/departments`]: { body: ({ domain }) => ({ name: `new of ${domain}` }) },
  [`PATCH ${organization}/departments/:id`]: { ...aDepartment, body: () => ({ comments: 'changed' }) },
  [`PATCH ${organization}/users/:user`]: {
    ...aUser,
    body: ({ group, department }) => ({ groups: [group], department, displayName: 'changed' }),
  },
  [`POST ${organization}/imports`]: {
    headers: () => ({ 'content-type': 'text/csv' }),
    body: ({ domain }) => `userName\nimported@${domain}\n`,
  },
  [`POST ${organization}/imports/:import/apply`]: { ...anImport, ...empty },
  [`POST ${organization}/imports/:import/cancel`]: { ...anImport, ...empty },
  [`DELETE ${organization}/groups/:id`]: aGroup,
  [`DELETE ${organization}/departments/:id`]: aDepartment,
  [`POST ${organization}/users/:user/adopt`]: { ...aUser, ...empty },
  [`POST ${organization}/users/:user/disable`]: { ...aUser, ...empty },
  [`POST ${organization}/users/:user/enable`]: { ...aUser, ...empty },
  [`DELETE ${organization}/users/:user`]: aUser,
  [`POST ${organization}/sessions/:session/end`]: { ids: ({ sessionId }) => ({ session: sessionId }), ...empty },
  [`POST ${organization}/devices/:device/approve`]: { ids: ({ waiting }) => ({ device: waiting[0] }), ...empty },
  [`POST ${organization}/devices/:device/deny`]: { ids: ({ waiting }) => ({ device: waiting[1] }), ...empty },
  [`POST ${organization}/devices/:device/quarantine`]: { ...aDevice, ...empty },
  [`POST ${organization}/devices/:device/release`]: { ...aDevice, ...empty },
  [`POST ${organization}/devices/:device/remove`]: { ...aDevice, body: () => ({ force: true }) },
  [`POST ${organization}/device-tokens`]: {
    body: ({ domain }) => ({ description: 'new', enrollment: 'automatic', domains: [domain] }),
  },
  [`POST ${organization}/device-tokens/:token/rotate`]: { ...aToken, ...empty },
  [`POST ${organization}/device-tokens/:token/revoke`]: { ...aToken, ...empty },
  [`POST ${organization}/applications`]: {
    body: ({ site }) => ({ kind: 'api', name: 'new', identifier: `${site.identifier}/new` }),
  },
  [`PATCH ${organization}/applications/:application`]: { ...anApplication, body: () => ({ enabled: false }) },
  [`DELETE ${organization}/applications/:application`]: anApplication,
  [`PUT ${organization}/retention`]: { body: () => ({ auditDays: 30, signInDetailsDays: 7, removedDays: 30 }) },
  [`PUT ${organization}/webhook`]: { body: ({ domain }) => ({ url: `https://new.${domain}/` }) },
  [`POST ${organization}/webhook/test`]: empty,
  [`DELETE ${organization}/webhook`]: {},
  [`POST ${organization}/api-keys`]: { body: () => ({ description: 'new' }) },
  [`POST ${organization}/api-keys/:key/revoke`]: { ...aKey, ...empty },
  [`PATCH ${organization}/administrators/:administrator`]: { ...anAdministrator, body: () => ({ roleId: 'view' }) },
  [`POST ${organization}/administrators/:administrator/end-sessions`]: { ...anAdministrator, ...empty },
  [`POST ${organization}/administrators/:administrator/reset-second-factor`]: { ...anAdministrator, ...empty },
  [`DELETE ${organization}/administrators/:administrator`]: anAdministrator,
  [`POST ${organization}/signing-keys`]: { body: () => ({ purpose: 'sp-ec' }) },
  [`POST ${organization}/signing-keys/:key/activate`]: { ...aSigningKey, ...empty },
  // It signs.
  [`DELETE ${organization}/signing-keys/:key`]: { ...aSigningKey, answers: 409 },
  [`POST ${organization}/roles`]: { body: () => ({ name: 'new', permissions: {} }) },
  [`PUT ${organization}/roles/:role`]: { ...aRole, body: () => ({ name: 'changed', permissions: {} }) },
  [`DELETE ${organization}/roles/:role`]: aRole,
  [`POST ${organization}/invitations`]: { body: ({ domain }) => ({ userName: `new@${domain}`, roleId: 'view' }) },
  [`DELETE ${organization}/invitations/:invitation`]: anInvitation,
  [`POST ${organization}/domains`]: { body: ({ domain }) => ({ name: `new.${domain}` }) },
  // A claim reserves nothing and says nothing of who else has the domain.
  [`PUT ${organization}/domains/:domain`]: { ...aDomain, mayName: true },
  [`POST ${organization}/domains/:domain/verify`]: { ...aDomain, ...empty },
  [`DELETE ${organization}/domains/:domain`]: aDomain,

  'GET /api/v1/console/session': everybody,
  'POST /api/v1/console/set-up': atTheDoor({ code: 'guessed', userName: 'new@acme.com', displayName: '', password: 'short' }),
  'POST /api/v1/console/sign-in': atTheDoor({ userName: '', password: '' }),
  'POST /api/v1/console/accept-invitation': atTheDoor({ token: '', displayName: '', password: '' }),
  'POST /api/v1/console/sign-in/totp': ownAccount({ body: () => ({ code: '000000' }), answers: 401 }),
  'POST /api/v1/console/sign-in/recovery-code': ownAccount({ body: () => ({ code: 'aaaa' }), answers: 401 }),
  'POST /api/v1/console/sign-in/passkey': ownAccount({ body: () => ({ response: { id: '', response: {} } }), answers: 401 }),
  'POST /api/v1/console/sign-in/passkey/options': ownAccount({ ...empty, answers: 401 }),
  'GET /api/v1/console/passkeys': ownAccount(),
  'DELETE /api/v1/console/passkeys/:passkey': ownAccount({
    ids: ({ stored }) => ({ passkey: stored.passkey.id }),
    answers: 404,
  }),
  'POST /api/v1/console/passkeys/options': ownAccount(empty),
  'POST /api/v1/console/passkeys': ownAccount({
    body: () => ({ name: 'new', response: { id: '', response: {} } }),
    answers: 400,
  }),
  'POST /api/v1/console/totp': ownAccount(empty),
  'POST /api/v1/console/totp/confirm': ownAccount({ body: () => ({ code: '000000' }), answers: 400 }),
  'DELETE /api/v1/console/totp': ownAccount({ answers: 409 }),
  'POST /api/v1/console/recovery-codes': ownAccount(empty),
  'POST /api/v1/console/re-authenticate/passkey/options': ownAccount({ ...empty, answers: 409 }),
  'POST /api/v1/console/re-authenticate': ownAccount({ body: () => ({ password: 'guessed' }), answers: 400 }),
  'GET /api/v1/console/sessions': ownAccount(),
  'DELETE /api/v1/console/sessions/:session': ownAccount({
    ids: ({ stored }) => ({ session: stored.administratorSession.id }),
    answers: 404,
  }),
  'DELETE /api/v1/console/sessions': ownAccount({ answers: 204 }),
  'POST /api/v1/console/password': ownAccount({ body: () => ({ current: 'guessed', new: 'short' }), answers: 400 }),

  'POST /agent/v1/sign-out': fromDevice(() => ({})),
  'POST /agent/v1/unenroll': fromDevice(() => ({})),

  [`POST ${organization}/suspend`]: empty,
  [`POST ${organization}/resume`]: empty,
  [`DELETE ${organization}`]: {},
  // The last: it ends the session that asks.
  'POST /api/v1/console/sign-out': { ...atTheDoor({}, 204) },
};
