import { canonicalSettings, emptySettings, type SettingsDocument } from '@latchkey/settings';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const document: SettingsDocument = canonicalSettings({
  identityProviders: [
    { id: 'device', kind: 'device', name: 'Geräte', status: 'enabled', domains: ['acme.com'], autoProvisioning: true },
  ],
  defaultIdp: 'device',
});
const draft = (revision: number, of: SettingsDocument = document) => ({
  document: of,
  revision,
  updatedAt: NOW,
  updatedBy: 'api-key:1',
});
const version = (number: number) => ({ version: number, document, activatedAt: NOW, activatedBy: 'api-key:1', comment: 'Über' });

describe.each(engines)('settings on %s', (engine) => {
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
  });

  test('a draft comes back as it was saved, to its organization only', async () => {
    expect(await acme().read.findDraft()).toBeUndefined();
    expect(await acme().transaction((store) => store.saveDraft(draft(1)))).toBe(true);
    expect(await acme().read.findDraft()).toEqual(draft(1));
    expect(await other().read.findDraft()).toBeUndefined();
  });

  test('a draft is saved only over the revision before its own', async () => {
    const save = (revision: number) => acme().transaction((store) => store.saveDraft(draft(revision, emptySettings)));
    expect(await save(2)).toBe(false);
    expect(await save(1)).toBe(true);
    expect(await save(1)).toBe(false);
    expect(await save(2)).toBe(true);
    expect(await save(2)).toBe(false);
    expect(await save(4)).toBe(false);
  });

  test('of many who save the same revision one wins', async () => {
    await acme().transaction((store) => store.saveDraft(draft(1)));
    const saved = await Promise.all(Array.from({ length: 20 }, () => acme().transaction((store) => store.saveDraft(draft(2)))));
    expect(saved.filter(Boolean)).toHaveLength(1);
  });

  test('the active version is the one with the highest number', async () => {
    expect(await acme().read.findActiveVersion()).toBeUndefined();
    expect(await acme().read.findActiveVersionNumber()).toBeUndefined();
    for (const number of [1, 2, 10]) expect(await acme().transaction((store) => store.insertVersion(version(number)))).toBe(true);
    expect(await acme().read.findActiveVersion()).toEqual(version(10));
    expect(await acme().read.findActiveVersionNumber()).toBe(10);
    expect(await acme().read.findVersion(2)).toEqual(version(2));
    expect(await acme().read.findVersion(3)).toBeUndefined();
    expect(await other().read.findActiveVersion()).toBeUndefined();
    expect(await other().read.findVersion(2)).toBeUndefined();
  });

  test('a version is immutable: its number is taken', async () => {
    await acme().transaction((store) => store.insertVersion(version(1)));
    expect(await acme().transaction((store) => store.insertVersion({ ...version(1), comment: 'Other' }))).toBe(false);
    expect((await acme().read.findVersion(1))?.comment).toBe('Über');
  });

  test('versions are listed newest first, page by page', async () => {
    for (const number of [1, 2, 3]) await acme().transaction((store) => store.insertVersion(version(number)));
    const numbers = async (page: { before?: number; limit: number }) =>
      (await acme().read.listVersions(page)).map((each) => each.version);
    expect(await numbers({ limit: 2 })).toEqual([3, 2]);
    expect(await numbers({ limit: 2, before: 2 })).toEqual([1]);
  });

  test('a document of 0.1.0, without an authentication profile, is read with the default one', async () => {
    const old = { identityProviders: document.identityProviders, defaultIdp: document.defaultIdp } as SettingsDocument; // as it was then
    await acme().transaction((store) => store.insertVersion({ ...version(1), document: old }));
    expect((await acme().read.findActiveVersion())?.document).toEqual(document);
  });

  test('editors are those seen since, the latest first, each once, of this organization', async () => {
    const seen = (actor: string, seenAt: number) => acme().transaction((store) => store.saveEditor({ actor, seenAt }));
    await seen('api-key:1', NOW);
    await seen('api-key:2', NOW + 5);
    await seen('api-key:1', NOW + 9);
    expect(await acme().read.listEditors(NOW)).toEqual([
      { actor: 'api-key:1', seenAt: NOW + 9 },
      { actor: 'api-key:2', seenAt: NOW + 5 },
    ]);
    expect(await acme().read.listEditors(NOW + 6)).toHaveLength(1);
    expect(await other().read.listEditors(NOW)).toEqual([]);
  });
});
