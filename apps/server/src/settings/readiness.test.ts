import type { LockedOutUserView, ReadinessView } from '@latchkey/contract';
import type { SettingsInput } from '@latchkey/settings';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';

let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let key: string;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  count += 1;
  acme = await server.createOrganization(`ready${count}.example`);
  key = await acme.createApiKey();
});

const call = async <Body>(method: 'GET' | 'PUT', path: string, payload?: object): Promise<Body> => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${acme.id}${path}`,
    headers: { authorization: `Bearer ${key}` },
    ...(payload === undefined ? {} : { payload }),
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json() as Body; // as the contract has it
};
const draft = (settings: SettingsInput) => call('PUT', '/settings/draft', settings);
const readiness = () => call<ReadinessView>('GET', '/settings/readiness');
const lockedOut = async (query = '') => (await call<{ items: LockedOutUserView[] }>('GET', `/users/locked-out${query}`)).items;
const device = (domains: 'any' | string[], status: 'enabled' | 'disabled' = 'enabled') =>
  ({ kind: 'device', id: 'device', name: 'D', status, domains, autoProvisioning: true }) as const;
const okta = (domains: string[]) =>
  ({
    kind: 'saml',
    id: 'okta',
    name: 'Okta',
    status: 'enabled',
    domains,
    autoProvisioning: false,
    signInUrl: 'https://okta.example/',
  }) as const;
const enroll = async (login: string, { signsIn = false } = {}) => {
  const machine = server.createDevice();
  await machine.enroll((await acme.createToken()).text, `${login}@${acme.domain}`);
  if (signsIn) await machine.signIn();
};

describe('readiness', () => {
  test('without a change nobody loses a way in; who has no enrolled device has none', async () => {
    await enroll('jane', { signsIn: true });
    await acme.createUser(`john@${acme.domain}`);
    expect(await readiness()).toMatchObject({
      users: 2,
      lockedOut: 1,
      newlyLockedOut: 0,
      isEstimate: false,
      signInsLookedAt: 1,
      domains: [
        {
          domain: acme.domain,
          live: { kind: 'device', idp: 'device' },
          drafted: { kind: 'device', idp: 'device' },
          users: 2,
          withDevice: 1,
          seen: 1,
          devices: 1,
          devicesNotSeen: 0,
          signIns: [{ idp: 'device', count: 1 }],
        },
      ],
    });
    expect(await lockedOut()).toMatchObject([{ userName: `john@${acme.domain}`, devices: 0, newly: false, lastSignIn: null }]);
  });

  test('switching the device IdP off locks out whoever comes in by it', async () => {
    await enroll('jane', { signsIn: true });
    await acme.createUser(`john@${acme.domain}`);
    await draft({ identityProviders: [device('any', 'disabled')], defaultIdp: null });
    expect(await readiness()).toMatchObject({ lockedOut: 2, newlyLockedOut: 1 });
    expect((await readiness()).domains[0]?.drafted).toEqual({ kind: 'none', idp: null, reason: 'idp_disabled' });
    expect((await lockedOut()).map(({ newly }) => newly)).toEqual([true, false]);
    expect(await lockedOut('?newly=true')).toMatchObject([
      { userName: `jane@${acme.domain}`, newly: true, lastSignIn: { at: new Date(server.now()).toISOString(), idp: 'device' } },
    ]);
  });

  test('a domain that goes from another IdP to devices loses who has none; the other way round nobody', async () => {
    await acme.activate({ identityProviders: [okta([acme.domain])], defaultIdp: null });
    await acme.createUser(`john@${acme.domain}`);
    await draft({ identityProviders: [device([acme.domain])], defaultIdp: null });
    expect(await readiness()).toMatchObject({ lockedOut: 1, newlyLockedOut: 1 });
    expect(await lockedOut()).toMatchObject([{ newly: true }]);
    await draft({ identityProviders: [okta([acme.domain])], defaultIdp: null });
    expect(await readiness()).toMatchObject({ lockedOut: 0, newlyLockedOut: 0 });
    expect(await lockedOut()).toEqual([]);
  });

  test('each domain is judged for itself, and the list is of one where that is asked for', async () => {
    const second = `second${count}.example`;
    await acme.grantDomain(second);
    await enroll('jane');
    await acme.createUser(`jane@${acme.domain}`);
    await acme.createUser(`ada@${second}`);
    await draft({ identityProviders: [device([acme.domain])], defaultIdp: null });
    const { domains } = await readiness();
    expect(domains.map(({ domain, drafted, lockedOut: out }) => [domain, drafted.kind, out])).toEqual([
      [acme.domain, 'device', 0],
      [second, 'none', 1],
    ]);
    expect((await lockedOut(`?domain=${acme.domain}`)).length).toBe(0);
    expect((await lockedOut(`?domain=${second.toUpperCase()}`)).length).toBe(1);
  });

  test('a device that was not seen for 30 days is told of; one that waits, or is removed, lets nobody in', async () => {
    await enroll('jane', { signsIn: true });
    await enroll('john', { signsIn: true });
    const john = (await acme.storage.read.searchDevices({ q: 'john', limit: 1 })).items[0];
    await acme.changeDevice(john?.id ?? '', 'remove_now');
    server.wait(30 * 86_400_000 + 1);
    key = await acme.createApiKey();
    expect((await readiness()).domains).toMatchObject([
      { users: 2, withDevice: 1, seen: 0, devices: 1, devicesNotSeen: 1, lockedOut: 1 },
    ]);
  });

  test('users who are disabled are nobody who could be locked out', async () => {
    const id = await acme.createUser(`john@${acme.domain}`);
    await acme.changeUser(id, 'active', 'disabled');
    expect(await readiness()).toMatchObject({ users: 0, lockedOut: 0 });
    expect(await lockedOut()).toEqual([]);
  });
});
