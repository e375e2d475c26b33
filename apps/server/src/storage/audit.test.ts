import type { NewAuditEvent } from '@latchkey/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditCut, AuditFilter } from '../audit/store.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

let now = 1_763_800_000_000;

const event = (change: Partial<NewAuditEvent> = {}): NewAuditEvent => ({
  actor: 'api-key:key_1',
  action: 'user.created',
  outcome: 'success',
  reason: '',
  subject: 'user:usr_1',
  remoteAddress: '192.0.2.1',
  correlationId: 'cor_1',
  details: { after: { userName: 'zoë@acme.com' }, count: 1, none: null },
  ...change,
});

describe.each(engines)('the audit on %s', (engine) => {
  let storage: Storage;
  const acme = () => storage.organization('org_acme');
  const other = () => storage.organization('org_other');
  const append = (change: Partial<NewAuditEvent> = {}) => acme().transaction((store) => store.appendAuditEvent(event(change)));
  const list = (filter: AuditFilter & Partial<AuditCut> = {}) =>
    acme()
      .read.searchAuditEvents({ order: 'oldest', limit: 100, ...filter })
      .then(({ items }) => items);

  beforeEach(async () => {
    storage = await openTestStorage(engine, { now: () => now });
    for (const id of ['org_acme', 'org_other']) {
      await storage
        .organization(id)
        .transaction((store) => store.insertOrganization({ id, name: id, state: 'active', createdAt: now }));
    }
  });

  test('an event comes back as it was written, with an id and the time', async () => {
    await append();
    expect(await list()).toEqual([{ ...event(), id: expect.stringMatching(/^evt_[0-9a-f]{32}$/), at: now }]);
  });

  test('each organization has its own, and so have the operators', async () => {
    await append();
    await storage.serverTransaction((store) => store.appendAuditEvent(event({ action: 'server.set_up' })));
    expect((await other().read.searchAuditEvents({ order: 'oldest', limit: 9 })).items).toEqual([]);
    expect((await list()).map(({ action }) => action)).toEqual(['user.created']);
    const { items: operators } = await storage.server.searchAuditEvents({ order: 'newest', limit: 9 });
    expect(operators.map(({ action }) => action)).toEqual(['server.set_up']);
  });

  test('what a transaction undoes was never audited', async () => {
    const failed = acme().transaction(async (store) => {
      await store.appendAuditEvent(event());
      throw new Error('undo');
    });
    await expect(failed).rejects.toThrow('undo');
    expect(await list()).toEqual([]);
  });

  test('is in the order it was written in, and paged both ways', async () => {
    for (const action of ['a', 'b', 'c', 'd']) await append({ action });
    expect((await list()).map(({ action }) => action)).toEqual(['a', 'b', 'c', 'd']);
    const newest = await list({ order: 'newest', limit: 2 });
    expect(newest.map(({ action }) => action)).toEqual(['d', 'c']);
    expect((await list({ order: 'newest', limit: 9, after: newest.at(-1)?.id ?? '' })).map(({ action }) => action)).toEqual([
      'b',
      'a',
    ]);
    expect((await list({ after: newest.at(-1)?.id ?? '' })).map(({ action }) => action)).toEqual(['d']);
  });

  test.each<readonly [string, Partial<AuditFilter>, readonly string[]]>([
    ['action', { action: 'device.enrolled' }, ['2']],
    ['outcome', { outcome: 'refused' }, ['3']],
    ['actor', { actor: 'device:dev_1' }, ['2', '3']],
    ['subject', { subject: 'user:usr_1' }, ['1']],
    ['correlation', { correlationId: 'cor_3' }, ['3']],
    ['two of them', { actor: 'device:dev_1', outcome: 'success' }, ['2']],
    ['none that there is', { subject: 'user:' }, []],
  ])('is filtered by %s', async (_, filter, expected) => {
    await append({ details: { n: '1' } });
    await append({ action: 'device.enrolled', actor: 'device:dev_1', subject: 'device:dev_1', details: { n: '2' } });
    await append({
      action: 'sign_in.refused',
      outcome: 'refused',
      reason: 'user_disabled',
      actor: 'device:dev_1',
      subject: 'x',
      correlationId: 'cor_3',
      details: { n: '3' },
    });
    expect((await list(filter)).map(({ details }) => details.n)).toEqual(expected);
  });

  test('is filtered by time: from a moment, until before one', async () => {
    const first = now;
    for (const action of ['a', 'b', 'c']) {
      await append({ action });
      now += 1000;
    }
    expect((await list({ from: first + 1000 })).map(({ action }) => action)).toEqual(['b', 'c']);
    expect((await list({ until: first + 1000 })).map(({ action }) => action)).toEqual(['a']);
  });
});
