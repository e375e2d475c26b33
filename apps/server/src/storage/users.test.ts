import type { Device } from '@latchkey/device';
import type { User } from '@latchkey/directory';
import { beforeEach, describe, expect, test } from 'vitest';
import type { UserFilter } from '../directory/store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const user = (id: string, userName: string, change: Partial<User> = {}): User => ({
  email: '',
  departmentId: undefined,
  comments: '',
  disabledBy: undefined,
  revision: 1,
  id,
  userName,
  displayName: 'Zoë',
  state: 'active',
  source: 'jit:device',
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

describe.each(engines)('users on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const insert = (each: User) => acme().transaction((store) => store.insertUser(each));
  const change = (id: string, from: User['state'], state: User['state']) =>
    acme().transaction((store) => store.changeUserState(id, from, { state, at: NOW + 1 }));

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('a user comes back as inserted, by id and by folded name', async () => {
    expect(await insert(user('usr_1', 'J.Doe@acme.com'))).toBe(true);
    expect(await acme().read.findUser('usr_1')).toEqual(user('usr_1', 'J.Doe@acme.com'));
    expect(await acme().read.findUserByName('j.doe@acme.com')).toEqual(user('usr_1', 'J.Doe@acme.com'));
    expect(await acme().read.findUserByName('J.Doe@acme.com')).toBeUndefined();
  });

  test('the user a device is bound to is found by the device, deleted too, in its own organization only', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    const device: Device = {
      id: 'dev_1',
      jkt: 'thumbprint',
      publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
      userName: 'j.doe@acme.com',
      userId: undefined,
      state: 'registered',
      stateReason: 'enrolled',
      evidence: 'E0',
      tokenId: 'tok_1',
      parameters: {},
      joinState: { counter: 0, id: 'join' },
      previousJoinId: '',
      badProofs: 0,
      badProofsSince: 0,
      remoteAddress: '',
      createdAt: NOW,
      updatedAt: NOW,
      lastSeenAt: NOW,
    };
    await acme().transaction((store) => store.insertDevice(device));
    expect(await acme().read.findDeviceUser('dev_1')).toBeUndefined();
    await acme().transaction((store) => store.saveDeviceUser('dev_1', 'usr_1'));
    expect(await acme().read.findDeviceUser('dev_1')).toEqual(user('usr_1', 'j.doe@acme.com'));
    expect(await other().read.findDeviceUser('dev_1')).toBeUndefined();
    await change('usr_1', 'active', 'deleted');
    expect((await acme().read.findDeviceUser('dev_1'))?.state).toBe('deleted');
  });

  test('another organization neither sees nor changes the user, and may have the same name', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    expect(await other().read.findUser('usr_1')).toBeUndefined();
    expect(await other().read.findUserByName('j.doe@acme.com')).toBeUndefined();
    expect((await other().read.searchUsers({ limit: 9 })).items).toEqual([]);
    expect(await other().transaction((store) => store.changeUserState('usr_1', 'active', { state: 'disabled', at: NOW }))).toBe(
      false,
    );
    expect(await other().transaction((store) => store.insertUser(user('usr_2', 'j.doe@acme.com')))).toBe(true);
  });

  test('a name is taken in any case', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    expect(await insert(user('usr_2', 'J.DOE@ACME.com'))).toBe(false);
    expect(await acme().read.findUser('usr_2')).toBeUndefined();
  });

  test('names outside ASCII are compared folded on every engine', async () => {
    await insert(user('usr_1', 'Émile@acme.com'));
    expect(await insert(user('usr_2', 'éMILE@acme.com'))).toBe(false);
    expect((await acme().read.findUserByName('émile@acme.com'))?.id).toBe('usr_1');
  });

  test('of many first sign-ins of one user one makes the account', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => insert(user(`usr_${n}`, 'j.doe@acme.com'))));
    expect(made.filter(Boolean)).toHaveLength(1);
  });

  test('a deleted user has the name no more, and it is known that somebody had', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    expect(await acme().read.wasUserDeleted('j.doe@acme.com')).toBe(false);
    expect(await change('usr_1', 'active', 'deleted')).toBe(true);
    expect(await acme().read.findUserByName('j.doe@acme.com')).toBeUndefined();
    expect(await acme().read.wasUserDeleted('j.doe@acme.com')).toBe(true);
    expect(await acme().read.findUser('usr_1')).toMatchObject({ state: 'deleted', updatedAt: NOW + 1 });
    expect(await insert(user('usr_2', 'j.doe@acme.com'))).toBe(true);
    expect(await acme().read.wasUserDeleted('j.doe@acme.com')).toBe(false);
    expect(await acme().read.wasUserDeleted('nobody@acme.com')).toBe(false);
  });

  test('a state changes only from the one the decision was made for', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    expect(await change('usr_1', 'disabled', 'active')).toBe(false);
    expect(await change('usr_1', 'active', 'disabled')).toBe(true);
    expect((await acme().read.findUser('usr_1'))?.state).toBe('disabled');
  });

  test('are listed by user name, by state and by the beginning of the name; deleted ones never', async () => {
    for (const [id, name] of [
      ['usr_1', 'Anna@acme.com'],
      ['usr_2', 'anton@acme.com'],
      ['usr_3', 'an_na@acme.com'],
      ['usr_4', 'an%@acme.com'],
      ['usr_5', 'Änne@acme.com'],
    ] as const) {
      await insert(user(id, name));
    }
    await change('usr_2', 'active', 'disabled');
    await change('usr_4', 'active', 'deleted');
    const ids = async (filter: Omit<UserFilter, 'limit'>, limit = 9) =>
      (await acme().read.searchUsers({ ...filter, limit })).items.map(({ id }) => id);
    expect(await ids({})).toEqual(['usr_3', 'usr_1', 'usr_2', 'usr_5']);
    expect(await ids({}, 2)).toEqual(['usr_3', 'usr_1']);
    expect(await ids({ state: 'disabled' })).toEqual(['usr_2']);
    expect(await ids({ q: 'an' })).toEqual(['usr_3', 'usr_1', 'usr_2']);
    expect(await ids({ q: 'an_' })).toEqual(['usr_3']);
    expect(await ids({ q: 'än' })).toEqual(['usr_5']);
    expect(await ids({ q: 'ZO' })).toEqual(['usr_1', 'usr_2', 'usr_3', 'usr_5']);
  });

  test('a search goes through user names, then display names, a page at a time and nobody twice; all filters match', async () => {
    await acme().transaction(async (store) => {
      for (let n = 0; n < 60; n++) {
        const number = String(n).padStart(2, '0');
        const name = n % 3 === 0 ? `anna${number}@acme.com` : `user${number}@acme.com`;
        const displayName = n % 2 === 0 ? `Anna ${number}` : `Émile ${number}`;
        const source = n % 5 === 0 ? 'scim:entra' : 'api';
        await store.insertUser(user(`usr_${number}`, name, { displayName, source }));
        if (n % 4 === 0) await store.joinGroups({ id: `usr_${number}`, userNameKey: name }, ['grp_1']);
      }
    });
    const all = async (filter: Omit<UserFilter, 'limit'>): Promise<string[]> => {
      const found: string[] = [];
      let after: UserFilter['after'];
      do {
        const page = await acme().read.searchUsers({ ...filter, limit: 7, ...(after === undefined ? {} : { after }) });
        found.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(await acme().read.totalUsers(filter)).toEqual({ total: found.length, totalIsEstimate: false });
      expect(new Set(found).size).toBe(found.length);
      return found;
    };
    const numbers = (matches: (n: number) => boolean) =>
      Array.from({ length: 60 }, (_, n) => n)
        .filter(matches)
        .map((n) => `usr_${String(n).padStart(2, '0')}`);
    const ANNA = (n: number): boolean => n % 3 === 0 || n % 2 === 0;
    expect(await all({})).toHaveLength(60);
    expect(await all({ q: 'ANNA' })).toEqual([...numbers((n) => n % 3 === 0), ...numbers((n) => ANNA(n) && n % 3 !== 0)]);
    expect((await all({ q: 'anna', source: 'scim:entra' })).toSorted()).toEqual(numbers((n) => ANNA(n) && n % 5 === 0));
    expect((await all({ q: 'anna', groupId: 'grp_1' })).toSorted()).toEqual(numbers((n) => ANNA(n) && n % 4 === 0));
    expect((await all({ groupId: 'grp_1', source: 'api' })).toSorted()).toEqual(numbers((n) => n % 4 === 0 && n % 5 !== 0));
    expect((await all({ q: 'é' })).toSorted()).toEqual(numbers((n) => n % 2 !== 0));
    expect(await all({ state: 'active', departmentId: 'dep_none' })).toEqual([]);
  });

  test('a user is written only as it was looked at; its groups list it by its new name', async () => {
    await insert(user('usr_1', 'j.doe@acme.com'));
    await acme().transaction((store) => store.joinGroups({ id: 'usr_1', userNameKey: 'j.doe@acme.com' }, ['grp_1']));
    const renamed = user('usr_1', 'Z.Doe@acme.com', { email: 'z@acme.com', comments: 'two\nlines', revision: 2 });
    expect(await acme().transaction((store) => store.saveUser(renamed, 1))).toBe(true);
    expect(await acme().transaction((store) => store.saveUser(renamed, 1))).toBe(false);
    expect(await acme().read.findUserByName('z.doe@acme.com')).toEqual(renamed);
    expect((await acme().read.searchUsers({ groupId: 'grp_1', q: 'z', limit: 9 })).items).toEqual([renamed]);
  });
});
