import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AboutView } from '@latchkey/contract';
import { type DirectoryLimits, defaultLimits } from '@latchkey/directory';
import { bindings, readXml } from '@latchkey/saml';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { requestCounter } from './admin/count-request.ts';
import { adminRoutes } from './admin/routes.ts';
import { makeResetCode, openSetup, resetSetupCode, spendSetupCode } from './admin/set-up.ts';
import { administrationRoutes } from './administrators/administration-routes.ts';
import { consoleRoutes } from './administrators/console-routes.ts';
import { consoleCookie } from './administrators/cookie.ts';
import { attemptLimit, FAILURES_FORGOTTEN_AFTER } from './administrators/limit-attempts.ts';
import { type PasswordCost, passwordCost, passwords } from './administrators/password.ts';
import { callerOfSession } from './administrators/session.ts';
import { changeApplication, deleteApplication } from './applications/change-application.ts';
import { readServiceProvider, serviceProviderFinder } from './applications/find-service-provider.ts';
import { registerApplication } from './applications/register-application.ts';
import { auditRoutes } from './audit/routes.ts';
import { type BackUpNeeds, backUp, backUpOnce } from './backup/back-up.ts';
import type { About } from './backup/manifest.ts';
import { restore } from './backup/restore.ts';
import { type Config, isLoopback } from './config.ts';
import { deviceTokenRoutes } from './device-tokens/routes.ts';
import { warnOfExpiry } from './device-tokens/warn-of-expiry.ts';
import { changeDevice } from './devices/change-device.ts';
import { createNonces, NONCE_SECONDS } from './devices/create-nonce.ts';
import { deviceKeyring } from './devices/device-keys.ts';
import { createLimiter, createSample, type Limiter, peerOf } from './devices/limits.ts';
import { deviceRoutes } from './devices/routes.ts';
import { type Board, createSharedLimiter, exchangeCounts, type SharedLimiter } from './devices/shared-limiter.ts';
import { setUserState } from './directory/change-user-state.ts';
import { directoryRoutes } from './directory/routes.ts';
import { removeOldImports, runImports } from './directory/run-imports.ts';
import { removeDeletedUserSets } from './directory/user-sets.ts';
import { openReplays } from './gateway/replays.ts';
import { gatewayRoutes } from './gateway/routes.ts';
import { consoleFiles } from './http/console-files.ts';
import { docsPages } from './http/docs-pages.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { createOutbound } from './http/outbound.ts';
import { createHttpServer } from './http/server.ts';
import { certificateEnd } from './http/tls.ts';
import { trustedProxyList } from './http/trusted-proxies.ts';
import { newId } from './ids.ts';
import { type MasterKey, openMasterKey } from './keys/master-key.ts';
import {
  deviceVerifyKey,
  endOfCertificate,
  equalInConstantTime,
  nodeDigest,
  sha256,
  verificationKeyFromCertificate,
} from './keys/node-crypto.ts';
import {
  createOrganizationKeys,
  createSigningKey,
  type OrganizationKeys,
  organizationKeyring,
} from './keys/organization-keys.ts';
import { signingKeyRoutes } from './keys/routes.ts';
import { checkDueDomains } from './organizations/check-domain.ts';
import { removeDueOrganizations } from './organizations/delete-organization.ts';
import { type ResolveTxt, txtResolver } from './organizations/resolve-txt.ts';
import { organizationRoutes } from './organizations/routes.ts';
import { countEvents, forgetOldCounts } from './overview/count-events.ts';
import { sayAtWork } from './overview/read-health.ts';
import { overviewRoutes } from './overview/routes.ts';
import { randomOctets } from './random-octets.ts';
import { randomText } from './random-text.ts';
import { recent } from './recent.ts';
import { applyRetention } from './retention/apply-retention.ts';
import { retentionRoutes } from './retention/routes.ts';
import { scimAdminRoutes } from './scim/admin-routes.ts';
import { bookmarks } from './scim/bookmarks.ts';
import { deleteDueUsers } from './scim/change-user.ts';
import { openExchangeLog } from './scim/exchange-log.ts';
import { scimRoutes } from './scim/routes.ts';
import { type ActiveSettings, loadActiveSettings } from './settings/load-active-settings.ts';
import { readinessRoutes } from './settings/readiness-routes.ts';
import { settingsRoutes } from './settings/routes.ts';
import { DEVICE_IDP, idpEntityId, spAcsUrl, spEntityId } from './sign-in/addresses.ts';
import { createRequestIds } from './sign-in/request-id.ts';
import { signInRoutes } from './sign-in/routes.ts';
import { sessionRoutes } from './sign-in/session-routes.ts';
import { MOVE_BEGUN, MOVE_FACT, moveStorage } from './storage/move.ts';
import { openStorage, type Storage } from './storage/open.ts';
import { adoptDatabase, copyDatabase } from './storage/sqlite/copy-database.ts';
import { isUnavailable } from './storage/storage-error.ts';
import { RELEASED_AT, VERSION } from './version.ts';
import { deliverMessages } from './webhooks/deliver-messages.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/** device-binding §5.12. */
const DEVICES_PER_USER = 16;
/** saml-core §1.3.3 leaves the skew to us. */
const SKEW_SECONDS = 60;
/** Calls of a device that has proven itself, but for sign-ins: keepalives, access tokens. */
const CALLS_PER_DEVICE = 120;
const SAMPLES_PER_MINUTE = 60;
/** API keys: a script may be in a hurry, but not in a loop. */
const REQUESTS_PER_KEY = 1200;
/** How long before its end a device token is watched by a metric. */
const WATCHED_DAYS = 14;
const SWEEP_MILLISECONDS = 60_000;
/** How soon somebody takes an import up. */
const IMPORT_MILLISECONDS = 500;
/** How often nodes tell each other what they have counted: what one has let through, all know after two of these. */
const EXCHANGE_MILLISECONDS = 250;
/** How soon what happened is counted for the overview. */
const COUNT_MILLISECONDS = 5_000;
/** What was used once is kept this much longer than it could be used (device-binding §6). */
const REPLAY_MARGIN = 10 * 60_000;
/** By `npm run build`. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../../console/dist/', import.meta.url));
const DOCS_FOLDER = fileURLToPath(new URL('../../../docs/', import.meta.url));
/** Sessions that are over can be looked up for a day more; the audit keeps that they were. */
const SESSION_MARGIN = 24 * 3_600_000;

