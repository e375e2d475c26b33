import type { DeviceToken } from '@latchkey/device';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;
const DAY = 86_400_000;

const token = (change: Partial<DeviceToken> = {}): DeviceToken => ({
  id: 'tok_1',
  organizationId: 'org_acme',
  description: 'Fleet – Zürich',
  lookup: 'lookup0001',
  hash: 'hash',
  hint: 'abcd',
  domains: ['acme.com', 'b.com'],
  enrollment: 'approval',
  maxEnrollments: null,
  enrollments: 0,
  createdAt: NOW,
  createdBy: 'api-key:1',
  expiresAt: NOW + DAY,
  revokedAt: null,
  lastUsedAt: null,
  platforms: ['linux', 'windows'],
  networks: ['192.0.2.0/24', '2001:db8::/32'],
  rotatedTo: null,
  ...change,
});

describe.each(engines)('device tokens on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const insert = (change: Partial<DeviceToken> = {}) => acme().transaction((store) => store.insertDeviceToken(token(change)));
  const count = (at: number) => acme().transaction((store) => store.countEnrollment('tok_1', at));

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('a token comes back as it was inserted, by id and by its public part', async () => {
    await insert();
    expect(await acme().read.findDeviceToken('lookup0001')).toEqual(token());
    expect(await acme().read.findDeviceTokenById('tok_1')).toEqual(token());
    expect(await storage.server.findDeviceTokenOrganization('lookup0001')).toBe('org_acme');
    expect(await storage.server.findDeviceTokenOrganization('lookup0002')).toBeUndefined();
  });

  test('another organization neither sees, counts nor revokes it', async () => {
    await insert();
    expect(await other().read.findDeviceToken('lookup0001')).toBeUndefined();
    expect(await other().read.findDeviceTokenById('tok_1')).toBeUndefined();
    expect(await other().read.listDeviceTokens({ limit: 9 })).toEqual([]);
    expect(await other().transaction((store) => store.countEnrollment('tok_1', NOW))).toBe(false);
    expect(await other().transaction((store) => store.revokeDeviceToken('tok_1', NOW))).toBe(false);
    expect(await acme().read.findDeviceTokenById('tok_1')).toEqual(token());
  });

  test('the public part is unique on the server', async () => {
    await insert();
    await expect(
      other().transaction((store) => store.insertDeviceToken(token({ id: 'tok_2', organizationId: 'org_other' }))),
    ).rejects.toThrow();
  });

  test('counting an enrollment keeps when it was', async () => {
    await insert();
    expect(await count(NOW + 5)).toBe(true);
    expect(await acme().read.findDeviceTokenById('tok_1')).toMatchObject({ enrollments: 1, lastUsedAt: NOW + 5 });
  });

  test.each<readonly [string, Partial<DeviceToken>, number]>([
    ['is revoked', { revokedAt: NOW }, NOW],
    ['has expired', { expiresAt: NOW }, NOW],
    ['is spent', { maxEnrollments: 3, enrollments: 3 }, NOW],
  ])('no enrollment is counted for a token that %s', async (_, change, at) => {
    await insert(change);
    expect(await count(at)).toBe(false);
    expect((await acme().read.findDeviceTokenById('tok_1'))?.lastUsedAt).toBeNull();
  });

  test('many enrollments at once never pass the maximum', async () => {
    await insert({ maxEnrollments: 5 });
    const counted = await Promise.all(Array.from({ length: 40 }, () => count(NOW)));
    expect(counted.filter(Boolean)).toHaveLength(5);
    expect((await acme().read.findDeviceTokenById('tok_1'))?.enrollments).toBe(5);
  });

  test('live are those neither revoked nor expired', async () => {
    await insert();
    await insert({ id: 'tok_2', lookup: 'lookup0002', expiresAt: NOW });
    await insert({ id: 'tok_3', lookup: 'lookup0003' });
    expect(await acme().read.countLiveDeviceTokens(NOW)).toBe(2);
    expect(await acme().transaction((store) => store.revokeDeviceToken('tok_3', NOW))).toBe(true);
    expect(await acme().transaction((store) => store.revokeDeviceToken('tok_3', NOW + 1))).toBe(false);
    expect(await acme().read.countLiveDeviceTokens(NOW)).toBe(1);
    expect((await acme().read.findDeviceTokenById('tok_3'))?.revokedAt).toBe(NOW);
  });

  test('pages are in the order of ids', async () => {
    for (const n of [1, 2, 3]) await insert({ id: `tok_${n}`, lookup: `lookup000${n}` });
    expect((await acme().read.listDeviceTokens({ limit: 2 })).map(({ id }) => id)).toEqual(['tok_1', 'tok_2']);
    expect((await acme().read.listDeviceTokens({ limit: 2, after: 'tok_2' })).map(({ id }) => id)).toEqual(['tok_3']);
  });

  test('is rotated once, and then ends when it is told to', async () => {
    await insert();
    const rotate = () => acme().transaction((store) => store.rotateDeviceToken('tok_1', { to: 'tok_2', expiresAt: NOW + 5 }));
    expect(await other().transaction((store) => store.rotateDeviceToken('tok_1', { to: 'tok_3', expiresAt: NOW }))).toBe(false);
    expect((await Promise.all([rotate(), rotate()])).filter(Boolean)).toHaveLength(1);
    expect(await acme().read.findDeviceTokenById('tok_1')).toMatchObject({ rotatedTo: 'tok_2', expiresAt: NOW + 5 });
    expect(await count(NOW + 5)).toBe(false);
  });

  test('is listed for all organizations when it expires soon, and warned of once for each of the days', async () => {
    await insert();
    await insert({ id: 'tok_2', lookup: 'lookup0002', revokedAt: NOW });
    await insert({ id: 'tok_3', lookup: 'lookup0003', rotatedTo: 'tok_1' });
    await insert({ id: 'tok_4', lookup: 'lookup0004', expiresAt: NOW });
    const expiring = () => storage.server.listExpiringDeviceTokens(NOW, NOW + DAY, 10);
    expect(await expiring()).toEqual([{ ...token(), warnedDays: null }]);
    expect(await storage.server.listExpiringDeviceTokens(NOW, NOW + DAY - 1, 10)).toEqual([]);
    const warn = (days: number) => acme().transaction((store) => store.markExpiryWarned('tok_1', days));
    expect((await Promise.all([warn(7), warn(7)])).filter(Boolean)).toHaveLength(1);
    expect([await warn(14), await warn(7), await warn(1)]).toEqual([false, false, true]);
    expect(await expiring()).toMatchObject([{ warnedDays: 1 }]);
  });
});
