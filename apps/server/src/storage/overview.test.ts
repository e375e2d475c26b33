import type { NewAuditEvent } from '@latchkey/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { firstIdAt } from '../ids.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const hour = 3_600_000;
const end = firstIdAt('evt', Number.MAX_SAFE_INTEGER % 2 ** 47);
const ownServiceProviders = 'https://id.acme.com/saml/';

// Ids of one process only grow: each test begins, in hours since 1970, later than those before have ended.
let begun = 500_000;

describe.each(engines)('what the overview asks on %s', (engine) => {
  let storage: Storage;
  let now = 0;

  const append = (organizationId: string, action: string, details: NewAuditEvent['details'] = {}) =>
    storage.organization(organizationId).transaction((store) =>
      store.appendAuditEvent({
        actor: 'device:dev_1',
        action,
        outcome: 'success',
        reason: '',
        subject: 'device:dev_1',
        remoteAddress: '',
        correlationId: '',
        details,
      }),
    );
  const count = (cut: { readonly after?: string; readonly until?: string; readonly limit?: number } = {}) =>
    storage.server.countEvents({ after: '', until: end, limit: 100, ownServiceProviders, ...cut });

  beforeEach(async () => {
    begun += 24;
    now = begun * hour;
    storage = await openTestStorage(engine, { now: () => now });
  });

  test('events are counted by organization, hour and kind, and what is no such event is not', async () => {
    await append('org_a', 'sign_in.accepted');
    await append('org_a', 'sign_in.accepted');
    await append('org_a', 'user.created');
    await append('org_b', 'device.enrolled');
    await storage.serverTransaction((store) =>
      store.appendAuditEvent({
        actor: 'operator',
        action: 'sign_in.refused',
        outcome: 'refused',
        reason: '',
        subject: 'server',
        remoteAddress: '',
        correlationId: '',
        details: {},
      }),
    );
    now += hour;
    await append('org_a', 'sign_in.refused');
    await append('org_a', 'device.enrollment_refused');
    const { counts } = await count();
    expect(new Set(counts)).toEqual(
      new Set([
        { organizationId: 'org_a', hour: begun, kind: 'sign_in', count: 2 },
        { organizationId: 'org_b', hour: begun, kind: 'enrollment', count: 1 },
        { organizationId: 'org_a', hour: begun + 1, kind: 'refusal', count: 2 },
      ]),
    );
  });

  test("a sign-in to somebody else's service provider is counted where it is asserted, one to ours where it is accepted", async () => {
    await append('org_a', 'sign_in.asserted', { request: 'r', sp: 'https://id.acme.com/saml/org_a/sp/device/metadata' });
    await append('org_a', 'sign_in.accepted');
    await append('org_a', 'sign_in.asserted', { request: 'r', sp: 'https://wiki.acme.com/mellon/metadata' });
    expect((await count()).counts).toEqual([{ organizationId: 'org_a', hour: begun, kind: 'sign_in', count: 2 }]);
  });

  test('so many are counted at a time, and the next time goes on there', async () => {
    for (let made = 0; made < 5; made += 1) {
      now += 1;
      await append('org_a', 'device.enrolled');
    }
    const one = await count({ limit: 2 });
    expect(one.counts).toMatchObject([{ count: 2 }]);
    const two = await count({ after: one.last ?? '', limit: 2 });
    expect(two.counts).toMatchObject([{ count: 2 }]);
    const three = await count({ after: two.last ?? '', limit: 2 });
    expect(three.counts).toMatchObject([{ count: 1 }]);
    expect(await count({ after: three.last ?? '' })).toEqual({ counts: [], last: undefined });
    expect((await count({ until: firstIdAt('evt', begun * hour + 3) })).counts).toMatchObject([{ count: 2 }]);
  });

  test('counts are added up, listed for their organization alone, and forgotten', async () => {
    const add = (counts: Parameters<Storage['server']['addEventCounts']>[0]) =>
      storage.serverTransaction((store) => store.addEventCounts(counts));
    await add([
      { organizationId: 'org_a', hour: 7, kind: 'sign_in', count: 2 },
      { organizationId: 'org_b', hour: 7, kind: 'sign_in', count: 9 },
    ]);
    await add([
      { organizationId: 'org_a', hour: 7, kind: 'sign_in', count: 3 },
      { organizationId: 'org_a', hour: 8, kind: 'refusal', count: 1 },
    ]);
    await add([]);
    const list = (from: number) => storage.organization('org_a').read.listEventCounts(from);
    expect(await list(7)).toEqual([
      { hour: 7, kind: 'sign_in', count: 5 },
      { hour: 8, kind: 'refusal', count: 1 },
    ]);
    await storage.serverTransaction((store) => store.sweepEventCounts(8));
    expect(await list(0)).toEqual([{ hour: 8, kind: 'refusal', count: 1 }]);
  });

  test('facts that begin alike are counted, and forgotten, by their value', async () => {
    await storage.serverTransaction(async (store) => {
      await store.saveFact('node:a', '1000');
      await store.saveFact('node:b', '2000');
      await store.saveFact('other', '3000');
    });
    expect(await storage.server.countFacts('node:', '1000')).toBe(2);
    expect(await storage.server.countFacts('node:', '1001')).toBe(1);
    await storage.serverTransaction((store) => store.sweepFacts('node:', '1500'));
    expect(await storage.server.countFacts('node:', '0')).toBe(1);
    expect(await storage.server.findFact('other')).toBe('3000');
  });
});
