import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SigningKeyPurpose } from '@latchkey/contract';
import { canonicalSettings, type IdentityProvider } from '@latchkey/settings';
import { pino } from 'pino';
import { composeApp } from '../../apps/server/src/app.ts';
import type { Application } from '../../apps/server/src/applications/application.ts';
import { newId } from '../../apps/server/src/ids.ts';
import { masterKey } from '../../apps/server/src/keys/master-key.ts';
import { createOrganizationKeys } from '../../apps/server/src/keys/organization-keys.ts';
import { DEVICE_IDP } from '../../apps/server/src/sign-in/addresses.ts';
import { openStorage } from '../../apps/server/src/storage/open.ts';
import { createDevice, type DeviceOptions, type Send } from '../kit/device.ts';
import { makeDeviceToken } from '../kit/device-token.ts';
import type { Party } from './forge.ts';

/** What came back over the socket. */
export interface Answer {
  /** 0 if the connection was cut off. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly milliseconds: number;
}

/** Whatever an attack may leave behind. */
export interface Traces {
  readonly sessions: number;
  readonly users: number;
  readonly devices: number;
  readonly usedOnce: number;
  readonly audited: number;
  /** Refusals that were counted because nobody had proven anything. */
  readonly counted: number;
  /** What the log calls an error: there must be none. */
  readonly errors: number;
}

const UNLIMITED = 1_000_000;

/**
 * The composed app on a real database behind a real socket, with a clock that stands still. Its keys are known to the test, so that
 * messages can be signed by the identity provider's own key and be wrong only in what they are named after.
 */
export const startTarget = async () => {
  const origin = 'https://id.attacked.example';
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-attacks-'));
  const file = join(folder, 'latchkey.db');
  const clock = { at: Date.UTC(2026, 10, 22, 10) };
  const now = () => clock.at;
  const master = masterKey(randomBytes(32));
  const storage = await openStorage({ url: `sqlite:${file}`, now });
  const errors: string[] = [];
  const { http, metrics, settings, organizationKeys } = await composeApp({
    storage,
    masterKey: master,
    origin,
    limits: { signInsPerDevice: UNLIMITED, signInsPerUser: UNLIMITED, failuresPerAddress: UNLIMITED },
    trustedProxies: [],
    resolveTxt: async () => 'unknown',
    metricsToken: undefined,
    logger: pino({ level: 'error' }, { write: (line: string) => errors.push(line) }),
    now,
    monotonicNow: now,
    draining: () => false,
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  const address = http.server.address();
  if (address === null || typeof address === 'string') throw new TypeError('an address with a port was expected');
  const { port } = address;

  // Beside the server's own connections: what is counted is what is really there.
  const rows = new DatabaseSync(file, { readOnly: true });
  const counts = rows.prepare(
    'select (select count(*) from sessions) sessions, (select count(*) from users) users, (select count(*) from devices) devices, ' +
      '(select count(*) from used_once) usedOnce, (select count(*) from audit_events) audited',
  );
  const countOf = async (metric: { get: () => Promise<{ values: readonly { value: number }[] }> }) =>
    (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);
  const traces = async (): Promise<Traces> => {
    const { sessions, users, devices, usedOnce, audited } = counts.get() ?? {};
    return {
      sessions: Number(sessions),
      users: Number(users),
      devices: Number(devices),
      usedOnce: Number(usedOnce),
      audited: Number(audited),
      counted: await countOf(metrics.refusals),
      errors: errors.length,
    };
  };

  const events = rows.prepare("select outcome, reason from audit_events where correlation_id = ? and outcome = 'refused'");

  const agent = new Agent({ keepAlive: true });
  /** One exchange with these very octets. */
  const exchange = (message: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
  }): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, path, headers = {}, body } = message;
      const started = performance.now();
      const octets = body === undefined ? undefined : Buffer.from(body);
      // A connection that will be cut off is not to be used again.
      const large = path.length + (octets?.length ?? 0) > 16_000;
      const outgoing = request({ agent: large ? false : agent, host: '127.0.0.1', port, method, path, headers }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()])),
            body: text,
            milliseconds: performance.now() - started,
          }),
        );
      });
      // Who sends too much is cut off, and may still be writing when the answer comes.
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
        else resolve({ status: 0, headers: {}, body: '', milliseconds: performance.now() - started });
      });
      if (octets !== undefined && headers['transfer-encoding'] === undefined) outgoing.setHeader('content-length', octets.length);
      outgoing.end(octets);
    });

  const send: Send = async ({ method, url, headers, body }) => {
    if (!url.startsWith(`${origin}/`)) throw new TypeError(`${url} is not at ${origin}`);
    return exchange({ method, path: url.slice(origin.length), headers, ...(body === undefined ? {} : { body }) });
  };

  /** An organization with a proved domain, keys of its own and an active device IdP for any domain, with JIT. */
  const createOrganization = async (domain: string) => {
    const id = newId('org', now());
    const organization = storage.organization(id);
    const keys = await createOrganizationKeys({ masterKey: master, newId: (prefix) => newId(prefix, now()), now });
    let version = 0;
    const activate = async (others: readonly IdentityProvider[] = []): Promise<void> => {
      version += 1;
      const document = canonicalSettings({
        identityProviders: [
          {
            kind: 'device',
            id: DEVICE_IDP,
            name: 'Devices',
            status: 'enabled',
            domains: 'any',
            autoProvisioning: true,
          } as const,
          ...others,
        ],
        defaultIdp: DEVICE_IDP,
      });
      await organization.transaction((store) =>
        store.insertVersion({ version, document, activatedAt: now(), activatedBy: 'test', comment: '' }),
      );
      settings.forget(id);
    };
    const grantDomain = async (name: string): Promise<void> => {
      await organization.transaction((store) =>
        store.insertDomain({ id: newId('dom', now()), name, proof: 'granted', createdAt: now() }),
      );
      settings.forget(id);
    };
    await organization.transaction(async (store) => {
      await store.insertOrganization({ id, name: domain, state: 'active', createdAt: now() });
      await store.insertSigningKeys(keys);
    });
    await grantDomain(domain);
    await activate();

    const createToken = async (
      change: Partial<{ domains: readonly string[]; maxEnrollments: number; expiresAt: number; revokedAt: number }> = {},
    ): Promise<string> => {
      const hashToken = (token: string): string => master.mac('device-token', token);
      const { token, text } = makeDeviceToken({ organizationId: id, hashToken, now, change });
      await organization.transaction((store) => store.insertDeviceToken(token));
      return text;
    };

    return {
      id,
      domain,
      storage: organization,
      keys: await organizationKeys(id),
      activate,
      grantDomain,
      createToken,
      acs: `/saml/${id}/sp/${DEVICE_IDP}/acs`,
      sso: `/saml/${id}/idp/sso`,
      /** The organization's own key, for messages that are rightly signed. */
      party: (purpose: SigningKeyPurpose): Party => {
        const key = keys.find((each) => each.purpose === purpose);
        if (key === undefined) throw new TypeError(`no key ${purpose}`);
        const der = master.decrypt(`signing-key:${key.id}`, key.privateKey);
        return {
          privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
          certificate: key.certificate,
        };
      },
      createUser: async (login: string, displayName = login): Promise<string> => {
        const userId = newId('usr', now());
        const userName = `${login}@${domain}`;
        await organization.transaction((store) =>
          store.insertUser({
            id: userId,
            userName,
            displayName,
            state: 'active',
            source: 'api',
            createdAt: now(),
            updatedAt: now(),
          }),
        );
        return userId;
      },
      registerApplication: (application: Partial<Application> & Pick<Application, 'identifier'>) =>
        organization.transaction((store) =>
          store.insertApplication({
            id: newId('app', now()),
            name: application.identifier,
            kind: 'api',
            metadata: '',
            enabled: true,
            minEvidence: 'E0',
            allowBearer: false,
            createdAt: now(),
            ...application,
          }),
        ),
      /** A device that is enrolled and has not signed in yet. */
      enroll: async (login: string, change: Partial<DeviceOptions> = {}) => {
        const device = createDevice({ origin, send, ...change });
        const answer = await device.enroll(await createToken(), `${login}@${domain}`);
        if (answer.kind === 'refused') throw new Error(`not enrolled: ${answer.code}`);
        return device;
      },
    };
  };

  return {
    origin,
    now,
    wait: (milliseconds: number): void => {
      clock.at += milliseconds;
    },
    errors,
    traces,
    /** The refusal that was audited under an id. */
    eventOf: (correlationId: string) => events.get(correlationId),
    exchange,
    send,
    createOrganization,
    createDevice: (change: Partial<DeviceOptions> = {}) => createDevice({ origin, send, ...change }),
    close: async (): Promise<void> => {
      agent.destroy();
      rows.close();
      await http.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
};

export type Target = Awaited<ReturnType<typeof startTarget>>;
export type TargetOrganization = Awaited<ReturnType<Target['createOrganization']>>;
