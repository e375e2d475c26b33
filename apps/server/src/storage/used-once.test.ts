import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;

describe.each(engines)('what may be used once, on %s', (engine) => {
  let storage: Storage;
  const use = (value: string, kind: 'nonce' | 'jti' = 'nonce', organization = 'org_acme', until = NOW) =>
    storage.organization(organization).transaction((store) => store.useOnce(kind, value, until));

  beforeEach(async () => {
    storage = await openTestStorage(engine);
  });

  test('is new once, for each kind and organization', async () => {
    expect(await use('a')).toBe(true);
    expect(await use('a')).toBe(false);
    expect(await use('A')).toBe(true);
    expect(await use('a', 'jti')).toBe(true);
    expect(await use('a', 'nonce', 'org_other')).toBe(true);
  });

  test('is new for one of many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 32 }, () => use('a')));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test('is said of each of several things together', async () => {
    await use('b', 'jti');
    const together = () =>
      storage.organization('org_acme').transaction((store) =>
        store.useAllOnce([
          { kind: 'nonce', value: 'a', expiresAt: NOW },
          { kind: 'jti', value: 'b', expiresAt: NOW },
          { kind: 'request', value: 'b', expiresAt: NOW },
        ]),
      );
    expect(await together()).toEqual([true, false, true]);
    expect(await together()).toEqual([false, false, false]);
    expect(await use('a')).toBe(false);
  });

  test('is unused again if the transaction was rolled back', async () => {
    const failing = storage.organization('org_acme').transaction(async (store) => {
      await store.useOnce('nonce', 'a', NOW);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await use('a')).toBe(true);
  });

  test('is forgotten when its time has passed, by the sweep', async () => {
    await use('old', 'nonce', 'org_acme', NOW - 1);
    await use('young', 'nonce', 'org_acme', NOW);
    expect(await storage.serverTransaction((store) => store.sweepUsedOnce(NOW))).toBe(1);
    expect(await use('old')).toBe(true);
    expect(await use('young')).toBe(false);
  });
});
