import { beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../sign-in/session.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

const session = (change: Partial<Session> = {}): Session => ({
  id: 'ses_1',
  deviceId: 'dev_1',
  userId: 'usr_1',
  idp: 'device',
  assertionId: '_a1',
  sessionIndex: 'i1',
  createdAt: NOW,
  expiresAt: NOW + 1000,
  endedAt: undefined,
  ...change,
});

describe.each(engines)('sessions on %s', (engine) => {
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
    await acme().transaction(async (store) => {
      await store.insertSession(session());
      await store.insertSession(session({ id: 'ses_2', userId: 'usr_2', expiresAt: NOW + 5000 }));
      await store.insertSession(session({ id: 'ses_3', deviceId: 'dev_2' }));
    });
  });

  test('a session comes back as it was inserted, to its own organization only', async () => {
    expect(await acme().read.findSession('ses_1')).toEqual(session());
    expect(await other().read.findSession('ses_1')).toBeUndefined();
    expect(await other().transaction((store) => store.endDeviceSessions('dev_1', NOW))).toBe(0);
  });

  test.each([
    ['its own', 'endSession', 'ses_1', ['ses_2', 'ses_3']],
    ['those of a device', 'endDeviceSessions', 'dev_1', ['ses_3']],
    ['those of a user', 'endUserSessions', 'usr_1', ['ses_2']],
  ] as const)('ending %s ends these once and says how many', async (_, end, id, left) => {
    const ended = 3 - left.length;
    expect(await acme().transaction((store) => store[end](id, NOW + 1))).toBe(ended);
    expect(await acme().transaction((store) => store[end](id, NOW + 2))).toBe(0);
    const live = [
      ...(await acme().read.listDeviceSessions('dev_1', NOW)),
      ...(await acme().read.listDeviceSessions('dev_2', NOW)),
    ];
    expect(live.map((each) => each.id)).toEqual(left);
    expect((await acme().read.findSession('ses_1'))?.endedAt).toBe(NOW + 1);
  });

  test('expired ones are not listed, and swept later', async () => {
    expect((await acme().read.listDeviceSessions('dev_1', NOW + 1000)).map(({ id }) => id)).toEqual(['ses_2']);
    expect(await storage.serverTransaction((store) => store.sweepSessions(NOW + 1001))).toBe(2);
    expect(await acme().read.findSession('ses_1')).toBeUndefined();
    expect(await acme().read.findSession('ses_2')).toBeDefined();
  });
});