export interface AppParts {
  readonly http: FastifyInstance;
  readonly metrics: Metrics;
  readonly settings: ActiveSettings;
  readonly organizationKeys: (organizationId: string) => Promise<OrganizationKeys>;
  /** Does what is due by itself: looks domains up again, removes organizations whose time has come. On as many nodes as there are. */
  readonly doWhatIsDue: () => Promise<void>;
  /** Removes what organizations keep no longer; takes its time if that is much. */
  readonly applyRetention: () => Promise<void>;
  /** Goes on with imports, from wherever they were left. */
  readonly runImports: () => Promise<void>;
  /** Counts for the overview what was audited since the last time. */
  readonly countEvents: () => Promise<void>;
  /** Tells the other nodes what was counted here, and hears from them; for limits that nodes share. */
  readonly exchangeCounts: () => Promise<void>;
}

/** Wires every slice to the storage, the keys and each other: the one place that knows everybody. */
export const composeApp = async (needs: {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly origin: string;
  readonly limits: Pick<Config, 'signInsPerDevice' | 'signInsPerUser' | 'failuresPerAddress'>;
  readonly trustedProxies: readonly string[];
  readonly metricsToken: string | undefined;
  readonly tls?: Config['tls'];
  readonly logger: Logger;
  readonly resolveTxt: ResolveTxt;
  readonly now: () => number;
  /** Milliseconds that never jump. */
  readonly monotonicNow: () => number;
  readonly draining: () => boolean;
  /** Whether limits are counted together with other nodes. */
  readonly sharesLimits?: boolean;
  /** Missing where the database has tools of its own for that. */
  readonly backUp?: () => ReturnType<typeof backUpOnce>;
  /** A minute, of one API key. */
  readonly requestsPerKey?: number;
  /** What hashing a password costs; tests cannot wait for it. */
  readonly passwordCost?: PasswordCost;
  readonly console?: Pick<Config, 'consoleIdleMinutes' | 'consoleSessionHours'>;
  readonly directoryLimits?: DirectoryLimits;
  /** Besides the public Internet. */
  readonly webhookNetworks?: readonly string[];
  /** Where the data is, for operators to read. */
  readonly place?: Pick<AboutView, 'dataFolder' | 'masterKeyFile'>;
  /** Where the console was built; missing: without one. */
  readonly consoleFolder?: string;
}): Promise<AppParts> => {
  const { storage, masterKey, origin, limits, logger, now, tls } = needs;
  const metrics = createMetrics();
  metrics.watchDeviceTokens(() => storage.server.listExpiringDeviceTokens(now(), now() + WATCHED_DAYS * 86_400_000, 1000), now);
  const read = metrics.counting(readXml);
  const settings = loadActiveSettings({ storage, monotonicNow: needs.monotonicNow });
  const keyring = organizationKeyring({
    masterKey,
    port: (id) => storage.organization(id).read,
    monotonicNow: needs.monotonicNow,
  });
  const organizationKeys = keyring.keysOf;
  const nonces = createNonces({ mac: masterKey.mac, now });
  const limit = (perMinute: number) => createLimiter({ limit: perMinute, now });
  const sharedLimiters = new Map<string, SharedLimiter>();
  const limitTogether = (name: string, perMinute: number, tellFrom = Math.ceil(perMinute / 4)): Limiter => {
    if (needs.sharesLimits !== true) return limit(perMinute);
    const limiter = createSharedLimiter({ limit: perMinute, tellFrom, now });
    sharedLimiters.set(name, limiter);
    return limiter;
  };
  const idOf = (prefix: string): string => newId(prefix, now());
  const randomId = (): string => randomOctets(16).toString('base64url');
  const hashToken = (token: string): string => masterKey.mac('device-token', token);

  const shared = { origin, storage, now, newId: idOf, randomText, randomId };
  const directory = { ...shared, limits: needs.directoryLimits ?? defaultLimits };
  const domains = { storage, now, mac: masterKey.mac, resolveTxt: needs.resolveTxt, domainsChanged: settings.forget };
  const agents = {
    ...shared,
    activeSettings: settings.activeSettings,
    organizationKeys,
    deviceKey: deviceKeyring({
      findDeviceOrganization: storage.server.findDeviceOrganization,
      findDevice: (organizationId, id) => storage.organization(organizationId).read.findDevice(id),
      importKey: deviceVerifyKey,
    }),
    failures: limitTogether('failures', limits.failuresPerAddress),
    sample: createSample({
      count: (reason) => metrics.refusals.inc({ reason }),
      log: (details, message) => logger.info(details, message),
      perMinute: SAMPLES_PER_MINUTE,
      now,
    }),
  };
  const outbound = createOutbound({ allowedNetworks: needs.webhookNetworks ?? [] });
  const webhooks = {
    ...shared,
    ...outbound,
    seal: masterKey.encrypt,
    unseal: masterKey.decrypt,
  };
  const metadataNeeds = { read: readXml, importCertificate: verificationKeyFromCertificate, now };

  const http = createHttpServer({
    logger,
    metrics,
    trustedProxies: needs.trustedProxies,
    metricsToken: needs.metricsToken,
    tls,
    isUnavailable,
    ready: async () => {
      if (needs.draining()) throw new Error('This node is stopping.');
      await storage.check();
    },
  });

  await http.register(
    deviceRoutes({
      ...agents,
      cloudName: new URL(origin).host,
      version: VERSION,
      nonces,
      importKey: deviceVerifyKey,
      hashToken,
      equal: equalInConstantTime,
      sha256,
      devicesPerUser: DEVICES_PER_USER,
      deviceCalls: limitTogether('device-calls', CALLS_PER_DEVICE),
      countEnrollment: (outcome, reason) => metrics.enrollments.inc({ outcome, reason }),
    }),
  );

  // What every sign-in asks for and rarely changes; what an administrator changes is followed within 2 s.
  const briefly = { maxAge: 1000, maxEntries: 10_000, monotonicNow: needs.monotonicNow };
  const { findOrganization, findDomain } = storage.server;
  const organizations = recent<Awaited<ReturnType<typeof findOrganization>>>(briefly);
  const owners = recent<Awaited<ReturnType<typeof findDomain>>>(briefly);
  await http.register(
    signInRoutes({
      ...agents,
      storage: {
        server: {
          findOrganization: (id) => organizations(id, () => findOrganization(id)),
          findDomain: (name) => owners(name, () => findDomain(name)),
        },
        organization: storage.organization,
      },
      requestIds: createRequestIds({ mac: masterKey.mac, now }),
      findServiceProvider: serviceProviderFinder({
        ...metadataNeeds,
        ownServiceProvider: async (organizationId) => ({
          applicationId: '',
          entityId: spEntityId(origin, organizationId, DEVICE_IDP),
          assertionConsumerServices: [
            { binding: bindings.paos, location: spAcsUrl(origin, organizationId, DEVICE_IDP), index: 0, isDefault: true },
          ],
          keys: (await organizationKeys(organizationId)).spVerify,
          wantResponseSigned: false,
          enabled: true,
          minEvidence: 'E0',
          foreign: false,
        }),
        findApplication: (organizationId, identifier) =>
          storage.organization(organizationId).read.findApplicationByIdentifier(identifier),
      }),
      readNonce: nonces.read,
      createNonce: nonces.create,
      read,
      digest: nodeDigest,
      mac: masterKey.mac,
      skewSeconds: SKEW_SECONDS,
      deviceSignIns: limitTogether('device-sign-ins', limits.signInsPerDevice),
      userSignIns: limitTogether('user-sign-ins', limits.signInsPerUser),
      peerOf,
      countMessage: (message) => metrics.samlMessages.inc({ message }),
      countSignIn: (outcome, reason) => metrics.signIns.inc({ outcome, reason }),
    }),
  );

  await http.register(
    gatewayRoutes({
      ...agents,
      importKey: deviceVerifyKey,
      nonces,
      replays: openReplays({ storage, randomId, lifetime: NONCE_SECONDS * 1000, now }),
      sha256,
      monotonicNow: needs.monotonicNow,
      audited: limitTogether('gateway-refusals', 1),
      isTrustedProxy: trustedProxyList(needs.trustedProxies),
      countDecision: (outcome, reason) => metrics.gatewayDecisions.inc({ outcome, reason }),
    }),
  );

  const scim = {
    ...directory,
    hashScimToken: (token: string) => masterKey.mac('scim-token', token),
    equal: equalInConstantTime,
    setUserState,
    log: openExchangeLog({
      storage,
      failed: (error) => logger.error({ err: error }, 'entries of the sync log are lost'),
    }),
  };
  await http.register(
    scimRoutes({
      ...scim,
      activeSettings: settings.activeSettings,
      failures: agents.failures,
      peerOf,
      bookmarks: bookmarks(),
      isUnavailable,
      monotonicNow: needs.monotonicNow,
    }),
  );

  const { consoleIdleMinutes = 30, consoleSessionHours = 12 } = needs.console ?? {};
  const hashSetupCode = (code: string): string => masterKey.mac('setup-code', code);
  const hashInvitation = (token: string): string => masterKey.mac('invitation', token);
  const sessions = {
    ...shared,
    sessionLimits: { idle: consoleIdleMinutes * 60_000, absolute: consoleSessionHours * 3_600_000 },
    hashSession: (token: string) => masterKey.mac('console-session', token),
  };
  const cookie = consoleCookie(origin);
  const tlsCertificateEnd = tls === undefined ? undefined : () => certificateEnd(tls);
  const nodeId = randomId();
  await http.register(
    adminRoutes({
      ...shared,
      version: VERSION,
      about: {
        releasedAt: new Date(RELEASED_AT).toISOString(),
        origin,
        dataFolder: needs.place?.dataFolder ?? '',
        masterKeyFile: needs.place?.masterKeyFile ?? '',
        node: process.version,
        startedAt: new Date(now()).toISOString(),
      },
      hashSetupCode,
      cookieName: cookie.name,
      findConsoleSession: async (header, options) => {
        const token = cookie.read(header);
        return token === undefined ? undefined : callerOfSession(sessions, token, options);
      },
      hashApiKey: (key) => masterKey.mac('api-key', key),
      equal: equalInConstantTime,
      checkStorage: () => storage.check(),
      changeDevice: (organizationId, input) =>
        changeDevice({ organization: storage.organization(organizationId), now, randomId }, input),
      registerApplication: (organizationId, input) =>
        registerApplication(
          {
            organization: storage.organization(organizationId),
            readMetadata: (metadata) => ({ entityID: readServiceProvider(metadataNeeds, metadata).entityId }),
            reserved: (identifier) =>
              identifier === idpEntityId(origin, organizationId) || identifier === spEntityId(origin, organizationId, DEVICE_IDP),
            newId: idOf,
            now,
          },
          input,
        ),
      changeApplication: (organizationId, input) =>
        changeApplication({ organization: storage.organization(organizationId) }, input),
      deleteApplication: (organizationId, input) =>
        deleteApplication({ organization: storage.organization(organizationId) }, input),
      backUp: needs.backUp,
      certificateEnd: tlsCertificateEnd,
      // From the first one on: keys are few, and each answer says how many requests are left.
      countRequest: requestCounter(limitTogether('requests', needs.requestsPerKey ?? REQUESTS_PER_KEY, 1)),
      seal: masterKey.encrypt,
      unseal: masterKey.decrypt,
      hashBody: (text) => masterKey.mac('request-body', text),
      routes: [
        organizationRoutes({
          ...shared,
          ...domains,
          createOrganizationKeys: () => createOrganizationKeys({ masterKey, newId: idOf, now }),
        }),
        settingsRoutes({ ...shared, activated: settings.forget }),
        readinessRoutes({ storage, now }),
        directoryRoutes(directory),
        deviceTokenRoutes({ ...shared, hashToken }),
        overviewRoutes({
          ...shared,
          version: VERSION,
          checkStorage: () => storage.check(),
          tlsCertificateEnd,
          certificateEnd: endOfCertificate,
        }),
        auditRoutes({ storage, now, ownServiceProvider: (id) => spEntityId(origin, id, DEVICE_IDP) }),
        sessionRoutes({ storage, activeSettings: settings.activeSettings, now }),
        retentionRoutes(shared),
        scimAdminRoutes(scim),
        webhookRoutes(webhooks),
        signingKeyRoutes({
          storage,
          now,
          changed: keyring.forget,
          createSigningKey: (purpose) => createSigningKey({ masterKey, newId: idOf, now }, purpose),
          addresses: (organizationId) => ({
            idpMetadataUrl: idpEntityId(origin, organizationId),
            spMetadataUrl: spEntityId(origin, organizationId, DEVICE_IDP),
            keySetUrl: `${origin}/oidc/${organizationId}/jwks`,
          }),
        }),
        administrationRoutes({ ...shared, hashInvitation }),
        consoleRoutes({
          hashInvitation,
          ...sessions,
          version: VERSION,
          passwords: passwords(needs.passwordCost ?? passwordCost),
          attempts: attemptLimit({ storage, now }),
          hashName: (name) => masterKey.mac('console-account', name),
          hashRecoveryCode: (code) => masterKey.mac('recovery-code', code),
          peerOf,
          sample: agents.sample,
          spendSetupCode: (store, code) => spendSetupCode({ hashSetupCode, now }, store, code),
          seal: masterKey.encrypt,
          unseal: masterKey.decrypt,
          randomOctets: randomBytes,
        }),
      ],
    }),
  );
  if (needs.consoleFolder !== undefined) await http.register(consoleFiles(needs.consoleFolder));
  await http.register(docsPages(DOCS_FOLDER));

  const doWhatIsDue = async (): Promise<void> => {
    const act = { actor: 'system', remoteAddress: '', correlationId: idOf('cor') };
    await checkDueDomains(domains, act);
    await removeDueOrganizations(shared, act);
    await warnOfExpiry(shared);
    await removeDeletedUserSets(directory);
    await removeOldImports(directory);
    await deleteDueUsers(scim, act);
    await storage.serverTransaction((store) => store.sweepRequests(now()));
    await sayAtWork(storage, nodeId, now());
    await forgetOldCounts(storage, now());
    await deliverMessages(webhooks);
  };
  const board: Board = {
    add: (minute, counts) => storage.serverTransaction((store) => store.addRateCounts(minute, counts)),
    list: storage.server.listRateCounts,
  };
  return {
    http,
    metrics,
    settings,
    organizationKeys,
    doWhatIsDue,
    applyRetention: () =>
      applyRetention(
        { storage, now, stopping: needs.draining },
        { actor: 'system', remoteAddress: '', correlationId: idOf('cor') },
      ),
    runImports: () => runImports(directory, needs.draining),
    countEvents: () => countEvents({ storage, origin, now, draining: needs.draining }),
    exchangeCounts: () => exchangeCounts(sharedLimiters, board, now()),
  };
};

