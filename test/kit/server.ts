import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDeviceToken, LOOKUP_LENGTH, SECRET_LENGTH } from '@latchkey/device';
import type { UserState } from '@latchkey/directory';
import { bindings, readXml } from '@latchkey/saml';
import type { DeviceIdp, IdentityProvider, SettingsDocument } from '@latchkey/settings';
import { pino } from 'pino';
import type { Application } from '../../apps/server/src/applications/application.ts';
import { serviceProviderFinder } from '../../apps/server/src/applications/find-service-provider.ts';
import { changeDevice, type DeviceAct } from '../../apps/server/src/devices/change-device.ts';
import { createNonces } from '../../apps/server/src/devices/create-nonce.ts';
import { deviceKeyring } from '../../apps/server/src/devices/device-keys.ts';
import { createLimiter, createSample, peerOf } from '../../apps/server/src/devices/limits.ts';
import { deviceRoutes } from '../../apps/server/src/devices/routes.ts';
import { createMetrics } from '../../apps/server/src/http/metrics.ts';
import { createHttpServer } from '../../apps/server/src/http/server.ts';
import { newId } from '../../apps/server/src/ids.ts';
import { masterKey } from '../../apps/server/src/keys/master-key.ts';
import {
  deviceVerifyKey,
  equalInConstantTime,
  nodeDigest,
  sha256,
  verificationKeyFromCertificate,
} from '../../apps/server/src/keys/node-crypto.ts';
import { createOrganizationKeys, organizationKeyring } from '../../apps/server/src/keys/organization-keys.ts';
import type { StoredSigningKey } from '../../apps/server/src/keys/store.ts';
import { randomText } from '../../apps/server/src/random-text.ts';
import { loadActiveSettings } from '../../apps/server/src/settings/load-active-settings.ts';
import { DEVICE_IDP, spAcsUrl, spEntityId } from '../../apps/server/src/sign-in/addresses.ts';
import { createRequestIds } from '../../apps/server/src/sign-in/request-id.ts';
import { signInRoutes } from '../../apps/server/src/sign-in/routes.ts';
import { openStorage } from '../../apps/server/src/storage/open.ts';
import { createDevice, type DeviceOptions, injecting } from './device.ts';

