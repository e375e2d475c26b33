import { beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from './open.ts';
import { engines, openTestStorage } from './test-engines.ts';

const NOW = 1_763_800_000_000;
const name = { apiKeyId: 'key_1', operation: 'POST /api/v1/x', idempotencyKey: 'one' };
const request = { ...name, fingerprint: 'hash', expiresAt: NOW + 10 };

describe.each(engines)('repeatable requests on %s', (engine) => {
  let storage: Storage;
  const begin = (at: number, change: Partial<typeof request> = {}) =>
    storage.serverTransaction((store) => store.beginRequest({ ...request, ...change }, at));

  beforeEach(async () => {
    storage = await openTestStorage(engine);
  });

  test('of several at once one is the first, until it has expired', async () => {
    expect((await Promise.all([begin(NOW), begin(NOW), begin(NOW)])).filter(Boolean)).toHaveLength(1);
    expect(await begin(NOW + 9)).toBe(false);
    expect(await begin(NOW + 10, { expiresAt: NOW + 20 })).toBe(true);
  });

  test('another key, another operation or another name is another request', async () => {
    await begin(NOW);
    expect(await begin(NOW, { apiKeyId: 'key_2' })).toBe(true);
    expect(await begin(NOW, { operation: 'POST /api/v1/y' })).toBe(true);
    expect(await begin(NOW, { idempotencyKey: 'One' })).toBe(true);
  });

  test('it has an answer when it is finished, and is gone when it is forgotten or swept', async () => {
    await begin(NOW);
    expect(await storage.server.findRequest(name)).toEqual({ ...request, answer: undefined });
    await storage.serverTransaction((store) => store.finishRequest(name, { status: 201, sealed: 'sealed' }));
    expect(await storage.server.findRequest(name)).toEqual({ ...request, answer: { status: 201, sealed: 'sealed' } });
    await storage.serverTransaction((store) => store.sweepRequests(NOW + 9));
    expect(await storage.server.findRequest(name)).toBeDefined();
    await storage.serverTransaction((store) => store.sweepRequests(NOW + 10));
    expect(await storage.server.findRequest(name)).toBeUndefined();
    await begin(NOW);
    await storage.serverTransaction((store) => store.forgetRequest(name));
    expect(await begin(NOW)).toBe(true);
  });
});
