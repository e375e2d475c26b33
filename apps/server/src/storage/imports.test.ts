import { Readable } from 'node:stream';
import { defaultLimits } from '@latchkey/directory';
import { beforeEach, describe, expect, test } from 'vitest';
import { applyImport, cancelImport } from '../directory/decide-import.ts';
import { runImports } from '../directory/run-imports.ts';
import { uploadImport } from '../directory/upload-import.ts';
import type { Position } from '../found.ts';
import { newId } from '../ids.ts';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;
const act = { actor: 'api-key:1', remoteAddress: '', correlationId: 'cor_1' };

describe.each(engines)('imports on %s', (engine) => {
  let storage: Storage;
  let at: number;
  const acme = () => storage.organization('org_acme');
  const needs = () => ({ storage, limits: defaultLimits, newId, randomId: () => newId('node'), now: () => at });
  const where = { organizationId: 'org_acme' };
  const upload = async (text: string): Promise<string> => {
    const body = Readable.from([Buffer.from(text)]);
    const { id } = await uploadImport(needs(), act, { ...where, fileName: 'users.csv', existing: 'override', body });
    await runImports(needs());
    return id;
  };
  const lines = (count: number): string =>
    `userName,displayName,department,groups\n${Array.from({ length: count }, (_, n) => `u${n}@acme.com,Ünal ${n},Sales,Staff`).join('\n')}`;
  const totals = async () => ({
    users: (await acme().read.totalUsers({})).total,
    groups: (await acme().read.groups.total({})).total,
  });

  beforeEach(async () => {
    storage = await openTestStorage(engine);
    at = NOW;
    await acme().transaction(async (store) => {
      await store.insertOrganization({ id: 'org_acme', name: 'acme', state: 'active', createdAt: NOW });
      await store.insertDomain({ id: 'dom_1', name: 'acme.com', proof: 'granted', createdAt: NOW });
    });
  });

  test('an import comes back as inserted, and is saved only by whom it belongs to', async () => {
    const id = await upload(lines(3));
    const job = await acme().read.findImport(id);
    if (job === undefined) throw new Error('it was just made');
    expect(job).toMatchObject({ state: 'ready', rows: 3, counts: { add: 3 }, newSets: [{ name: 'Staff' }, { name: 'Sales' }] });
    expect(await acme().read.listImports({ limit: 9 })).toEqual([job]);
    expect(await storage.organization('org_other').read.findImport(id)).toBeUndefined();
    const save = (lease: string) =>
      acme().transaction((store) => store.saveImport({ ...job, done: 1 }, { state: 'ready', lease }));
    expect(await save('somebody else')).toBe(false);
    expect(await save(job.lease)).toBe(true);
  });

  test('few lines are found among thousands, in the order of user names, a page at a time', async () => {
    const count = 4500;
    const wanted = ['name0000', 'name2100', 'name4400'];
    const made = Array.from({ length: count }, (_, n) => {
      const userNameKey = `name${String(count - 1 - n).padStart(4, '0')}`;
      const change = wanted.includes(userNameKey) ? ('add' as const) : ('none' as const);
      return { line: n + 2, userNameKey, row: undefined, change, problems: [] };
    });
    for (let at = 0; at < count; at += 500) {
      await acme().transaction((store) => store.insertLines('imp_1', made.slice(at, at + 500)));
    }
    const search = (after?: Position) =>
      acme().read.searchLines('imp_1', { changes: ['add', 'modify'], limit: 2, ...(after === undefined ? {} : { after }) });
    const first = await search();
    const second = await search(first.next);
    const names = [...first.items, ...second.items].map(({ userNameKey }) => userNameKey);
    expect(names).toEqual(wanted);
    expect([first.items.length, second.next]).toEqual([2, undefined]);
  });

  test('it is applied whole; again it changes nothing; a page of it is found by its group and display name', async () => {
    const id = await upload(lines(230));
    await applyImport(needs(), act, { ...where, importId: id, skipErrors: false });
    await runImports(needs());
    expect(await acme().read.findImport(id)).toMatchObject({ state: 'applied', counts: { add: 230, skipped: 0 } });
    expect(await totals()).toEqual({ users: 230, groups: 1 });
    const group = await acme().read.groups.findByName('staff');
    const found = await acme().read.searchUsers({ q: 'ÜNAL 22', groupId: group?.id ?? '', limit: 99 });
    expect(found.items).toHaveLength(11);
    const again = await acme().read.findImport(await upload(lines(230)));
    expect(again?.counts).toMatchObject({ none: 230, add: 0, modify: 0 });
  });

  test('cancelled half-way it leaves nothing, and nobody has seen any of it', async () => {
    const id = await upload(lines(450));
    await applyImport(needs(), act, { ...where, importId: id, skipErrors: false });
    let steps = 0;
    await runImports(needs(), () => ++steps > (engine === 'sqlite' ? 3 : 2));
    expect(await acme().read.findImport(id)).toMatchObject({ state: 'preparing', done: engine === 'sqlite' ? 150 : 400 });
    expect(await totals()).toEqual({ users: 0, groups: 0 });
    expect((await acme().read.findPresent(['u0@acme.com'])).length).toBe(1);
    expect(await acme().read.findUserByName('u0@acme.com')).toBeUndefined();
    await cancelImport(needs(), act, { ...where, importId: id });
    await runImports(needs());
    expect(await acme().read.findImport(id)).toMatchObject({ state: 'cancelled' });
    expect(await acme().read.findPresent(['u0@acme.com'])).toEqual([]);
    expect(await totals()).toEqual({ users: 0, groups: 0 });
  });

  test('of two nodes that take it up one works on it', async () => {
    const id = await upload(lines(230));
    await applyImport(needs(), act, { ...where, importId: id, skipErrors: false });
    await Promise.all([runImports(needs()), runImports(needs()), runImports(needs())]);
    expect(await acme().read.findImport(id)).toMatchObject({ state: 'applied' });
    const { items } = await acme().read.searchAuditEvents({ action: 'user.created', order: 'oldest', limit: 999 });
    expect(items).toHaveLength(230);
  });

  test('what was made meanwhile comes first: it is changed, or left alone, as for any who is there', async () => {
    const id = await upload(lines(2));
    await applyImport(needs(), act, { ...where, importId: id, skipErrors: false });
    let steps = 0;
    await runImports(needs(), () => ++steps > 1);
    const times = { createdAt: NOW, updatedAt: NOW };
    const user = {
      id: 'usr_x',
      userName: 'U0@acme.com',
      displayName: 'X',
      state: 'active',
      source: 'scim:entra',
      ...times,
    } as const;
    expect(await acme().transaction((store) => store.insertUser(user))).toBe(true);
    at += 60_000;
    await runImports(needs());
    expect(await acme().read.findImport(id)).toMatchObject({ state: 'applied', counts: { skipped: 1 } });
    expect(await acme().read.findUserByName('u0@acme.com')).toMatchObject({ id: 'usr_x', displayName: 'X' });
    expect(await totals()).toEqual({ users: 2, groups: 1 });
  });
});
