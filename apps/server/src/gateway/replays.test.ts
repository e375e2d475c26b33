import { describe, expect, test } from 'vitest';
import { engines, openTestStorage } from '../storage/test-engines.ts';
import { openReplays } from './replays.ts';

const LIFETIME = 60_000;

describe.each(engines)('proofs are used once, on %s', (engine) => {
  const open = async (nodes: 'one' | 'many') => {
    const clock = { at: 1_763_800_000_000 };
    const now = () => clock.at;
    const storage = await openTestStorage(engine, { now });
    await storage
      .organization('org_acme')
      .transaction((store) => store.insertOrganization({ id: 'org_acme', name: 'acme', state: 'active', createdAt: now() }));
    let ids = 0;
    const node = () =>
      openReplays({ storage: { ...storage, nodes }, randomId: () => `process-${++ids}`, lifetime: LIFETIME, now });
    return { clock, node };
  };

  test('by one process, for as long as a nonce lasts', async () => {
    const { clock, node } = await open('one');
    const replays = node();
    expect(await replays.useOnce('org_acme', 'a', 0)).toBe(true);
    clock.at += LIFETIME - 1;
    expect(await replays.useOnce('org_acme', 'a', 0)).toBe(false);
    expect(await replays.useOnce('org_acme', 'b', 0)).toBe(true);
    expect(await replays.useOnce('org_other', 'a', 0)).toBe(true);
    for (let step = 0; step < 4; step++) {
      clock.at += LIFETIME / 4;
      expect(await replays.useOnce('org_acme', 'b', 0)).toBe(false);
    }
    clock.at += 2 * LIFETIME;
    await replays.useOnce('org_acme', 'c', 0);
    clock.at += LIFETIME;
    await replays.useOnce('org_acme', 'd', 0);
    // Its nonce has ended long since; memory is given back.
    expect(await replays.useOnce('org_acme', 'a', 0)).toBe(true);
  });

  test('a process that has forgotten takes no nonce of before', async () => {
    const { node } = await open('one');
    expect(node().scope).not.toBe(node().scope);
  });

  test('by all nodes together', async () => {
    const { clock, node } = await open('many');
    const [first, second] = [node(), node()];
    expect(first.scope).toBe(second.scope);
    expect(await first.useOnce('org_acme', 'a', clock.at + LIFETIME)).toBe(true);
    expect(await second.useOnce('org_acme', 'a', clock.at + LIFETIME)).toBe(false);
  });

  test('however many come at the same time, to whichever node', async () => {
    const { clock, node } = await open('many');
    const nodes = [node(), node()];
    const answers = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const value = `proof-${index % 10}`;
        const isNew = await nodes[index % 3 === 0 ? 0 : 1]?.useOnce('org_acme', value, clock.at + LIFETIME);
        return isNew === true ? [value] : [];
      }),
    );
    expect(answers.flat().toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `proof-${index}`));
  });

  test('a store that fails is no yes, and is asked again', async () => {
    const { clock } = await open('many');
    const storage = await openTestStorage(engine);
    const organization = { id: 'org_acme', name: 'acme', state: 'active', createdAt: clock.at } as const;
    await storage.organization('org_acme').transaction((store) => store.insertOrganization(organization));
    let isDown = true;
    const failing = {
      ...storage,
      nodes: 'many' as const,
      organization: (id: string) => ({
        ...storage.organization(id),
        transaction: <T>(work: Parameters<ReturnType<typeof storage.organization>['transaction']>[0]) =>
          isDown ? Promise.reject(new Error('down')) : (storage.organization(id).transaction(work) as Promise<T>), // T is its result
      }),
    };
    const replays = openReplays({ storage: failing, randomId: () => '', lifetime: LIFETIME, now: () => clock.at });
    const first = await Promise.allSettled(['a', 'b'].map((value) => replays.useOnce('org_acme', value, clock.at + LIFETIME)));
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await replays.useOnce('org_acme', 'a', clock.at + LIFETIME)).toBe(true);
  });
});
