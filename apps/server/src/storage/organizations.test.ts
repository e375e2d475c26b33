import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

describe.each(engines)('organizations and domains on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  let made = 0;
  const domain = (name: string, proof: 'granted' | 'none' = 'granted') => ({ id: `dom_${++made}`, name, proof, createdAt: NOW });

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('an organization comes back as it was inserted', async () => {
    const organization = { id: 'org_acme', name: 'org_acme', state: 'active', createdAt: NOW, deleteAt: null };
    expect(await storage.server.findOrganization('org_acme')).toEqual(organization);
    expect(await acme().read.readOrganization()).toEqual(organization);
    expect(await storage.server.findOrganization('org_nobody')).toBeUndefined();
  });

  test('pages are in the order of ids', async () => {
    const first = await storage.server.listOrganizations({ limit: 1 });
    expect(first.map(({ id }) => id)).toEqual(['org_acme']);
    expect((await storage.server.listOrganizations({ limit: 9, after: 'org_acme' })).map(({ id }) => id)).toEqual(['org_other']);
  });

  test('changing to the state it is in says false', async () => {
    expect(await acme().transaction((store) => store.setOrganizationState('suspended'))).toBe(true);
    expect(await acme().transaction((store) => store.setOrganizationState('suspended'))).toBe(false);
    expect((await storage.server.findOrganization('org_acme'))?.state).toBe('suspended');
    expect((await storage.server.findOrganization('org_other'))?.state).toBe('active');
  });

  test('a proved domain has one organization on the server', async () => {
    expect(await acme().transaction((store) => store.insertDomain(domain('acme.com')))).toBe(true);
    expect(await other().transaction((store) => store.insertDomain(domain('acme.com')))).toBe(false);
    expect(await storage.server.findDomain('acme.com')).toEqual({
      organizationId: 'org_acme',
      name: 'acme.com',
      proof: 'granted',
    });
  });

  test('a claim reserves nothing, is not proved and stands beside another claim', async () => {
    expect(await acme().transaction((store) => store.insertDomain(domain('claim.com', 'none')))).toBe(true);
    expect(await other().transaction((store) => store.insertDomain(domain('claim.com', 'none')))).toBe(true);
    expect(await storage.server.findDomain('claim.com')).toBeUndefined();
    expect(await acme().read.listProvedDomains()).toEqual([]);
    expect(await acme().read.findOwnDomain('claim.com')).toMatchObject({ proof: 'none' });
  });

  test('an organization has a name once', async () => {
    expect(await acme().transaction((store) => store.insertDomain(domain('acme.com', 'none')))).toBe(true);
    expect(await acme().transaction((store) => store.insertDomain(domain('acme.com')))).toBe(false);
  });

  test('domains are listed by name, each organization its own; a removed one is free again', async () => {
    await acme().transaction(async (store) => {
      await store.insertDomain(domain('b.com'));
      await store.insertDomain(domain('a.com'));
    });
    expect((await acme().read.listDomains()).map(({ name }) => name)).toEqual(['a.com', 'b.com']);
    expect(await acme().read.listProvedDomains()).toEqual(['a.com', 'b.com']);
    expect(await other().read.listDomains()).toEqual([]);
    expect(await other().transaction((store) => store.removeDomain('a.com'))).toBe(false);
    expect(await acme().transaction((store) => store.removeDomain('a.com'))).toBe(true);
    expect(await other().transaction((store) => store.insertDomain(domain('a.com')))).toBe(true);
  });

  test('what is known of a check is kept; what is not said stays', async () => {
    await acme().transaction((store) => store.insertDomain({ ...domain('acme.com', 'none'), contestedAt: NOW }));
    expect(await acme().transaction((store) => store.changeDomain('acme.com', { checkedAt: NOW, failingSince: NOW + 1 }))).toBe(
      true,
    );
    expect(await acme().transaction((store) => store.changeDomain('acme.com', { contestedAt: null }))).toBe(true);
    expect(await acme().read.findOwnDomain('acme.com')).toMatchObject({
      checkedAt: NOW,
      failingSince: NOW + 1,
      contestedAt: null,
      nextCheckAt: null,
    });
    expect(await other().transaction((store) => store.changeDomain('acme.com', { checkedAt: NOW }))).toBe(false);
  });

  test('a domain that is lost is not proved any more, and free for others', async () => {
    await acme().transaction((store) => store.insertDomain(domain('acme.com')));
    await acme().transaction((store) => store.changeDomain('acme.com', { proof: 'none' }));
    expect(await storage.server.findDomain('acme.com')).toBeUndefined();
    expect(await acme().read.listProvedDomains()).toEqual([]);
    expect(await other().transaction((store) => store.insertDomain(domain('acme.com')))).toBe(true);
  });

  test('of all that take a check up at once, one does', async () => {
    await acme().transaction((store) => store.insertDomain({ ...domain('acme.com'), nextCheckAt: NOW }));
    await acme().transaction((store) => store.insertDomain({ ...domain('later.com'), nextCheckAt: NOW + 1 }));
    await acme().transaction((store) => store.insertDomain(domain('never.com')));
    expect(await storage.server.listDueDomains(NOW, 10)).toEqual([
      { organizationId: 'org_acme', name: 'acme.com', nextCheckAt: NOW },
    ]);
    const taken = await Promise.all(
      Array.from({ length: 10 }, () => acme().transaction((store) => store.claimDomainCheck('acme.com', NOW, NOW + 100))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await storage.server.listDueDomains(NOW, 10)).toEqual([]);
  });

  test('an organization is removed with all that it owns, part by part, and nothing of another one', async () => {
    for (const { transaction } of [acme(), other()]) {
      await transaction(async (store) => {
        for (const name of ['a', 'b', 'c']) {
          await store.insertDomain(domain(`${name}${++made}.com`));
          await store.useOnce('nonce', name, NOW);
        }
        await store.saveEditor({ actor: 'api-key:1', seenAt: NOW });
      });
    }
    expect(await acme().transaction((store) => store.setDeletion(null, NOW))).toBe(true);
    expect(await acme().transaction((store) => store.setDeletion(null, NOW + 1))).toBe(false);
    expect((await storage.server.listDueDeletions(NOW)).map(({ id }) => id)).toEqual(['org_acme']);
    expect(await storage.server.listDueDeletions(NOW - 1)).toEqual([]);
    let parts = 0;
    while (await acme().transaction((store) => store.removeSomeRows(2))) parts += 1;
    expect(parts).toBe(5);
    expect(await acme().transaction((store) => store.removeOrganization())).toBe(true);
    expect(await storage.server.findOrganization('org_acme')).toBeUndefined();
    expect(await other().read.listDomains()).toHaveLength(3);
    expect(await other().read.listEditors(NOW)).toHaveLength(1);
  });
});
