import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKeyScope } from '@latchkey/contract';
import type { Platform } from '@latchkey/device';
import type { UserState } from '@latchkey/directory';
import { canonicalSettings, type DeviceIdp, type IdentityProvider, type SettingsInput } from '@latchkey/settings';
import { pino } from 'pino';
import { makeApiKey } from '../../apps/server/src/admin/api-key.ts';
import { makeResetCode, openSetup } from '../../apps/server/src/admin/set-up.ts';
import { composeApp } from '../../apps/server/src/app.ts';
import type { Application } from '../../apps/server/src/applications/application.ts';
import { changeDevice, type DeviceAct } from '../../apps/server/src/devices/change-device.ts';
import { newId } from '../../apps/server/src/ids.ts';
import { masterKey, openMasterKey } from '../../apps/server/src/keys/master-key.ts';
import { createOrganizationKeys } from '../../apps/server/src/keys/organization-keys.ts';
import type { StoredSigningKey } from '../../apps/server/src/keys/store.ts';
import type { ResolveTxt } from '../../apps/server/src/organizations/resolve-txt.ts';
import { randomText } from '../../apps/server/src/random-text.ts';
import { DEVICE_IDP } from '../../apps/server/src/sign-in/addresses.ts';
import { openStorage } from '../../apps/server/src/storage/open.ts';
import { createDevice, type DeviceOptions, injecting } from './device.ts';
import { makeDeviceToken } from './device-token.ts';

export interface ServerOptions {
  readonly origin?: string;
  readonly signInsPerDevice?: number;
  readonly signInsPerUser?: number;
  readonly failuresPerAddress?: number;
  readonly trustedProxies?: readonly string[];
  readonly resolveTxt?: ResolveTxt;
  readonly requestsPerKey?: number;
  readonly webhookNetworks?: readonly string[];
  /** Where the database is: a new SQLite file unless said. */
  readonly databaseUrl?: string;
  /** A data folder to go on with, at a time: the database and the master key that an older version has left. */
  readonly data?: { readonly folder: string; readonly at: number };
}

const deviceIdp = (change: Partial<DeviceIdp> = {}): DeviceIdp => ({
  kind: 'device',
  id: DEVICE_IDP,
  name: 'Devices',
  status: 'enabled',
  domains: 'any',
  autoProvisioning: true,
  ...change,
});

// Making an RSA key takes longer than a test: one set of keys does for every organization of a test file.
const root = masterKey(randomBytes(32));
let signingKeys: Promise<readonly StoredSigningKey[]> | undefined;

