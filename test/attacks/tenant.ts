import { apiKeyScopeSchema } from '@latchkey/contract';
import { canonicalSettings } from '@latchkey/settings';
import type { Import } from '../../apps/server/src/directory/import-store.ts';
import { newId } from '../../apps/server/src/ids.ts';
import { defaultRetention } from '../../apps/server/src/retention/store.ts';
import { createBrowser, joinAsAdministrator } from '../kit/console.ts';
import type { SimulatedDevice } from '../kit/device.ts';
import type { TestServer } from '../kit/server.ts';
import { genuineFor } from './flow.ts';

const must = <T>(found: T | undefined): T => {
  if (found === undefined) throw new TypeError('it was stored just now');
  return found;
};

const scimSettings = must(
  canonicalSettings({
    identityProviders: [
      {
        kind: 'device',
        id: 'device',
        name: '',
        status: 'enabled',
        domains: 'any',
        autoProvisioning: false,
        scim: { enabled: true },
      },
    ],
    defaultIdp: null,
  }).identityProviders[0]?.scim,
);

/** A provisioning source that has brought a user, and a group with it and another group. */
const createProvisioned = async (
  server: TestServer,
  { organizationId, key, domain }: { readonly organizationId: string; readonly key: string; readonly domain: string },
) => {
  const idp = 'people';
  const ask = async (authorization: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const answer = await server.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${authorization}`, 'content-type': 'application/json' },
      ...(payload === undefined ? {} : { payload }),
    });
    if (answer.statusCode >= 400) throw new Error(answer.body);
    return answer.json();
  };
  const api = `/api/v1/organizations/${organizationId}/scim/${idp}`;
  const { token } = await ask(key, 'POST', `${api}/tokens`, { description: 'test' });
  const { id: spareTokenId } = await ask(key, 'POST', `${api}/tokens`, { description: 'spare' });
  const post = async (path: string, body: object): Promise<string> =>
    (await ask(token, 'POST', `/scim/${organizationId}/${idp}/v2${path}`, body)).id;
  const groupSchemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
  const user = await post('/Users', {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    userName: `provisioned@${domain}`,
    emails: [{ value: `provisioned@${domain}` }],
  });
  const nested = await post('/Groups', { schemas: groupSchemas, displayName: `nested of ${domain}` });
  const group = await post('/Groups', {
    schemas: groupSchemas,
    displayName: `provisioned of ${domain}`,
    members: [{ value: user }, { value: nested }],
  });
  const exchangeId: string = (await ask(key, 'GET', `${api}/log`)).items[0].id;
  return { idp, source: 'scim:people', token, spareTokenId, user, group, nested, exchangeId } as const;
};

/**
 * An organization with a row in every table, and every kind of credential there is for it. Nothing of it stands anywhere by accident: its
 * names are found in no answer that is not about it.
 */
export const createTenant = async (server: TestServer, name: string) => {
  const domain = `${name}.example`;
  const organization = await server.createOrganization(domain);
  await organization.grantDomain(`people.${domain}`);
  await organization.activateDeviceIdp({ name: `${name}'s devices` }, [
    {
      kind: 'saml',
      id: 'people',
      name: `${name}'s people`,
      status: 'enabled',
      domains: [`people.${domain}`],
      autoProvisioning: false,
      signInUrl: 'https://people.example/',
      scim: scimSettings,
    },
  ]);
  const key = await organization.createApiKey();
  const scoped = new Map<string, string>();
  for (const scope of apiKeyScopeSchema.options) scoped.set(scope, await organization.createApiKey([scope]));
  const call = async (method: 'GET' | 'PUT', path: string, payload?: object) =>
    server.app.inject({
      method,
      url: `/api/v1/organizations/${organization.id}${path}`,
      headers: { authorization: `Bearer ${key}` },
      ...(payload === undefined ? {} : { payload }),
    });
  const document = (await call('GET', '/settings/active')).json().document;
  await call('PUT', '/settings/draft', document);

  const scim = await createProvisioned(server, { organizationId: organization.id, key, domain });

  const token = await organization.createToken();
  const spareToken = await organization.createToken();
  const approval = await organization.createToken({ enrollment: 'approval' });
  const site = await organization.registerApplication({
    kind: 'gateway',
    identifier: `https://wiki.${domain}`,
    allowBearer: true,
  });
  const api = await organization.registerApplication({ identifier: `https://api.${domain}` });

  const serialOf = (login: string): string => `${name}-${login}`;
  const enroll = async (login: string, tokenText = token.text) => {
    const device = server.createDevice({ parameters: { hostName: `${login}.${domain}`, serial: serialOf(login) } });
    const answer = await device.enroll(tokenText, `${login}@${domain}`);
    if (answer.kind === 'refused') throw new Error(`not enrolled: ${answer.code}`);
    return device;
  };
  const device = await enroll('jane');
  const spareDevice = await enroll('spare');
  const waiting = [await enroll('waits', approval.text), await enroll('hopes', approval.text)] as const;
  const signedIn = await device.signIn();
  if (signedIn.kind !== 'signed_in') throw new Error(`not signed in: ${signedIn.code}`);
  const accessToken = async (tokenType?: 'Bearer'): Promise<string> => {
    const issued = await device.accessToken(site.identifier, undefined, tokenType);
    if (issued.kind !== 'answered') throw new Error(`no access token: ${issued.code}`);
    return issued.access_token;
  };
  const bound = await accessToken();
  const bearer = await accessToken('Bearer');
  // For this device the identity provider has signed a Response that nobody has delivered yet.
  const response = await genuineFor(await enroll('asserted'));

  const userName = `john@${domain}`;
  const user = await organization.createUser(userName);
  const group = newId('grp', server.now());
  const department = newId('dep', server.now());
  const importId = newId('imp', server.now());
  const setOf = (id: string) =>
    ({
      id,
      name: `${name} ${id}`,
      comments: '',
      source: 'api',
      system: false,
      revision: 1,
      createdAt: server.now(),
      updatedAt: server.now(),
    }) as const;
  const imported: Import = {
    id: importId,
    fileName: `${name}.csv`,
    existing: 'error',
    state: 'ready',
    reason: '',
    bytes: 0,
    rows: 1,
    done: 0,
    position: undefined,
    counts: { add: 0, modify: 0, delete: 0, none: 1, error: 0, skipped: 0 },
    columns: ['userName'],
    newSets: [],
    createdAt: server.now(),
    createdBy: 'test',
    appliedBy: '',
    decidedAt: undefined,
    endedAt: undefined,
    lease: '',
    leaseUntil: server.now() + 86_400_000,
  };
  await organization.storage.transaction(async (store) => {
    await store.groups.insert(setOf(group));
    await store.departments.insert(setOf(department));
    await store.joinGroups({ id: user, userNameKey: userName }, [group]);
    await store.insertImport(imported);
    await store.insertLines(importId, [{ line: 2, userNameKey: userName, row: undefined, change: 'none', problems: [] }]);
  });
  const message = {
    id: newId('msg', server.now()),
    organizationId: organization.id,
    type: 'webhook.test',
    body: name,
    attempts: 0,
    nextAt: server.now() + 86_400_000,
    createdAt: server.now(),
  };
  await organization.storage.transaction(async (store) => {
    await store.saveWebhook({ url: `https://hook.${domain}/`, secret: 'sealed', createdAt: server.now(), createdBy: 'test' });
    await store.insertWebhookMessage(message);
    await store.insertRetention({ ...defaultRetention, updatedBy: 'test' });
  });
  const join = (login: string) =>
    joinAsAdministrator(server, { organizationId: organization.id, roleId: 'full', userName: `${login}@${domain}` });
  const administrator = await join('ada');
  const spareAdministrator = await join('bob');
  const asAda = { authorization: `Bearer ${key}` };
  const make = async (path: string, body: object): Promise<string> =>
    (await createBrowser(server).post(`/organizations/${organization.id}${path}`, body, asAda)).body.id;
  const roleId = await make('/roles', { name: `${name}'s role`, permissions: { devices: 'view' } });
  const invitationId = await make('/invitations', { userName: `eve@${domain}`, roleId: 'view' });
  const passkey = {
    id: newId('pky', server.now()),
    administratorId: spareAdministrator.id,
    credentialId: `credential of ${name}`,
    publicKey: '',
    counter: 0,
    transports: [],
    name: 'key',
    createdAt: server.now(),
    lastUsedAt: null,
  };
  await organization.storage.transaction((store) => store.insertPasskey(passkey));

  const { items: keys } = (await call('GET', '/api-keys?limit=200')).json();
  const keyIds: readonly string[] = keys.map((each: { id: string }) => each.id);
  const sessionId = signedIn.session.id;
  const spareKeyId = keyIds.at(-1) ?? '';

  await server.storage.serverTransaction((store) =>
    store.addEventCounts([{ organizationId: organization.id, hour: 500_000, kind: 'sign_in', count: 1 }]),
  );
  const { read } = organization.storage;
  const { items: accepted } = await read.searchAuditEvents({ action: 'sign_in.accepted', order: 'newest', limit: 1 });
  const eventId = must(accepted[0]).id;
  /** Some of its rows, as its own store reads them. */
  const stored = {
    organization: must(await read.readOrganization()),
    apiKey: must(await read.findApiKeyById(spareKeyId)),
    deviceToken: must(await read.findDeviceTokenById(token.id)),
    device: must(await read.findDevice(device.state.deviceId)),
    domain: must(await read.findOwnDomain(domain)),
    session: must(await read.findSession(sessionId)),
    signingKeys: await read.listSigningKeys(),
    user: must(await read.findUser(user)),
    group: must(await read.groups.find(group)),
    department: must(await read.departments.find(department)),
    imported: must(await read.findImport(importId)),
    draft: must(await read.findDraft()),
    version: must(await read.findActiveVersion()),
    administrator: must(await read.findAdministrator(administrator.id)),
    role: must(await read.findRole(roleId)),
    invitation: must((await read.listInvitations({ limit: 1 }))[0]),
    administratorSession: must(await server.findAdministratorSession(administrator.cookie())),
    passkey,
    scimToken: must(await read.findScimTokenById(scim.idp, scim.spareTokenId)),
    exchange: must(await read.findScimExchange(scim.idp, scim.exchangeId)),
  };
  return {
    id: organization.id,
    domain,
    storage: organization.storage,
    document,
    key,
    scoped,
    spareKeyId,
    token,
    spareToken,
    site,
    api,
    user,
    userName,
    group,
    department,
    importId,
    janeId: signedIn.user.id,
    scim,
    device,
    /** One that is not enrolled. */
    newDevice: () => server.createDevice({ parameters: { hostName: `new.${domain}`, serial: `${name}-new` } }),
    /** What another device pretends to be, with the key of this tenant's. */
    disguise: (victim: SimulatedDevice): SimulatedDevice => {
      const impostor = server.createDevice({ key: device.key });
      Object.assign(impostor.state, victim.state);
      return impostor;
    },
    deviceId: device.state.deviceId,
    spareId: spareDevice.state.deviceId,
    waiting: [waiting[0].state.deviceId, waiting[1].state.deviceId] as const,
    sessionId,
    eventId,
    bound,
    bearer,
    response,
    message,
    /** An administrator who is signed in, as the browser says so; and another, of whom nothing is asked. */
    administrator,
    spareAdministratorId: spareAdministrator.id,
    roleId,
    invitationId,
    serial: serialOf('jane'),
    stored,
    draftTag: `"${stored.draft.revision}"`,
    /** What an answer that is about it would have in it. */
    marks: [
      ...[organization.id, domain, user, sessionId, signedIn.user.id, token.id, spareToken.id, approval.id, site.id, api.id],
      ...[device, spareDevice, ...waiting, response.device].map(({ state }) => state.deviceId),
      ...[message.id, `${name}'s devices`, ...keyIds, administrator.id, spareAdministrator.id, roleId, invitationId, passkey.id],
      ...[group, department, importId, eventId, ...stored.signingKeys.map(({ id }) => id)],
      ...[scim.user, scim.group, scim.nested, scim.spareTokenId, scim.exchangeId],
    ],
  };
};

export type Tenant = Awaited<ReturnType<typeof createTenant>>;