const onPostgres = (config: Config): boolean => !config.databaseUrl.startsWith('sqlite:');

/** The fact that marks the master key of a PostgreSQL database, which nodes on several machines must share. */
const MASTER_KEY_FACT = 'master_key';
const markOf = (masterKey: MasterKey): string => masterKey.mac('master-key', 'latchkey');

/** Opens the database, brought up to date, and the master key it is encrypted with. */
const openData = async (config: Config, now: () => number, onFatal: (error: Error) => void) => {
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  const mayCreate = !existsSync(config.databaseFile);
  if (!onPostgres(config)) {
    const masterKey = openMasterKey(config.masterKeyFile, { mayCreate });
    return { masterKey, storage: await openStorage({ url: config.databaseUrl, now, onFatal }) };
  }
  const storage = await openStorage({ url: config.databaseUrl, connections: config.databaseConnections, now, onFatal });
  try {
    if ((await storage.server.findFact(MOVE_FACT)) === MOVE_BEGUN) {
      throw new Error('A move into this database was begun and has not ended: run it again (npm start -- --move FILE).');
    }
    const known = await storage.server.findFact(MASTER_KEY_FACT);
    const masterKey = openMasterKey(config.masterKeyFile, { mayCreate: known === undefined });
    const mark = await storage.serverTransaction(async (store) => {
      const found = await store.findFact(MASTER_KEY_FACT);
      if (found === undefined) await store.saveFact(MASTER_KEY_FACT, markOf(masterKey));
      return found ?? markOf(masterKey);
    });
    if (!equalInConstantTime(mark, markOf(masterKey))) {
      throw new Error(
        `The master key ${config.masterKeyFile} is not the one of this database. Copy it from the node that was there first: all nodes share one.`,
      );
    }
    return { masterKey, storage };
  } catch (error) {
    await storage.close();
    throw error;
  }
};