export interface ServerOptions {
  readonly origin?: string;
  readonly signInsPerDevice?: number;
  readonly signInsPerUser?: number;
  readonly failuresPerAddress?: number;
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
let organizationKeys: Promise<readonly StoredSigningKey[]> | undefined;

/** A server of real parts on a real database, with a clock that stands still until it is told to move. */
export const createTestServer = async (options: ServerOptions = {}) => {
  const { origin = 'https://id.acme.com' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-server-'));
  const clock = { at: Date.UTC(2026, 10, 22, 10) };
  const now = () => clock.at;
  const storage = await openStorage({ url: `sqlite:${join(folder, 'latchkey.db')}`, now });
  const metrics = createMetrics();
  const logger = pino({ level: 'silent' });
  const settings = loadActiveSettings({ storage, monotonicNow: now });
  const keys = organizationKeyring({ masterKey: root, port: (id) => storage.organization(id).read });
  const nonces = createNonces({ mac: root.mac, now });
  const limit = (perMinute: number) => createLimiter({ limit: perMinute, now });
  const failures = limit(options.failuresPerAddress ?? 1_000_000);
  const read = metrics.counting(readXml);
  const hashToken = (token: string) => root.mac('device-token', token);
  const randomId = () => randomBytes(16).toString('base64url');
  const sampled: { code: string; details: Readonly<Record<string, unknown>> }[] = [];
  const sample = createSample({
    count: (reason) => metrics.refusals.inc({ reason }),
    log: (details) => sampled.push({ code: String(details.code), details }),
    perMinute: 1_000_000,
    now,
  });

  const shared = {
    origin,
    storage,
    activeSettings: settings.activeSettings,
    organizationKeys: keys,
    deviceKey: deviceKeyring({
      findDeviceOrganization: storage.server.findDeviceOrganization,
      findDevice: (organizationId, id) => storage.organization(organizationId).read.findDevice(id),
      importKey: deviceVerifyKey,
    }),
    newId: (prefix: string) => newId(prefix, now()),
    randomId,
    now,
    failures,
    sample,
  };
  const findServiceProvider = serviceProviderFinder({
    read: readXml,
    importCertificate: verificationKeyFromCertificate,
    now,
    ownServiceProvider: async (organizationId) => ({
      applicationId: '',
      entityId: spEntityId(origin, organizationId, DEVICE_IDP),
      assertionConsumerServices: [
        { binding: bindings.paos, location: spAcsUrl(origin, organizationId, DEVICE_IDP), index: 0, isDefault: true },
      ],
      keys: [(await keys(organizationId)).spVerify],
      wantResponseSigned: false,
      enabled: true,
      minEvidence: 'E0',
      foreign: false,
    }),
    findApplication: (organizationId, identifier) =>
      storage.organization(organizationId).read.findApplicationByIdentifier(identifier),
  });

  const app = createHttpServer({ logger, metrics, trustedProxies: [], metricsToken: undefined, ready: () => storage.check() });
  await app.register(
    deviceRoutes({
      ...shared,
      cloudName: new URL(origin).host,
      version: '0.1.0',
      nonces,
      importKey: deviceVerifyKey,
      hashToken,
      equal: equalInConstantTime,
      sha256,
      devicesPerUser: 16,
      deviceCalls: limit(1_000_000),
      countEnrollment: (outcome, reason) => metrics.enrollments.inc({ outcome, reason }),
    }),
  );
  await app.register(
    signInRoutes({
      ...shared,
      requestIds: createRequestIds({ mac: root.mac, now }),
      findServiceProvider,
      readNonce: nonces.read,
      createNonce: nonces.create,
      read,
      digest: nodeDigest,
      mac: root.mac,
      skewSeconds: 60,
      deviceSignIns: limit(options.signInsPerDevice ?? 1_000_000),
      userSignIns: limit(options.signInsPerUser ?? 1_000_000),
      peerOf,
      countMessage: (message) => metrics.samlMessages.inc({ message }),
      countSignIn: (outcome, reason) => metrics.signIns.inc({ outcome, reason }),
    }),
  );
  await app.ready();

  /** An organization with a proved domain, keys and an active device IdP for any domain with JIT. */
  const createOrganization = async (domain: string) => {
    const id = newId('org', now());
    organizationKeys ??= createOrganizationKeys({ masterKey: root, newId: (prefix) => newId(prefix), now });
    const organization = storage.organization(id);
    const context = await organizationKeys;
    await organization.transaction(async (store) => {
      await store.insertOrganization({ id, name: domain, state: 'active', createdAt: now() });
      // The encryption is bound to the key's id, which must be unique: each organization gets its own wrapping of the same key.
      await store.insertSigningKeys(
        context.map((key) => {
          const own = newId('key', now());
          const plain = root.decrypt(`signing-key:${key.id}`, key.privateKey);
          return { ...key, id: own, privateKey: root.encrypt(`signing-key:${own}`, plain) };
        }),
      );
      await store.insertDomain({ id: newId('dom', now()), name: domain, proof: 'granted', createdAt: now() });
    });
    let version = 0;
    const caller = { remoteAddress: '192.0.2.250', correlationId: 'cor_test' };

    const activate = async (document: SettingsDocument): Promise<void> => {
      version += 1;
      await organization.transaction((store) =>
        store.insertVersion({ version, document, activatedAt: now(), activatedBy: 'test', comment: '' }),
      );
      settings.forget(id);
    };
    const activateDeviceIdp = (change: Partial<DeviceIdp> = {}, others: readonly IdentityProvider[] = []) =>
      activate({ identityProviders: [deviceIdp(change), ...others], defaultIdp: DEVICE_IDP });
    await activateDeviceIdp();

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
        }> = {},
      ): Promise<{ id: string; text: string }> => {
        const lookup = randomText(LOOKUP_LENGTH);
        const text = formatDeviceToken({ lookup, secret: randomText(SECRET_LENGTH) });
        const tokenId = newId('tok', now());
        await organization.transaction((store) =>
          store.insertDeviceToken({
            id: tokenId,
            organizationId: id,
            description: 'test',
            lookup,
            hash: hashToken(text),
            hint: text.slice(-4),
            domains: [],
            enrollment: 'automatic',
            maxEnrollments: null,
            enrollments: 0,
            createdAt: now(),
            createdBy: 'test',
            expiresAt: now() + 90 * 86_400_000,
            revokedAt: null,
            lastUsedAt: null,
            ...change,
          }),
        );
        return { id: tokenId, text };
      },
      revokeToken: (tokenId: string) => organization.transaction((store) => store.revokeDeviceToken(tokenId, now())),
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
          createdAt: now(),
          ...application,
        };
        await organization.transaction((store) => store.insertApplication(made));
        return made;
      },
      changeApplication: (appId: string, change: Partial<Pick<Application, 'enabled' | 'minEvidence'>>) =>
        organization.transaction((store) => store.saveApplication(appId, change)),
      /** The audit, oldest first. */
      audit: () => organization.read.listAuditEvents({ order: 'oldest', limit: 1000 }),
    };
  };

  return {
    app,
    origin,
    storage,
    metrics,
    sampled,
    keys,
    clock,
    now,
    /** Moves the clock. */
    wait: (milliseconds: number): void => {
      clock.at += milliseconds;
    },
    createOrganization,
    createDevice: (change: Partial<DeviceOptions> = {}) => createDevice({ origin, send: injecting(app), ...change }),
    close: async (): Promise<void> => {
      await app.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
};

export type TestServer = Awaited<ReturnType<typeof createTestServer>>;
