import type { Device } from '@latchkey/device';
import { newUser, type User } from '@latchkey/directory';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockedOutFilter } from '../settings/readiness-store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const user = (id: string, userName: string, change: Partial<User> = {}): User =>
  newUser({ id, userName, displayName: userName, state: 'active', source: 'api', createdAt: NOW, updatedAt: NOW, ...change });

const device = (id: string, userName: string, change: Partial<Device> = {}): Device => ({
  id,
  jkt: `jkt ${id}`,
  publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  userName,
  userId: undefined,
  state: 'registered',
  stateReason: '',
  evidence: 'E0',
  tokenId: 'tok_1',
  parameters: {},
  joinState: { counter: 0, id: 'j' },
  previousJoinId: '',
  badProofs: 0,
  badProofsSince: 0,
  remoteAddress: '192.0.2.1',
  createdAt: NOW,
  updatedAt: NOW,
  lastSeenAt: NOW,
  ...change,
});

const nobody = { device: [], external: [] };
const byDevice = { device: ['acme.com'], external: ['acme.org'] };

describe.each(engines)('readiness on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const names = async (filter: Partial<LockedOutFilter>) =>
    (await acme().read.searchLockedOut({ live: nobody, drafted: nobody, limit: 50, ...filter })).items.map(
      ({ userName, devices }) => `${userName} ${devices}`,
    );

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage.organization(id).transaction(async (store) => {
        await store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW });
        await store.insertUser(user(`usr_${id}`, 'Jane@acme.com'));
        await store.insertDevice(device(`dev_${id}`, 'Jane@acme.com'));
      });
    }
    await acme().transaction(async (store) => {
      await store.insertUser(user('usr_2', 'john@acme.com'));
      await store.insertDevice(device('dev_2', 'john@acme.com', { state: 'removed' }));
      await store.insertUser(user('usr_3', 'ada@acme.org'));
      await store.insertDevice(device('dev_3', 'ada@acme.org', { lastSeenAt: NOW - 1000, state: 'unregistered' }));
      await store.insertUser(user('usr_4', 'off@acme.org', { state: 'disabled' }));
    });
  });

  test('active users and enrolled devices are counted by domain, of their own organization only', async () => {
    const users = await acme().read.countUsersByDomain(NOW);
    expect(users.isEstimate).toBe(false);
    expect(Object.fromEntries(users.domains)).toEqual({
      'acme.com': { users: 2, withDevice: 1, seen: 1 },
      'acme.org': { users: 1, withDevice: 1, seen: 0 },
    });
    const devices = await acme().read.countDevicesByDomain(NOW);
    expect(Object.fromEntries(devices.domains)).toEqual({
      'acme.com': { devices: 1, notSeen: 0 },
      'acme.org': { devices: 1, notSeen: 1 },
    });
    expect(Object.fromEntries((await storage.organization('org_other').read.countUsersByDomain(NOW)).domains)).toEqual({
      'acme.com': { users: 1, withDevice: 1, seen: 1 },
    });
  });

  test('who has no way in is found by domain and device; newly: who has one now', async () => {
    expect(await names({})).toEqual(['ada@acme.org 1', 'Jane@acme.com 1', 'john@acme.com 0']);
    expect(await names({ drafted: byDevice })).toEqual(['john@acme.com 0']);
    expect(await names({ live: byDevice, newly: true })).toEqual(['ada@acme.org 1', 'Jane@acme.com 1']);
    expect(await names({ domain: 'acme.org' })).toEqual(['ada@acme.org 1']);
    expect(await acme().read.totalLockedOut({ live: nobody, drafted: byDevice })).toEqual({ total: 1, totalIsEstimate: false });
  });

  test('an import that is not decided adds nobody', async () => {
    await acme().transaction(async (store) => {
      await store.insertHiddenUsers('imp_1', [{ user: user('usr_5', 'new@acme.com'), groupIds: [] }]);
    });
    const counted = async () => (await acme().read.countUsersByDomain(NOW)).domains.get('acme.com')?.users;
    expect(await counted()).toBe(3);
    await acme().transaction((store) =>
      store.insertImport({
        id: 'imp_1',
        fileName: 'new.csv',
        existing: 'error',
        state: 'preparing',
        reason: '',
        bytes: 0,
        rows: 1,
        done: 0,
        counts: { add: 1, modify: 0, delete: 0, none: 0, error: 0, skipped: 0 },
        columns: ['userName'],
        newSets: [],
        position: undefined,
        createdAt: NOW,
        createdBy: 'test',
        appliedBy: 'test',
        decidedAt: undefined,
        endedAt: undefined,
        lease: '',
        leaseUntil: NOW,
      }),
    );
    expect(await counted()).toBe(2);
    expect(await names({})).not.toContain('new@acme.com 0');
  });

  test('past 10,000 users it is estimated from one in 256, and says so', async () => {
    const id = (index: number): string => `usr_${index.toString(16).padStart(32, '0')}`;
    for (let from = 0; from < 10_240; from += 1024) {
      const users = Array.from({ length: 1024 }, (_, index) => ({
        user: user(id(from + index), `u${from + index}@acme.com`),
        groupIds: [],
      }));
      await acme().transaction((store) => store.insertHiddenUsers('imp_1', users));
    }
    const { domains, isEstimate } = await acme().read.countUsersByDomain(NOW);
    expect(isEstimate).toBe(true);
    expect(Object.fromEntries(domains)).toEqual({ 'acme.com': { users: 10_240, withDevice: 0, seen: 0 } });
  });
});