/** A code that makes whoever holds the master key an operator of the running server. */
export const resetCode = (config: Config, now: () => number): string => {
  const { mac } = openMasterKey(config.masterKeyFile, { mayCreate: false });
  return makeResetCode({ hashSetupCode: (text) => mac('setup-code', text), now });
};

/** Brings the database up to date, as the next start would, and no more. */
export const migrateData = async (config: Config): Promise<void> => {
  if (!onPostgres(config)) mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  await (await openStorage({ url: config.databaseUrl, now: Date.now })).close();
};

/** Moves the SQLite file `from` to the PostgreSQL database of the configuration. */
export const moveData = async (config: Config, from: string, progress: (table: string, rows: number) => void) => {
  if (!onPostgres(config)) throw new Error('Set LATCHKEY_DATABASE_URL to the empty PostgreSQL database to move to.');
  // The key comes along by hand.
  const masterKey = openMasterKey(config.masterKeyFile, { mayCreate: false });
  return moveStorage({
    from,
    to: config.databaseUrl,
    now: Date.now,
    facts: { [MASTER_KEY_FACT]: markOf(masterKey) },
    unlock: ({ id, privateKey }) => {
      try {
        masterKey.decrypt(`signing-key:${id}`, privateKey);
      } catch (cause) {
        throw new Error(
          `The master key ${config.masterKeyFile} is not the one of ${from}. Put the key that the server ran with on that file in its place.`,
          { cause },
        );
      }
    },
    progress,
  });
};

