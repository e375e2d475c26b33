import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStorage, type Storage, type StorageOptions } from './open.ts';

/** The engines every contract suite runs on: `describe.each(engines)`. */
export const engines = ['sqlite'] as const;
export type Engine = (typeof engines)[number];

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const urls: Readonly<Record<Engine, () => string>> = {
  sqlite: () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-storage-'));
    cleanups.push(async () => rmSync(folder, { recursive: true }));
    return `sqlite:${join(folder, 'latchkey.db')}`;
  },
};

/** A real database, empty, that lives until the test file ends. */
export const openTestStorage = async (engine: Engine, options: Partial<Omit<StorageOptions, 'url'>> = {}): Promise<Storage> => {
  const storage = await openStorage({ url: urls[engine](), now: Date.now, ...options });
  cleanups.unshift(() => storage.close());
  return storage;
};
