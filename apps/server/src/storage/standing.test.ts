import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

describe.each(engines)('how a session stands, on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: NOW }));
    }
    await acme().transaction(async (store) => {
      await store.insertUser({
        id: 'usr_1',
        userName: 'J.Doe@acme.com',
        displayName: 'J',
        state: 'active',
        source: 'api',
        createdAt: NOW,
        updatedAt: NOW,
      });
      await store.groups.insert({
        id: 'grp_1',
        name: 'Staff',
        comments: '',
        source: 'api',
        system: false,
        revision: 1,
        createdAt: NOW,
        updatedAt: NOW,
      });
      await store.joinGroups({ id: 'usr_1', userNameKey: 'j.doe@acme.com' }, ['grp_1']);
      await store.insertDevice({
        id: 'dev_1',
        jkt: 'jkt-1',
        publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
        userName: 'j.doe@acme.com',
        userId: 'usr_1',
        state: 'registered',
        stateReason: '',
        evidence: 'E1',
        tokenId: 'tok_1',
        parameters: { osName: 'Debian GNU/Linux' },
        joinState: { counter: 0, id: 'j' },
        previousJoinId: '',
        badProofs: 0,
        badProofsSince: 0,
        remoteAddress: '192.0.2.1',
        createdAt: NOW,
        updatedAt: NOW,
        lastSeenAt: NOW,
      });
      await store.insertSession({
        id: 'ses_1',
        deviceId: 'dev_1',
        userId: 'usr_1',
        idp: 'device',
        assertionId: 'a',
        sessionIndex: '',
        createdAt: NOW,
        expiresAt: NOW + 1000,
        endedAt: undefined,
      });
    });
  });

  const standing = {
    session: { id: 'ses_1', createdAt: NOW, expiresAt: NOW + 1000, endedAt: undefined },
    user: { id: 'usr_1', userName: 'J.Doe@acme.com', state: 'active' },
    groups: [{ id: 'grp_1', name: 'Staff' }],
    device: { id: 'dev_1', jkt: 'jkt-1', state: 'registered', evidence: 'E1', parameters: { osName: 'Debian GNU/Linux' } },
  };

  test("is told with its user, the user's groups and its device, to its own organization only", async () => {
    expect(await acme().read.findStanding('ses_1')).toEqual(standing);
    expect(await acme().read.findStanding('ses_2')).toBeUndefined();
    expect(await storage.organization('org_other').read.findStanding('ses_1')).toBeUndefined();
  });

  test('follows each of the four', async () => {
    await acme().transaction(async (store) => {
      await store.endSession('ses_1', NOW + 5);
      await store.changeUserState('usr_1', 'active', { state: 'disabled', at: NOW });
      await store.leaveGroup('usr_1', 'grp_1');
      await store.changeDeviceState('dev_1', 'registered', { state: 'quarantined', reason: 'clone', at: NOW });
    });
    expect(await acme().read.findStanding('ses_1')).toEqual({
      session: { ...standing.session, endedAt: NOW + 5 },
      user: { ...standing.user, state: 'disabled' },
      groups: [],
      device: { ...standing.device, state: 'quarantined' },
    });
  });
});
