import { beforeEach, describe, expect, test } from 'vitest';
import type { Application } from '../applications/application.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const application = (change: Partial<Application> = {}): Application => ({
  id: 'app_1',
  name: 'Wiki',
  kind: 'saml',
  identifier: 'https://wiki.example/metadata',
  metadata: '<md/>',
  enabled: true,
  minEvidence: 'E0',
  allowBearer: false,
  createdAt: NOW,
  ...change,
});

describe.each(engines)('applications on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const insert = (change: Partial<Application> = {}) =>
    acme().transaction((store) => store.insertApplication(application(change)));

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('an application comes back as it was inserted, by id and by identifier, to its own organization only', async () => {
    expect(await insert()).toBe(true);
    expect(await acme().read.findApplication('app_1')).toEqual(application());
    expect(await acme().read.findApplicationByIdentifier('https://wiki.example/metadata')).toEqual(application());
    expect(await storage.server.findApplicationOrganization('app_1')).toBe('org_acme');
    expect(await storage.server.findApplicationOrganization('app_2')).toBeUndefined();
    expect(await other().read.findApplication('app_1')).toBeUndefined();
    expect(await other().read.findApplicationByIdentifier('https://wiki.example/metadata')).toBeUndefined();
    expect(await other().transaction((store) => store.deleteApplication('app_1'))).toBe(false);
  });

  test('an identifier has one application in an organization, exactly as it is written', async () => {
    await insert();
    expect(await insert({ id: 'app_2' })).toBe(false);
    expect(await insert({ id: 'app_2', identifier: 'https://WIKI.example/metadata' })).toBe(true);
    expect(await other().transaction((store) => store.insertApplication(application({ id: 'app_3' })))).toBe(true);
  });

  test('name, switch, evidence and bearer tokens change, and only these', async () => {
    await insert();
    const save = (change: object) => acme().transaction((store) => store.saveApplication('app_1', change));
    expect(await save({ enabled: false })).toBe(true);
    expect(await save({ name: 'Docs', minEvidence: 'E3', allowBearer: true })).toBe(true);
    expect(await acme().read.findApplication('app_1')).toEqual(
      application({ name: 'Docs', enabled: false, minEvidence: 'E3', allowBearer: true }),
    );
    expect(await other().transaction((store) => store.saveApplication('app_1', { enabled: true }))).toBe(false);
  });

  test('lists are paged in the order of ids', async () => {
    for (const id of ['app_c', 'app_a', 'app_b']) await insert({ id, identifier: id });
    const ids = async (page: { after?: string; limit: number }) => (await acme().read.listApplications(page)).map(({ id }) => id);
    expect(await ids({ limit: 2 })).toEqual(['app_a', 'app_b']);
    expect(await ids({ after: 'app_b', limit: 2 })).toEqual(['app_c']);
  });

  test('deleted is gone, once', async () => {
    await insert();
    expect(await acme().transaction((store) => store.deleteApplication('app_1'))).toBe(true);
    expect(await acme().transaction((store) => store.deleteApplication('app_1'))).toBe(false);
    expect(await acme().read.findApplication('app_1')).toBeUndefined();
  });
});