const backUpNeeds = (config: Config, masterKey: MasterKey, now: () => number): BackUpNeeds => ({
  copyDatabase: (target) => copyDatabase(config.databaseFile, target),
  workFolder: config.dataFolder,
  mac: masterKey.mac,
  version: VERSION,
  randomText,
  now,
});

/** Backs up the data folder, also while a server runs on it. */
export const backUpData = async (config: Config, folder: string): Promise<About> => {
  if (onPostgres(config))
    throw new Error('Back PostgreSQL up with its own tools (pg_dump, or a base backup): docs/guides/postgresql.md.');
  if (!existsSync(config.databaseFile)) throw new Error(`There is no database ${config.databaseFile} to back up.`);
  const masterKey = openMasterKey(config.masterKeyFile, { mayCreate: false });
  return (await backUp(backUpNeeds(config, masterKey, Date.now), folder)).about;
};

/** Fills an empty data folder from a backup. The master key must be in its place. */
export const restoreData = async (config: Config, folder: string): Promise<About> => {
  if (!existsSync(config.masterKeyFile)) {
    throw new Error(
      `Put the master key to ${config.masterKeyFile} (chmod 600) first: it is not in the backup, and without it the backup cannot be opened.`,
    );
  }
  const { mac } = openMasterKey(config.masterKeyFile, { mayCreate: false });
  return restore({ mac, adoptDatabase }, { folder, databaseFile: config.databaseFile });
};

