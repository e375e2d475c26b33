import { describe, expect, test } from 'vitest';
import { engines, openTestStorage } from './test-engines.ts';

describe.each(engines)('rate counts on %s', (engine) => {
  test('what several nodes add is summed by limiter, minute and name', async () => {
    const storage = await openTestStorage(engine);
    const add = (limiter: string, minute: number, counts: Readonly<Record<string, number>>) =>
      storage.serverTransaction((store) => store.addRateCounts(limiter, minute, new Map(Object.entries(counts))));
    expect(await add('user', 1, { a: 2, b: 1 })).toEqual(new Map(Object.entries({ a: 2, b: 1 })));
    await Promise.all(Array.from({ length: 8 }, (_, index) => add('user', 1, index % 2 === 0 ? { a: 1, b: 1 } : { b: 1, a: 1 })));
    expect(await add('user', 1, { a: 1 })).toEqual(new Map([['a', 11]]));
    expect(await add('user', 2, { a: 1 })).toEqual(new Map([['a', 1]]));
    expect(await add('device', 1, { a: 1 })).toEqual(new Map([['a', 1]]));
    expect(await add('device', 1, {})).toEqual(new Map());
    await storage.serverTransaction((store) => store.sweepRateCounts(2));
    expect(await add('user', 1, { a: 1 })).toEqual(new Map([['a', 1]]));
    expect(await add('user', 2, { a: 1 })).toEqual(new Map([['a', 2]]));
  });
});
