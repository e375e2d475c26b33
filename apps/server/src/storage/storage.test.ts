import { describe, expect, test } from 'vitest';
import type { Session } from '../sign-in/session.ts';
import type { ServerStore } from './stores.ts';
import { engines, openTestStorage } from './test-engines.ts';

const code = (code: string) => expect.objectContaining({ name: 'StorageError', code });

describe.each(engines)('storage on %s', (engine) => {
  test('what a transaction wrote is read after it, and its value is handed back', async () => {
    const storage = await openTestStorage(engine);
    const value = await storage.serverTransaction(async (store) => {
      await store.saveFact('color', 'red');
      return store.findFact('color');
    });
    expect(value).toBe('red');
    expect(await storage.server.findFact('color')).toBe('red');
    await storage.check();
  });

  test('a transaction that throws leaves nothing behind and does not disturb those beside it', async () => {
    const storage = await openTestStorage(engine);
    const save = (name: string) =>
      storage.serverTransaction(async (store) => {
        await store.saveFact(name, 'saved');
        if (name === 'b') throw new RangeError('b is refused');
      });
    const results = await Promise.allSettled(['a', 'b', 'c'].map(save));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: new RangeError('b is refused') });
    expect(await Promise.all(['a', 'b', 'c'].map((name) => storage.server.findFact(name)))).toEqual([
      'saved',
      undefined,
      'saved',
    ]);
  });

  test('a read sees nothing of a transaction that has not committed', async () => {
    const storage = await openTestStorage(engine);
    await storage.serverTransaction(async (store) => {
      await store.saveFact('color', 'red');
      expect(await storage.server.findFact('color')).toBeUndefined();
    });
    expect(await storage.server.findFact('color')).toBe('red');
  });

  test('64 callers that read, add one and write lose no update', async () => {
    const storage = await openTestStorage(engine);
    const addOne = () =>
      storage.serverTransaction(async (store) => {
        const count = Number((await store.findFact('count')) ?? 0);
        await store.saveFact('count', String(count + 1));
      });
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (let i = 0; i < 20; i += 1) await addOne();
      }),
    );
    expect(await storage.server.findFact('count')).toBe(String(64 * 20));
  });

  test('a transaction of many statements lets timers and sockets have their turn', async () => {
    const storage = await openTestStorage(engine);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await storage.serverTransaction(async (store) => {
      for (let i = 0; i < 3000; i += 1) await store.saveFact(`fact-${i}`, 'x');
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test.each([
    ['a Date', new Date(0)],
    ['a boolean', true],
    ['an integer over 2^53', 2 ** 53],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['an object', { a: 1 }],
    ['text with NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud800'],
  ])('%s is refused and never stored as something else', async (_what, value) => {
    const storage = await openTestStorage(engine);
    // The types refuse it already; what comes by a cast must not get in.
    const save = (store: ServerStore) => store.saveFact('fact', value as string);
    await expect(storage.serverTransaction(save)).rejects.toEqual(code('value_invalid'));
    expect(await storage.server.findFact('fact')).toBeUndefined();
  });

  test('text comes back as it was: empty, astral, right-to-left, 1 MiB', async () => {
    const storage = await openTestStorage(engine);
    const texts = ['', '\u{1f511}', '\u05d0\u05d1 a', 'é'.repeat(2 ** 19)];
    for (const text of texts) {
      await storage.serverTransaction((store) => store.saveFact('text', text));
      expect(await storage.server.findFact('text')).toBe(text);
    }
  });

  test('a time of 2^53 - 1 comes back exactly', async () => {
    const storage = await openTestStorage(engine);
    const createdAt = Number.MAX_SAFE_INTEGER;
    const organization = storage.organization('org_1');
    await organization.transaction((store) => store.insertOrganization({ id: 'org_1', name: 'One', state: 'active', createdAt }));
    expect(await organization.read.readOrganization()).toMatchObject({ id: 'org_1', createdAt });
  });

  test('a key that exists is reported as such, and the rest of that transaction is refused', async () => {
    const storage = await openTestStorage(engine);
    const insert = storage.organization('org_1');
    const one = { id: 'org_1', name: 'One', state: 'active', createdAt: 1 } as const;
    await insert.transaction((store) => store.insertOrganization(one));
    await expect(insert.transaction((store) => store.insertOrganization(one))).rejects.toEqual(code('unique_violated'));
    // PostgreSQL aborts the transaction: catching the error does not save what was written before it.
    const swallow = insert.transaction(async (store) => {
      await store.setOrganizationState('suspended');
      await store.insertOrganization(one).catch(() => {});
    });
    await expect(swallow).rejects.toEqual(code('unique_violated'));
    const goOn = insert.transaction(async (store) => {
      await store.insertOrganization(one).catch(() => {});
      await store.setOrganizationState('suspended');
    });
    await expect(goOn).rejects.toEqual(code('transaction_failed'));
    expect(await insert.read.readOrganization()).toMatchObject(one);
  });

  test('what is asked in one go is answered each by itself, in that order', async () => {
    const storage = await openTestStorage(engine);
    const answers = await storage
      .organization('org_acme')
      .transaction((store) =>
        Promise.all([
          store.useOnce('nonce', 'a', 1),
          store.useOnce('nonce', 'a', 1),
          store.findUser('usr_none'),
          store.useOnce('nonce', 'b', 1),
          store.countUserDevices('j.doe@acme.com'),
        ]),
      );
    expect(answers).toEqual([true, false, undefined, true, 0]);
  });

  test('of what is asked in one go one fails: nothing is kept, whatever becomes of the error', async () => {
    const storage = await openTestStorage(engine);
    const organization = { id: 'org_acme', name: 'acme', state: 'active', createdAt: 1 } as const;
    await storage.organization('org_acme').transaction((store) => store.insertOrganization(organization));
    const failing = storage
      .organization('org_acme')
      .transaction((store) =>
        Promise.allSettled([
          store.useOnce('nonce', 'a', 1),
          store.insertOrganization(organization),
          store.useOnce('nonce', 'b', 1),
        ]),
      );
    await expect(failing).rejects.toEqual(code('unique_violated'));
    const use = (value: string) => storage.organization('org_acme').transaction((store) => store.useOnce('nonce', value, 1));
    expect([await use('a'), await use('b')]).toEqual([true, true]);
  });

  test('a write of which nobody hears fails its transaction, and is seen by what is asked after it', async () => {
    const storage = await openTestStorage(engine);
    const acme = storage.organization('org_acme');
    const organization = { id: 'org_acme', name: 'acme', state: 'active', createdAt: 1 } as const;
    await acme.transaction((store) => store.insertOrganization(organization));
    const session = (id: string): Session => ({
      id,
      deviceId: 'dev_1',
      userId: 'usr_1',
      idp: 'device',
      assertionId: '_a',
      sessionIndex: '',
      createdAt: 1,
      expiresAt: 2,
      endedAt: undefined,
    });
    const seen = await acme.transaction(async (store) => {
      await store.insertSession(session('ses_1'));
      return store.findSession('ses_1');
    });
    expect(seen?.id).toBe('ses_1');
    const twice = acme.transaction(async (store) => {
      await store.insertSession(session('ses_2'));
      await store.insertSession(session('ses_1')).catch(() => {});
    });
    await expect(twice).rejects.toEqual(code('unique_violated'));
    const refused = acme.transaction(async (store) => {
      await store.insertSession(session('ses_3'));
      throw new RangeError('no');
    });
    await expect(refused).rejects.toThrow('no');
    expect([await acme.read.findSession('ses_2'), await acme.read.findSession('ses_3')]).toEqual([undefined, undefined]);
  });

  test('a row that refers to none is reported as such', async () => {
    const storage = await openTestStorage(engine);
    const key = {
      id: 'key_1',
      purpose: 'token',
      privateKey: 'x',
      certificate: 'x',
      createdAt: 1,
      state: 'active',
      stateSince: 1,
    } as const;
    const orphan = storage.organization('org_none').transaction((store) => store.insertSigningKeys([key]));
    await expect(orphan).rejects.toEqual(code('reference_violated'));
  });

  test('a store is of no use after its transaction', async () => {
    const storage = await openTestStorage(engine);
    const kept = await storage.serverTransaction(async (store) => ({ store }));
    await storage.serverTransaction(async () => {
      await expect(kept.store.saveFact('color', 'red')).rejects.toEqual(code('transaction_ended'));
    });
    expect(await storage.server.findFact('color')).toBeUndefined();
  });

  test('nothing is written through the store for reading', async () => {
    const storage = await openTestStorage(engine);
    await expect(storage.server.saveFact('color', 'red')).rejects.toThrow(/read-?only/);
  });

  test('closing finishes what was begun; afterwards everything is refused', async () => {
    const storage = await openTestStorage(engine);
    const begun = storage.serverTransaction((store) => store.saveFact('color', 'red'));
    await Promise.all([storage.close(), storage.close(), begun]);
    await expect(storage.check()).rejects.toEqual(code('storage_down'));
    await expect(storage.server.findFact('color')).rejects.toEqual(code('storage_down'));
  });
});
