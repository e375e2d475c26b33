import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiKey } from '../admin/store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const key = (organizationId: string | null, change: Partial<ApiKey> = {}): ApiKey => ({
  id: 'key_1',
  organizationId,
  description: 'First',
  lookup: 'lookup0001',
  hash: 'hash',
  hint: 'abcd',
  createdAt: NOW,
  expiresAt: NOW + 1,
  revokedAt: null,
  lastUsedAt: null,
  scopes: ['audit:read', 'devices:write'],
  ...change,
});

describe.each(engines)('API keys on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
    await acme().transaction((store) => store.insertApiKey(key('org_acme')));
    await storage.serverTransaction((store) => store.insertOperatorKey(key(null, { id: 'key_2', lookup: 'lookup0002' })));
  });

  test('every holder’s key is found by its public part', async () => {
    expect(await storage.server.findApiKey('lookup0001')).toEqual(key('org_acme'));
    expect(await storage.server.findApiKey('lookup0002')).toEqual(key(null, { id: 'key_2', lookup: 'lookup0002' }));
    expect(await storage.server.findApiKey('lookup0003')).toBeUndefined();
  });

  test('operators and organizations see and revoke their own only', async () => {
    expect((await acme().read.listApiKeys({ limit: 9 })).map(({ id }) => id)).toEqual(['key_1']);
    expect(await other().read.listApiKeys({ limit: 9 })).toEqual([]);
    expect((await storage.server.listOperatorKeys({ limit: 9 })).map(({ id }) => id)).toEqual(['key_2']);
    expect(await other().read.findApiKeyById('key_1')).toBeUndefined();
    expect(await acme().read.findApiKeyById('key_2')).toBeUndefined();
    expect(await storage.server.findOperatorKeyById('key_1')).toBeUndefined();
    expect(await other().transaction((store) => store.revokeApiKey('key_1', NOW))).toBe(false);
    expect(await acme().transaction((store) => store.revokeApiKey('key_2', NOW))).toBe(false);
    expect(await storage.serverTransaction((store) => store.revokeOperatorKey('key_1', NOW))).toBe(false);
  });

  test('a key is revoked once', async () => {
    expect(await acme().transaction((store) => store.revokeApiKey('key_1', NOW))).toBe(true);
    expect(await acme().transaction((store) => store.revokeApiKey('key_1', NOW + 1))).toBe(false);
    expect((await storage.server.findApiKey('lookup0001'))?.revokedAt).toBe(NOW);
    expect(await storage.serverTransaction((store) => store.revokeOperatorKey('key_2', NOW))).toBe(true);
  });

  test('a use is remembered', async () => {
    await storage.serverTransaction((store) => store.touchApiKey('key_1', NOW + 7));
    expect((await acme().read.findApiKeyById('key_1'))?.lastUsedAt).toBe(NOW + 7);
  });
});

describe.each(engines)('server facts on %s', (engine) => {
  let storage: Storage;

  beforeEach(async () => {
    storage = await openTestStorage(engine);
  });

  test('a fact is saved over the one before', async () => {
    expect(await storage.server.findFact('a')).toBeUndefined();
    await storage.serverTransaction((store) => store.saveFact('a', '1'));
    await storage.serverTransaction((store) => store.saveFact('a', '2'));
    expect(await storage.server.findFact('a')).toBe('2');
  });

  test('a fact is taken once, and only with its value', async () => {
    await storage.serverTransaction((store) => store.saveFact('a', '1'));
    expect(await storage.serverTransaction((store) => store.takeFact('a', '2'))).toBe(false);
    const taken = await Promise.all(
      Array.from({ length: 10 }, () => storage.serverTransaction((store) => store.takeFact('a', '1'))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await storage.server.findFact('a')).toBeUndefined();
  });
});
