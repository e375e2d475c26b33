import { describe, expect, test } from 'vitest';
import { defaultRetention } from '../retention/store.ts';
import { engines, openTestStorage } from './test-engines.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

const open = async (engine: (typeof engines)[number]) => {
  const clock = { at: START };
  const storage = await openTestStorage(engine, { now: () => clock.at });
  const acme = storage.organization('org_1');
  for (const id of ['org_1', 'org_2']) {
    await storage
      .organization(id)
      .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: START }));
  }
  return { clock, storage, acme };
};

const event = (n: number) =>
  ({
    actor: 'device:dev_1',
    action: 'sign_in.accepted',
    outcome: 'success',
    reason: '',
    subject: 'device:dev_1',
    remoteAddress: '192.0.2.7',
    correlationId: `cor_${n}`,
    details: { userName: 'j.doe@acme.com', n },
  }) as const;

describe.each(engines)('retention on %s', (engine) => {
  test('is due from the start, then when it says; who holds it holds it alone', async () => {
    const { storage, acme, clock } = await open(engine);
    expect(await storage.server.listDueSweeps(START, 9)).toEqual(['org_1', 'org_2']);
    expect(await storage.server.listDueSweeps(START, 1)).toEqual(['org_1']);
    expect(await acme.transaction((store) => store.insertRetention(defaultRetention))).toBe(true);
    expect(await acme.transaction((store) => store.insertRetention({ ...defaultRetention, auditDays: 30 }))).toBe(false);
    const held = await Promise.all([1, 2, 3].map(() => acme.transaction((store) => store.holdSweep(0, START + DAY))));
    expect(held.filter(Boolean)).toHaveLength(1);
    expect(await storage.server.listDueSweeps(START, 9)).toEqual(['org_2']);
    clock.at = START + DAY;
    expect(await storage.server.listDueSweeps(clock.at, 9)).toEqual(['org_1', 'org_2']);
    await acme.transaction((store) => store.holdSweep(START + DAY, 7, { reducedTo: 'evt_1', sweptAt: 8 }));
    expect(await acme.read.findRetention()).toEqual({ ...defaultRetention, nextAt: 7, reducedTo: 'evt_1', sweptAt: 8 });
    await acme.transaction((store) => store.setDeletion(null, START + 7 * DAY));
    expect(await storage.server.listDueSweeps(clock.at, 9)).toEqual(['org_2']);
  });

  test('is changed by who has seen it as it is', async () => {
    const { acme } = await open(engine);
    const next = { auditDays: 31, signInDetailsDays: 8, removedDays: 32, revision: 1, updatedAt: 5, updatedBy: 'api-key:1' };
    expect(await acme.transaction((store) => store.saveRetention(next, 0))).toBe(false);
    await acme.transaction((store) => store.insertRetention(defaultRetention));
    expect(await acme.transaction((store) => store.saveRetention(next, 0))).toBe(true);
    expect(await acme.transaction((store) => store.saveRetention(next, 0))).toBe(false);
    expect(await acme.read.findRetention()).toEqual({ ...defaultRetention, ...next });
  });

  test('events are removed oldest first, a few at a time, up to a moment and of one organization only; one is reduced', async () => {
    const { storage, acme, clock } = await open(engine);
    const other = storage.organization('org_2');
    for (let n = 0; n < 5; n++) {
      clock.at = START + n * DAY;
      for (const each of [acme, other]) await each.transaction((store) => store.appendAuditEvent(event(n)));
    }
    const days = async (of: typeof acme) =>
      (await of.read.listAuditEvents({ order: 'oldest', limit: 9 })).map(({ details }) => details.n);
    expect(await acme.transaction((store) => store.removeAuditEvents(START + 3 * DAY, 2))).toBe(2);
    expect(await days(acme)).toEqual([2, 3, 4]);
    expect(await acme.transaction((store) => store.removeAuditEvents(START + 3 * DAY, 2))).toBe(1);
    expect(await acme.transaction((store) => store.removeAuditEvents(START + 3 * DAY, 2))).toBe(0);
    expect(await days(acme)).toEqual([3, 4]);
    expect(await days(other)).toEqual([0, 1, 2, 3, 4]);
    const [first] = await acme.read.listAuditEvents({ order: 'oldest', limit: 1 });
    const smaller = { id: first?.id ?? '', remoteAddress: '', details: { n: 3 } };
    await other.transaction((store) => store.reduceAuditEvent(smaller));
    expect(await acme.read.listAuditEvents({ order: 'oldest', limit: 1 })).toEqual([first]);
    await acme.transaction((store) => store.reduceAuditEvent(smaller));
    expect(await acme.read.listAuditEvents({ order: 'oldest', limit: 1 })).toEqual([{ ...first, ...smaller }]);
  });
});
