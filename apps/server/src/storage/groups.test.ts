import type { UserSet } from '@latchkey/directory';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const set = (id: string, name: string, change: Partial<UserSet> = {}): UserSet => ({
  id,
  name,
  comments: '',
  source: 'api',
  system: false,
  revision: 1,
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

describe.each(engines)('on %s', (engine) => {
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

  describe.each(['groups', 'departments'] as const)('%s', (kind) => {
    const insert = (each: UserSet) => acme().transaction((store) => store[kind].insert(each));
    const read = () => acme().read[kind];

    test('come back as inserted, by id and by name in any case; a name is taken once', async () => {
      const staff = set('x_1', 'Größe', { comments: 'all', system: true });
      expect(await insert(staff)).toBe(true);
      expect(await insert(set('x_2', 'GRÖßE'))).toBe(false);
      expect(await read().find('x_1')).toEqual(staff);
      expect(await read().findByName('grÖßE')).toEqual(staff);
      expect(await read().findAll(['x_1', 'x_none'])).toEqual([staff]);
      expect(await read().findAll([])).toEqual([]);
      expect(await read().count(9)).toBe(1);
    });

    test("another organization's are neither found nor written", async () => {
      await insert(set('x_1', 'Staff'));
      expect(await other().read[kind].find('x_1')).toBeUndefined();
      expect(await other().read[kind].findAll(['x_1'])).toEqual([]);
      expect((await other().read[kind].search({ limit: 9 })).items).toEqual([]);
      expect(await other().transaction((store) => store[kind].save(set('x_1', 'Mine', { revision: 2 }), 1))).toBe(false);
      await other().transaction((store) => store[kind].delete('x_1', NOW));
      expect(await read().find('x_1')).toBeDefined();
      expect(await other().transaction((store) => store[kind].insert(set('x_2', 'Staff')))).toBe(true);
    });

    test('are listed by name, by the beginning of it and by source', async () => {
      for (const [id, name, source] of [
        ['x_1', 'beta', 'api'],
        ['x_2', 'Alpha', 'scim:entra'],
        ['x_3', 'be_ta', 'api'],
      ] as const) {
        await insert(set(id, name, { source }));
      }
      const ids = async (filter: { q?: string; source?: string }) =>
        (await read().search({ ...filter, limit: 9 })).items.map(({ id }) => id);
      expect(await ids({})).toEqual(['x_2', 'x_3', 'x_1']);
      expect(await ids({ q: 'BE' })).toEqual(['x_3', 'x_1']);
      expect(await ids({ q: 'be', source: 'api' })).toEqual(['x_3', 'x_1']);
      expect(await ids({ source: 'scim:entra' })).toEqual(['x_2']);
      expect(await read().total({ q: 'be' })).toEqual({ total: 2, totalIsEstimate: false });
      const page = await read().search({ limit: 2 });
      expect((await read().search({ limit: 2, ...(page.next && { after: page.next }) })).items.map(({ id }) => id)).toEqual([
        'x_1',
      ]);
    });

    test('are written only as they were looked at, and not once deleted; then the name is free', async () => {
      await insert(set('x_1', 'Staff'));
      const save = (change: UserSet, from: number) => acme().transaction((store) => store[kind].save(change, from));
      expect(await save(set('x_1', 'Crew', { revision: 2 }), 1)).toBe(true);
      expect(await save(set('x_1', 'Team', { revision: 2 }), 1)).toBe(false);
      await acme().transaction((store) => store[kind].delete('x_1', NOW));
      expect(await read().find('x_1')).toBeUndefined();
      expect(await save(set('x_1', 'Team', { revision: 3 }), 2)).toBe(false);
      expect(await insert(set('x_2', 'Crew'))).toBe(true);
      const due = await storage.server.listDeletedUserSets(9);
      expect(due).toEqual([{ kind: kind.slice(0, -1), id: 'x_1', organizationId: 'org_acme' }]);
      await acme().transaction((store) => store[kind].remove('x_1'));
      expect(await storage.server.listDeletedUserSets(9)).toEqual([]);
    });
  });

  test('members join once, leave, and are let go of some at a time when the group is gone', async () => {
    await acme().transaction((store) => store.groups.insert(set('grp_1', 'Staff')));
    const user = (n: number) => ({ id: `usr_${n}`, userNameKey: `u${n}@acme.com` });
    await acme().transaction(async (store) => {
      for (let n = 0; n < 5; n++) expect(await store.joinGroups(user(n), ['grp_1'])).toBe(1);
      expect(await store.joinGroups(user(0), ['grp_1'])).toBe(0);
      expect(await store.leaveGroup('usr_0', 'grp_1')).toBe(true);
      expect(await store.leaveGroup('usr_0', 'grp_1')).toBe(false);
    });
    expect(await acme().read.listGroupsOfUser('usr_1')).toEqual([{ id: 'grp_1', name: 'Staff' }]);
    expect(await other().read.listGroupsOfUser('usr_1')).toEqual([]);
    await acme().transaction((store) => store.groups.delete('grp_1', NOW));
    expect(await acme().read.listGroupsOfUser('usr_1')).toEqual([]);
    expect(await acme().transaction((store) => store.emptyGroup('grp_1', 3))).toBe(3);
    expect(await acme().transaction((store) => store.emptyGroup('grp_1', 3))).toBe(1);
  });

  test('users leave a department that is gone, some at a time', async () => {
    await acme().transaction(async (store) => {
      for (let n = 0; n < 3; n++) {
        const userName = `u${n}@acme.com`;
        const times = { createdAt: NOW, updatedAt: NOW };
        await store.insertUser({
          id: `usr_${n}`,
          userName,
          displayName: '',
          state: 'active',
          source: 'api',
          departmentId: 'dep_1',
          ...times,
        });
      }
    });
    expect(await acme().transaction((store) => store.leaveDepartment('dep_1', 2))).toBe(2);
    expect(await acme().transaction((store) => store.leaveDepartment('dep_1', 2))).toBe(1);
    expect(await acme().read.findUser('usr_1')).toMatchObject({ departmentId: undefined, revision: 2 });
  });
});
