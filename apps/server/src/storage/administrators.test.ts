import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Administrator,
  type AdministratorSession,
  holderOf,
  type Invitation,
  type Passkey,
} from '../administrators/store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const administrator = (id: string, organizationId: string | null, change: Partial<Administrator> = {}): Administrator => ({
  id,
  organizationId,
  userName: `${id}@acme.com`,
  userNameKey: `${id}@acme.com`,
  displayName: id,
  roleId: 'full',
  state: 'active',
  password: 'hash',
  totp: null,
  totpStep: 0,
  recoveryCodes: [],
  createdAt: NOW,
  lastSignedInAt: null,
  ...change,
});

const session = (id: string, administratorId: string, organizationId: string | null): AdministratorSession => ({
  id,
  administratorId,
  organizationId,
  state: 'signed_in',
  createdAt: NOW,
  expiresAt: NOW + 10,
  lastSeenAt: NOW,
  reauthenticatedAt: null,
  challenge: null,
  pendingTotp: null,
  remoteAddress: '192.0.2.7',
});

const passkey = (id: string, administratorId: string): Passkey => ({
  id,
  administratorId,
  credentialId: `credential-${id}`,
  publicKey: 'key',
  counter: 1,
  transports: ['usb'],
  name: 'Key',
  createdAt: NOW,
  lastUsedAt: null,
});

const invitation = (id: string, organizationId: string | null, change: Partial<Invitation> = {}): Invitation => ({
  id,
  organizationId,
  userName: 'New@acme.com',
  userNameKey: 'new@acme.com',
  roleId: 'view',
  hash: `hash-${id}`,
  createdAt: NOW,
  createdBy: 'administrator:adm_1',
  expiresAt: NOW + 10,
  ...change,
});