/** A server of real parts on a real database, with a clock that stands still until it is told to move. */
export const createTestServer = async (options: ServerOptions = {}) => {
  const { origin = 'https://id.acme.com' } = options;
  const folder = options.data?.folder ?? mkdtempSync(join(tmpdir(), 'latchkey-server-'));
  const key = options.data === undefined ? root : openMasterKey(join(folder, 'master.key'), { mayCreate: false });
  const clock = { at: options.data?.at ?? Date.UTC(2026, 10, 22, 10) };
  const now = () => clock.at;
  const storage = await openStorage({ url: options.databaseUrl ?? `sqlite:${join(folder, 'latchkey.db')}`, now });
  const { http, metrics, settings, organizationKeys, doWhatIsDue, applyRetention, runImports, countEvents } = await composeApp({
    storage,
    masterKey: key,
    origin,
    limits: {
      signInsPerDevice: options.signInsPerDevice ?? 1_000_000,
      signInsPerUser: options.signInsPerUser ?? 1_000_000,
      failuresPerAddress: options.failuresPerAddress ?? 1_000_000,
    },
    trustedProxies: options.trustedProxies ?? [],
    resolveTxt: options.resolveTxt ?? (async () => 'unknown'),
    requestsPerKey: options.requestsPerKey ?? 1_000_000,
    webhookNetworks: options.webhookNetworks ?? [],
    passwordCost: { logN: 4, r: 8, p: 1 },
    metricsToken: undefined,
    logger: pino({ level: 'silent' }),
    now,
    monotonicNow: now,
    draining: () => false,
  });
  await http.ready();
  const hashToken = (token: string) => root.mac('device-token', token);
  const randomId = () => randomBytes(16).toString('base64url');
  const makeKey = (organizationId: string | null, scopes: readonly ApiKeyScope[] = ['all:write']) =>
    makeApiKey(
      { hashApiKey: (key) => root.mac('api-key', key), randomText, newId: (prefix) => newId(prefix, now()), now },
      { organizationId, description: 'test', expiresInSeconds: 366 * 86_400, scopes },
    );

  /** An organization with a proved domain, keys and an active device IdP for any domain with JIT. */
  const createOrganization = async (domain: string, { activate: activateAtOnce = true } = {}) => {
    const id = newId('org', now());
    signingKeys ??= createOrganizationKeys({ masterKey: root, newId: (prefix) => newId(prefix), now });
    const organization = storage.organization(id);
    const made = await signingKeys;
    await organization.transaction(async (store) => {
      await store.insertOrganization({ id, name: domain, state: 'active', createdAt: now() });
      // The encryption is bound to the key's id, which must be unique: each organization gets its own wrapping of the same key.
      await store.insertSigningKeys(
        made.map((key) => {
          const own = newId('key', now());
          const plain = root.decrypt(`signing-key:${key.id}`, key.privateKey);
          return { ...key, id: own, privateKey: root.encrypt(`signing-key:${own}`, plain) };
        }),
      );
      await store.insertDomain({ id: newId('dom', now()), name: domain, proof: 'granted', createdAt: now() });
    });
    let version = 0;
    const caller = { remoteAddress: '192.0.2.250', correlationId: 'cor_test' };

    const activate = async (input: SettingsInput): Promise<void> => {
      version += 1;
      const document = canonicalSettings(input);
      await organization.transaction((store) =>
        store.insertVersion({ version, document, activatedAt: now(), activatedBy: 'test', comment: '' }),
      );
      settings.forget(id);
    };
    const activateDeviceIdp = (change: Partial<DeviceIdp> = {}, others: readonly IdentityProvider[] = []) =>
      activate({ identityProviders: [deviceIdp(change), ...others], defaultIdp: DEVICE_IDP });
    if (activateAtOnce) await activateDeviceIdp();

    return {
      id,
      domain,
      storage: organization,
      activate,
      activateDeviceIdp,
      grantDomain: async (name: string): Promise<void> => {
        await organization.transaction((store) =>
          store.insertDomain({ id: newId('dom', now()), name, proof: 'granted', createdAt: now() }),
        );
        settings.forget(id);
      },
      createToken: async (
        change: Partial<{
          enrollment: 'automatic' | 'approval';
          domains: readonly string[];
          maxEnrollments: number | null;
          expiresAt: number;
          platforms: readonly Platform[];
          networks: readonly string[];
        }> = {},
      ): Promise<{ id: string; text: string }> => {
        const { token, text } = makeDeviceToken({ organizationId: id, hashToken, now, change });
        await organization.transaction((store) => store.insertDeviceToken(token));
        return { id: token.id, text };
      },
      revokeToken: (tokenId: string) => organization.transaction((store) => store.revokeDeviceToken(tokenId, now())),
      /** The text of a new API key of the organization. */
      createApiKey: async (scopes?: readonly ApiKeyScope[]): Promise<string> => {
        const made = makeKey(id, scopes);
        await organization.transaction((store) => store.insertApiKey(made.key));
        return made.secret;
      },
      createUser: async (userName: string): Promise<string> => {
        const userId = newId('usr', now());
        await organization.transaction((store) =>
          store.insertUser({
            id: userId,
            userName,
            displayName: userName,
            state: 'active',
            source: 'api',
            createdAt: now(),
            updatedAt: now(),
          }),
        );
        return userId;
      },
      changeUser: (userId: string, from: UserState, state: UserState) =>
        organization.transaction((store) => store.changeUserState(userId, from, { state, at: now() })),
      changeDevice: (deviceId: string, act: DeviceAct) =>
        changeDevice({ organization, now, randomId }, { ...caller, deviceId, act, actor: 'api-key:test' }),
      registerApplication: async (application: Partial<Application> & { identifier: string }): Promise<Application> => {
        const made: Application = {
          id: newId('app', now()),
          name: application.identifier,
          kind: 'api',
          metadata: '',
          enabled: true,
          minEvidence: 'E0',
          allowBearer: false,
          createdAt: now(),
          ...application,
        };
        await organization.transaction((store) => store.insertApplication(made));
        return made;
      },
      changeApplication: (appId: string, change: Partial<Pick<Application, 'enabled' | 'minEvidence' | 'allowBearer'>>) =>
        organization.transaction((store) => store.saveApplication(appId, change)),
      /** The audit, oldest first. */
      audit: async () => (await organization.read.searchAuditEvents({ order: 'oldest', limit: 1000 })).items,
    };
  };

  return {
    app: http,
    origin,
    storage,
    metrics,
    doWhatIsDue,
    applyRetention,
    runImports,
    countEvents,
    activeSettings: settings.activeSettings,
    keys: organizationKeys,
    /** How often strangers were refused for this reason: those are counted, not audited. */
    refusals: async (reason: string): Promise<number> =>
      (await metrics.refusals.get()).values.find(({ labels }) => labels.reason === reason)?.value ?? 0,
    clock,
    now,
    /** Moves the clock. */
    wait: (milliseconds: number): void => {
      clock.at += milliseconds;
    },
    createOrganization,
    /** A new one-time setup code, as the server prints it. */
    setupCode: async (): Promise<string> => {
      const code = await openSetup({ storage, hashSetupCode: (text) => key.mac('setup-code', text), randomText });
      if (code === undefined) throw new Error('This server is set up.');
      return code;
    },
    /** The console's session of a cookie, as it is stored. */
    findAdministratorSession: (cookie = '') =>
      storage.server.findAdministratorSession(key.mac('console-session', cookie.split('=')[1] ?? '')),
    /** A code of `npm start -- --reset-admin`. */
    resetCode: (): string => makeResetCode({ hashSetupCode: (text) => key.mac('setup-code', text), now }),
    /** The text of a new API key of an operator. */
    createOperatorKey: async (): Promise<string> => {
      const made = makeKey(null);
      await storage.serverTransaction((store) => store.insertOperatorKey(made.key));
      return made.secret;
    },
    createDevice: (change: Partial<DeviceOptions> = {}) => createDevice({ origin, send: injecting(http), ...change }),
    close: async (): Promise<void> => {
      await http.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
};

export type TestServer = Awaited<ReturnType<typeof createTestServer>>;
