import { type Device, type DeviceState, transitions } from '@latchkey/device';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const device = (change: Partial<Device> = {}): Device => ({
  id: 'dev_1',
  jkt: 'thumbprint-1',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  userName: 'J.Doe@acme.com',
  userId: undefined,
  state: 'registered',
  stateReason: 'enrolled',
  evidence: 'E0',
  tokenId: 'tok_1',
  parameters: { hostName: 'Laptop', serial: 'SN-1', machineId: 'm-1', osVersion: '1' },
  joinState: { counter: 0, id: 'join-0' },
  previousJoinId: '',
  badProofs: 0,
  badProofsSince: 0,
  remoteAddress: '192.0.2.1',
  createdAt: NOW,
  updatedAt: NOW,
  lastSeenAt: NOW,
  ...change,
});

describe.each(engines)('devices on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const insert = (...devices: Device[]) =>
    acme().transaction(async (store) => {
      for (const each of devices) expect(await store.insertDevice(each)).toBe(true);
    });

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
  });

  test('a device comes back as it was inserted, by id and by key', async () => {
    await insert(device());
    expect(await acme().read.findDevice('dev_1')).toEqual(device());
    expect(await acme().read.findDeviceByKey('thumbprint-1')).toEqual(device());
    expect(await storage.server.findDeviceOrganization('dev_1')).toBe('org_acme');
    expect(await storage.server.findDeviceOrganization('dev_2')).toBeUndefined();
  });

  test('another organization neither sees nor changes it', async () => {
    await insert(device());
    expect(await other().read.findDevice('dev_1')).toBeUndefined();
    expect(await other().read.findDeviceByKey('thumbprint-1')).toBeUndefined();
    expect((await other().read.searchDevices({ limit: 10 })).items).toEqual([]);
    await other().transaction(async (store) => {
      expect(await store.changeDeviceState('dev_1', 'registered', { state: 'removed', reason: '', at: NOW })).toBe(false);
      await store.saveDeviceUser('dev_1', 'usr_1');
      await store.saveBadProofs('dev_1', 3, NOW);
      await store.resetJoinState('dev_1', 'x');
    });
    expect(await acme().read.findDevice('dev_1')).toEqual(device());
  });

  test('one key enrolls once in an organization', async () => {
    await insert(device());
    await acme().transaction(async (store) => {
      expect(await store.insertDevice(device({ id: 'dev_2', parameters: {} }))).toBe(false);
    });
    await other().transaction(async (store) => {
      expect(await store.insertDevice(device({ id: 'dev_3' }))).toBe(true);
    });
  });

  test('one live device has a serial number; no serial number is no mark', async () => {
    await insert(device());
    await acme().transaction(async (store) => {
      expect(await store.insertDevice(device({ id: 'dev_2', jkt: 'b' }))).toBe(false);
      expect(await store.insertDevice(device({ id: 'dev_2', jkt: 'b', state: 'pending' }))).toBe(true);
      expect(await store.insertDevice(device({ id: 'dev_3', jkt: 'c', parameters: {} }))).toBe(true);
      expect(await store.insertDevice(device({ id: 'dev_4', jkt: 'd', parameters: {} }))).toBe(true);
    });
    expect((await acme().read.findLiveDeviceBySerial('SN-1'))?.id).toBe('dev_1');
    expect(await acme().read.findLiveDeviceBySerial('')).toBeUndefined();
    await acme().transaction((store) =>
      store.changeDeviceState('dev_1', 'registered', { state: 'removed', reason: 'x', at: NOW }),
    );
    expect(await acme().read.findLiveDeviceBySerial('SN-1')).toBeUndefined();
  });

  test('state moves from the state the decision was made for, and along edges only (device-binding §7)', async () => {
    await insert(device());
    await acme().transaction(async (store) => {
      expect(await store.changeDeviceState('dev_1', 'pending', { state: 'registered', reason: 'x', at: NOW })).toBe(false);
      expect(await store.changeDeviceState('dev_1', 'registered', { state: 'quarantined', reason: 'clone', at: NOW + 1 })).toBe(
        true,
      );
    });
    expect(await acme().read.findDevice('dev_1')).toMatchObject({
      state: 'quarantined',
      stateReason: 'clone',
      updatedAt: NOW + 1,
    });
    const states = Object.keys(transitions) as DeviceState[];
    for (const from of states) {
      for (const state of states) {
        if (Object.values(transitions[from]).includes(state)) continue;
        await expect(
          acme().transaction((store) => store.changeDeviceState('dev_1', from, { state, reason: '', at: NOW })),
        ).rejects.toThrow(TypeError);
      }
    }
  });

  test('a sign-in keeps the join state and forgets bad proofs', async () => {
    await insert(device({ badProofs: 3 }));
    const next = {
      joinState: { counter: 1, id: 'join-1' },
      previousJoinId: 'join-0',
      remoteAddress: '192.0.2.2',
      lastSeenAt: NOW + 5,
    };
    await acme().transaction((store) => store.saveSignIn('dev_1', next));
    expect(await acme().read.findDevice('dev_1')).toEqual(device(next));
    await acme().transaction((store) => store.resetJoinState('dev_1', 'new'));
    expect(await acme().read.findDevice('dev_1')).toMatchObject({ joinState: { counter: 0, id: 'new' }, previousJoinId: '' });
  });

  test('bad proofs, user and signs of life are kept', async () => {
    await insert(device());
    const seen = { parameters: { hostName: 'renamed' }, remoteAddress: '192.0.2.3', lastSeenAt: NOW + 7 };
    await acme().transaction(async (store) => {
      await store.saveBadProofs('dev_1', 2, NOW);
      await store.saveDeviceUser('dev_1', 'usr_1');
      await store.saveDeviceSeen('dev_1', seen);
    });
    expect(await acme().read.findDevice('dev_1')).toEqual(
      device({ badProofs: 2, badProofsSince: NOW, userId: 'usr_1', ...seen }),
    );
    // The machine's marks stay as enrolled.
    expect((await acme().read.findLiveDeviceBySerial('SN-1'))?.id).toBe('dev_1');
    await acme().transaction((store) => store.saveDeviceSeen('dev_1', { ...seen, forgetsSerial: true }));
    expect(await acme().read.findLiveDeviceBySerial('SN-1')).toBeUndefined();
    expect((await acme().read.searchDevices({ q: 'SN-1', limit: 9 })).items).toEqual([]);
  });

  test('a former device is found by machine id, by serial number, by user and host together, and by nothing empty', async () => {
    const marks = { machineId: '', serial: '', hostName: 'elsewhere', userName: 'nobody@acme.com' };
    await insert(device());
    expect(await acme().read.findFormerDevice({ ...marks, machineId: 'm-1' })).toBeUndefined();
    for (const [id, state] of [
      ['dev_1', 'removed'],
      ['dev_2', 'denied'],
      ['dev_3', 'quarantined'],
    ] as const) {
      if (id !== 'dev_1') await insert(device({ id, jkt: id, state, parameters: { machineId: id } }));
    }
    await acme().transaction((store) =>
      store.changeDeviceState('dev_1', 'registered', { state: 'removed', reason: 'x', at: NOW }),
    );
    const found = async (change: Partial<typeof marks>) => (await acme().read.findFormerDevice({ ...marks, ...change }))?.id;
    expect(await found({ machineId: 'm-1' })).toBe('dev_1');
    expect(await found({ serial: 'SN-1' })).toBe('dev_1');
    expect(await found({ userName: 'j.DOE@acme.com', hostName: 'Laptop' })).toBe('dev_1');
    expect(await found({ machineId: 'dev_2' })).toBe('dev_2');
    expect(await found({ machineId: 'dev_3' })).toBe('dev_3');
    expect(await found({ hostName: 'Laptop' })).toBeUndefined();
    expect(await found({})).toBeUndefined();
  });

  test('devices of a user are counted while they are in use or wait to be', async () => {
    await insert(
      device(),
      device({ id: 'dev_2', jkt: 'b', state: 'pending' }),
      device({ id: 'dev_3', jkt: 'c', state: 'removed' }),
      device({ id: 'dev_4', jkt: 'd', userName: 'other@acme.com', parameters: {} }),
    );
    expect(await acme().read.countUserDevices('j.doe@ACME.com')).toBe(2);
  });

  test('lists are in the order of ids, paged by key, filtered by state, user and beginning', async () => {
    await insert(
      device({ id: 'dev_a', jkt: 'a' }),
      device({ id: 'dev_b', jkt: 'b', state: 'pending', userName: 'jane@acme.com', parameters: { hostName: 'JANES-PC' } }),
      device({ id: 'dev_c', jkt: 'c', userName: 'zoe@acme.com', parameters: { serial: 'SN-9' } }),
    );
    const ids = async (filter: object) =>
      (await acme().read.searchDevices({ limit: 10, ...filter })).items.map(({ id }) => id.slice(4)).join('');
    expect(await ids({})).toBe('abc');
    expect(await ids({ limit: 2 })).toBe('ab');
    expect(await ids({ after: { range: 0, key: ['dev_a'] }, limit: 1 })).toBe('b');
    expect(await ids({ state: 'pending' })).toBe('b');
    expect(await ids({ userNameKey: 'j.doe@acme.com' })).toBe('a');
    expect(await ids({ q: 'J' })).toBe('ab');
    expect(await ids({ q: 'janes' })).toBe('b');
    expect(await ids({ q: 'SN-' })).toBe('ac');
    expect(await ids({ q: '%' })).toBe('');
    expect(await ids({ q: 'zoe', state: 'pending' })).toBe('');
  });
});