/** A port that is free now; the origin is part of every SAML name, so it must be known before anybody listens. */
const freePort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

export interface RunningApp {
  readonly origin: string;
  /** The one-time code, while nobody has set the server up. */
  readonly setupCode: string | undefined;
  /** Takes no new requests, finishes those in flight, closes the storage. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the data folder (making it at the first start) and listens.
 *
 * @throws Error with a sentence for the operator.
 */
export const startApp = async (needs: {
  readonly config: Config;
  readonly logger: Logger;
  readonly now: () => number;
  /** The storage is gone: nothing can be promised any more. */
  readonly onFatal: (error: Error) => void;
  /** Make a setup code although somebody has set the server up. */
  readonly resetSetup?: boolean;
}): Promise<RunningApp> => {
  const { config, logger, now } = needs;
  if (now() < RELEASED_AT) {
    throw new Error(
      `The clock of this machine says ${new Date(now()).toISOString()}, before this version was made. Set it right first.`,
    );
  }
  const { storage, masterKey } = await openData(config, now, needs.onFatal);
  let draining = false;
  try {
    const port = config.port === 0 ? await freePort(config.host) : config.port;
    const origin = config.origin ?? `${config.tls === undefined ? 'http' : 'https'}://localhost:${port}`;
    if (config.tls === undefined && config.trustedProxies.length === 0 && !isLoopback(config.host)) {
      logger.warn({ host: config.host }, 'plain HTTP to other machines: set the TLS files, or name the proxy that speaks TLS');
    }
    const {
      http,
      metrics,
      doWhatIsDue,
      applyRetention: removeOld,
      runImports: importUsers,
      countEvents: countNewEvents,
      exchangeCounts,
    } = await composeApp({
      storage,
      masterKey,
      origin,
      limits: config,
      trustedProxies: config.trustedProxies,
      metricsToken: config.metricsToken,
      tls: config.tls,
      logger,
      resolveTxt: txtResolver(config.dnsServers),
      now,
      monotonicNow: () => performance.now(),
      draining: () => draining,
      sharesLimits: onPostgres(config),
      ...(onPostgres(config) ? {} : { backUp: () => backUpOnce(backUpNeeds(config, masterKey, now)) }),
      requestsPerKey: config.requestsPerKey,
      console: config,
      webhookNetworks: config.webhookNetworks,
      consoleFolder: CONSOLE_FOLDER,
      directoryLimits: config.directoryLimits,
      place: config,
    });
    const setupCode = await (needs.resetSetup === true ? resetSetupCode : openSetup)({
      storage,
      hashSetupCode: (code) => masterKey.mac('setup-code', code),
      randomText,
    });
    await http.listen({ host: config.host, port });
    logger.info({ origin, dataFolder: config.dataFolder }, 'listening');

    const stop = new AbortController();
    // Some come often: a database that is gone need not be told of four times a second.
    const told = createLimiter({ limit: 1, now });
    const every = async (milliseconds: number, what: string, work: () => Promise<void>): Promise<void> => {
      while (!stop.signal.aborted) {
        await wait(milliseconds, undefined, { signal: stop.signal, ref: false });
        await work().catch((error: unknown) => {
          if (told.take(what) === 0) logger.error({ err: error }, `${what} failed`);
        });
      }
    };
    const sweep = (): Promise<void> =>
      storage.serverTransaction(async (store) => {
        await store.sweepUsedOnce(now() - REPLAY_MARGIN);
        await store.sweepSessions(now() - SESSION_MARGIN);
        await store.sweepAdministratorSessions(now());
        await store.sweepScimExchanges(now());
        await store.sweepSignInFailures(now() - FAILURES_FORGOTTEN_AFTER);
        await store.sweepRateCounts(Math.floor(now() / 60_000) - 1);
      });
    // Aborted: the end.
    const background = Promise.allSettled([
      every(SWEEP_MILLISECONDS, 'the sweep', sweep),
      every(SWEEP_MILLISECONDS, 'what was due', doWhatIsDue),
      every(SWEEP_MILLISECONDS, 'retention', removeOld),
      every(IMPORT_MILLISECONDS, 'an import', importUsers),
      every(COUNT_MILLISECONDS, 'the counting of events', countNewEvents),
      // While the database is gone each node limits by its own count.
      ...(onPostgres(config) ? [every(EXCHANGE_MILLISECONDS, 'the exchange of counts', exchangeCounts)] : []),
    ]);
    return {
      origin,
      setupCode,
      close: async () => {
        draining = true;
        metrics.draining.set(1);
        stop.abort();
        await http.close();
        await background;
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
};