describe.each(engines)('administrators on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const operators = () => holderOf(storage, null);

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
    await acme().transaction(async (store) => {
      await store.insertAdministrator(administrator('adm_1', 'org_acme'));
      await store.insertAdministrator(administrator('adm_2', 'org_acme', { roleId: 'view' }));
    });
    await storage.serverTransaction((store) => store.insertAdministrator(administrator('adm_3', null)));
  });

  test('each holder sees and changes its own only', async () => {
    const ids = async (holder: ReturnType<typeof holderOf>) =>
      (await holder.read.listAdministrators({ limit: 9 })).map(({ id }) => id);
    expect(await ids(acme())).toEqual(['adm_1', 'adm_2']);
    expect(await ids(other())).toEqual([]);
    expect(await ids(operators())).toEqual(['adm_3']);
    expect((await acme().read.listAdministrators({ limit: 9, after: 'adm_1' })).map(({ id }) => id)).toEqual(['adm_2']);
    expect(await acme().read.findAdministrator('adm_3')).toBeUndefined();
    expect(await other().read.findAdministrator('adm_1')).toBeUndefined();
    expect(await storage.server.findAdministrator('adm_1')).toBeUndefined();
    for (const holder of [other(), operators()]) {
      expect(await holder.transaction((store) => store.changeAdministrator('adm_1', { state: 'disabled' }))).toBe(false);
      expect(await holder.transaction((store) => store.deleteAdministrator('adm_1'))).toBe(false);
    }
    expect(await acme().read.findAdministrator('adm_1')).toEqual(administrator('adm_1', 'org_acme'));
  });

  test('whether there is anybody is known, whatever the holder', async () => {
    expect(await storage.server.hasAdministrators()).toBe(true);
    await storage.serverTransaction((store) => store.deleteAdministrator('adm_3'));
    expect(await storage.server.hasAdministrators()).toBe(true);
    await acme().transaction((store) => store.deleteAdministrator('adm_1'));
    await acme().transaction((store) => store.deleteAdministrator('adm_2'));
    expect(await storage.server.hasAdministrators()).toBe(false);
  });

  test('a name is one person on the whole server', async () => {
    const again = administrator('adm_9', null, { userNameKey: 'adm_1@acme.com' });
    expect(await storage.serverTransaction((store) => store.insertAdministrator(again))).toBe(false);
    expect((await storage.server.findAdministratorByName('adm_1@acme.com'))?.id).toBe('adm_1');
    expect(await storage.server.findAdministratorByName('nobody@acme.com')).toBeUndefined();
  });

  test('everything that may change is kept', async () => {
    const change = {
      displayName: 'Ada',
      roleId: 'view',
      state: 'disabled',
      password: 'other',
      totp: 'sealed',
      recoveryCodes: ['a', 'b'],
      lastSignedInAt: NOW + 1,
    } as const;
    expect(await acme().transaction((store) => store.changeAdministrator('adm_1', change))).toBe(true);
    expect(await acme().read.findAdministrator('adm_1')).toEqual({ ...administrator('adm_1', 'org_acme'), ...change });
  });

  test('a step of time is taken once, by one of many', async () => {
    const take = (step: number) => acme().transaction((store) => store.takeTotpStep('adm_1', step));
    expect((await Promise.all(Array.from({ length: 5 }, () => take(7)))).filter(Boolean)).toHaveLength(1);
    expect(await take(6)).toBe(false);
    expect(await take(8)).toBe(true);
  });

  test('active administrators with full access are counted, by holder', async () => {
    const count = async () => [await acme().read.countFullAdministrators(), await storage.server.countFullAdministrators()];
    expect(await count()).toEqual([1, 1]);
    await acme().transaction((store) => store.changeAdministrator('adm_2', { roleId: 'full' }));
    expect(await count()).toEqual([2, 1]);
    await acme().transaction((store) => store.changeAdministrator('adm_1', { state: 'disabled' }));
    expect(await count()).toEqual([1, 1]);
  });

  test('who is removed leaves no passkey and no session', async () => {
    await acme().transaction(async (store) => {
      await store.insertPasskey(passkey('pky_1', 'adm_1'));
      await store.insertAdministratorSession(session('s1', 'adm_1', 'org_acme'));
      await store.insertAdministratorSession(session('s2', 'adm_2', 'org_acme'));
    });
    expect(await acme().transaction((store) => store.deleteAdministrator('adm_1'))).toBe(true);
    expect(await acme().read.listPasskeys(['adm_1'])).toEqual([]);
    expect(await storage.server.findAdministratorSession('s1')).toBeUndefined();
    expect(await storage.server.findAdministratorSession('s2')).toEqual(session('s2', 'adm_2', 'org_acme'));
  });

  test('a passkey is of one administrator, and of one holder', async () => {
    const insert = (holder: Pick<ReturnType<typeof holderOf>, 'transaction'>, made: Passkey) =>
      holder.transaction((store) => store.insertPasskey(made));
    expect(await insert(acme(), passkey('pky_1', 'adm_1'))).toBe(true);
    const stolen = { ...passkey('pky_2', 'adm_3'), credentialId: 'credential-pky_1' };
    expect(await insert(operators(), stolen)).toBe(false);
    expect(await acme().read.listPasskeys(['adm_1', 'adm_2'])).toEqual([passkey('pky_1', 'adm_1')]);
    expect(await acme().read.listPasskeys([])).toEqual([]);
    expect(await other().read.listPasskeys(['adm_1'])).toEqual([]);
    await acme().transaction((store) => store.usePasskey('pky_1', { counter: 5, at: NOW + 1 }));
    expect(await acme().read.listPasskeys(['adm_1'])).toEqual([
      { ...passkey('pky_1', 'adm_1'), counter: 5, lastUsedAt: NOW + 1 },
    ]);
    expect(await acme().transaction((store) => store.deletePasskey('adm_2', 'pky_1'))).toBe(false);
    expect(await acme().transaction((store) => store.deletePasskey('adm_1', 'pky_1'))).toBe(true);
  });

  test('a session is found whatever its holder, changed, and ended', async () => {
    await storage.serverTransaction((store) => store.insertAdministratorSession(session('s1', 'adm_3', null)));
    const change = { lastSeenAt: NOW + 1, challenge: 'c', pendingTotp: 'p' };
    expect(await acme().transaction((store) => store.changeAdministratorSession('s1', change))).toBe(false);
    expect(await storage.serverTransaction((store) => store.changeAdministratorSession('s1', change))).toBe(true);
    expect(await storage.server.findAdministratorSession('s1')).toEqual({ ...session('s1', 'adm_3', null), ...change });
    expect(await acme().transaction((store) => store.takeChallenge('s1'))).toBeUndefined();
    expect(await storage.serverTransaction((store) => store.takeChallenge('s1'))).toBe('c');
    expect(await storage.serverTransaction((store) => store.takeChallenge('s1'))).toBeUndefined();
    expect(await acme().transaction((store) => store.deleteAdministratorSession('s1'))).toBe(false);
    expect(await storage.serverTransaction((store) => store.deleteAdministratorSession('s1'))).toBe(true);
    expect(await storage.serverTransaction((store) => store.deleteAdministratorSession('s1'))).toBe(false);
  });

  test('sessions that are over are forgotten', async () => {
    await storage.serverTransaction((store) => store.insertAdministratorSession(session('s1', 'adm_3', null)));
    await storage.serverTransaction((store) => store.sweepAdministratorSessions(NOW + 10));
    expect(await storage.server.findAdministratorSession('s1')).toBeDefined();
    await storage.serverTransaction((store) => store.sweepAdministratorSessions(NOW + 11));
    expect(await storage.server.findAdministratorSession('s1')).toBeUndefined();
  });

  test('an invitation takes the place of one for the same name, and is taken once', async () => {
    await acme().transaction((store) => store.insertInvitation(invitation('inv_1', 'org_acme')));
    await acme().transaction((store) => store.insertInvitation(invitation('inv_2', 'org_acme')));
    await storage.serverTransaction((store) => store.insertInvitation(invitation('inv_3', null)));
    expect(await acme().read.listInvitations({ limit: 9 })).toEqual([invitation('inv_2', 'org_acme')]);
    expect(await other().read.listInvitations({ limit: 9 })).toEqual([]);
    expect(await storage.server.listInvitations({ limit: 9 })).toEqual([invitation('inv_3', null)]);
    expect(await storage.server.findInvitation('hash-inv_1')).toBeUndefined();
    expect(await storage.server.findInvitation('hash-inv_2')).toEqual(invitation('inv_2', 'org_acme'));
    expect(await other().transaction((store) => store.deleteInvitation('inv_2'))).toBeUndefined();
    const taken = await Promise.all(
      Array.from({ length: 4 }, () => acme().transaction((store) => store.deleteInvitation('inv_2'))),
    );
    expect(taken.filter((each) => each !== undefined)).toEqual([invitation('inv_2', 'org_acme')]);
  });

  test('a role is of one organization, with a name of its own, and known to be used', async () => {
    const role = { id: 'rol_1', name: 'Help desk', permissions: { devices: 'full', directory: 'view' } } as const;
    const save = (change: Partial<{ id: string; name: string }>) =>
      acme().transaction((store) => store.saveRole({ ...role, ...change }));
    expect(await save({})).toBe(true);
    expect(await save({ id: 'rol_2', name: 'HELP desk' })).toBe(false);
    expect(await save({ name: 'Helpdesk' })).toBe(true);
    expect(await acme().read.listRoles()).toEqual([{ ...role, name: 'Helpdesk' }]);
    expect(await other().read.findRole('rol_1')).toBeUndefined();
    expect(await storage.server.findRole('rol_1')).toBeUndefined();
    expect(await acme().read.isRoleUsed('rol_1')).toBe(false);
    await acme().transaction((store) => store.insertInvitation(invitation('inv_1', 'org_acme', { roleId: 'rol_1' })));
    expect(await acme().read.isRoleUsed('rol_1')).toBe(true);
    await acme().transaction((store) => store.deleteInvitation('inv_1'));
    await acme().transaction((store) => store.changeAdministrator('adm_2', { roleId: 'rol_1' }));
    expect(await acme().read.isRoleUsed('rol_1')).toBe(true);
    await other().transaction((store) => store.deleteRole('rol_1'));
    expect(await acme().read.findRole('rol_1')).toBeDefined();
    await acme().transaction((store) => store.deleteRole('rol_1'));
    expect(await acme().read.findRole('rol_1')).toBeUndefined();
  });

  test('failed attempts are counted by name, put back, and forgotten', async () => {
    const find = () => storage.server.findSignInFailures('account:a');
    const save = (failures: number | undefined, failedAt = NOW) =>
      storage.serverTransaction((store) =>
        store.saveSignInFailures('account:a', failures === undefined ? undefined : { failures, failedAt }),
      );
    expect(await find()).toBeUndefined();
    await save(1);
    await save(2, NOW + 1);
    expect(await find()).toEqual({ failures: 2, failedAt: NOW + 1 });
    await save(undefined);
    expect(await find()).toBeUndefined();
    await save(1);
    await storage.serverTransaction((store) => store.sweepSignInFailures(NOW));
    expect(await find()).toBeDefined();
    await storage.serverTransaction((store) => store.sweepSignInFailures(NOW + 1));
    expect(await find()).toBeUndefined();
  });
});
