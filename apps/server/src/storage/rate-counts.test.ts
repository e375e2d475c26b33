import { describe, expect, test } from 'vitest';
import { engines, openTestStorage } from './test-engines.ts';

type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const mapsOf = (counts: Counts) =>
  new Map(Object.entries(counts).map(([limiter, of]) => [limiter, new Map(Object.entries(of))] as const));

describe.each(engines)('rate counts on %s', (engine) => {
  test('what several nodes add is summed by limiter, minute and name', async () => {
    const storage = await openTestStorage(engine);
    const add = (minute: number, counts: Counts) =>
      storage.serverTransaction((store) => store.addRateCounts(minute, mapsOf(counts)));
    expect(await add(1, { user: { a: 2, b: 1 } })).toEqual(mapsOf({ user: { a: 2, b: 1 } }));
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => add(1, index % 2 === 0 ? { user: { a: 1, b: 1 } } : { user: { b: 1, a: 1 } })),
    );
    expect(await add(1, { user: { a: 1 }, device: { a: 1 } })).toEqual(mapsOf({ user: { a: 11 }, device: { a: 1 } }));
    expect(await add(2, { user: { a: 1 } })).toEqual(mapsOf({ user: { a: 1 } }));
    expect(await add(1, {})).toEqual(mapsOf({}));
    expect(await add(1, { device: {} })).toEqual(mapsOf({}));

    const list = storage.server.listRateCounts;
    expect(await list(1, 9)).toEqual(mapsOf({ user: { a: 11, b: 9 }, device: { a: 1 } }));
    expect(await list(1, 1)).toEqual(mapsOf({ user: { a: 11 }, device: { a: 1 } }));
    expect(await list(3, 9)).toEqual(mapsOf({}));

    await storage.serverTransaction((store) => store.sweepRateCounts(2));
    expect(await list(1, 9)).toEqual(mapsOf({}));
    expect(await add(2, { user: { a: 1 } })).toEqual(mapsOf({ user: { a: 2 } }));
  });
});
