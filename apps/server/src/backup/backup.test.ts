import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { masterKey } from '../keys/master-key.ts';
import { randomText } from '../random-text.ts';
import { openStorage } from '../storage/open.ts';
import { adoptDatabase, copyDatabase } from '../storage/sqlite/copy-database.ts';
import { backUp, backUpOnce } from './back-up.ts';
import { restore } from './restore.ts';

const root = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
afterAll(() => rmSync(root, { recursive: true }));
const { mac } = masterKey(Buffer.alloc(32, 1));
const now = () => Date.UTC(2026, 10, 22);

let number = 0;
let home: string;
beforeEach(() => {
  number += 1;
  home = join(root, String(number));
  for (const folder of ['data', 'new']) mkdirSync(join(home, folder), { recursive: true });
});
const needs = () => ({
  copyDatabase: (target: string) => copyDatabase(join(home, 'data', 'latchkey.db'), target),
  workFolder: join(home, 'data'),
  mac,
  version: '0.1.0',
  randomText,
  now,
});
const restored = () => join(home, 'new', 'latchkey.db');
const restoreHere = (key = mac) =>
  restore({ mac: key, adoptDatabase }, { folder: join(home, 'backup'), databaseFile: restored() });

/** A backup of a database that is open and has something in it. */
const makeBackup = async () => {
  const storage = await openStorage({ url: `sqlite:${join(home, 'data', 'latchkey.db')}`, now });
  await storage.serverTransaction((store) => store.saveFact('favourite', 'tea'));
  const manifest = await backUp(needs(), join(home, 'backup'));
  await storage.serverTransaction((store) => store.saveFact('favourite', 'coffee'));
  await storage.close();
  return manifest;
};

test('what is restored is what was there when the backup was taken, and a server opens it', async () => {
  const manifest = await makeBackup();
  expect(manifest.about.rows.server_facts).toBe(1);
  expect(await restoreHere()).toEqual(manifest.about);
  const storage = await openStorage({ url: `sqlite:${restored()}`, now });
  expect(await storage.server.findFact('favourite')).toBe('tea');
  await storage.close();
});

test('nothing of a backup can be read without the master key, and only its owner can read the files', async () => {
  await makeBackup();
  for (const name of readdirSync(join(home, 'backup'))) {
    const file = join(home, 'backup', name);
    expect(readFileSync(file).includes('favourite')).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  await expect(restoreHere(masterKey(Buffer.alloc(32, 2)).mac)).rejects.toThrow('The master key is not the one');
  expect(existsSync(restored())).toBe(false);
});

test.each([
  ['one octet of the database', () => 'database.sealed', (bytes: Buffer) => bytes.fill(bytes.readUInt8(5000) ^ 1, 5000, 5001)],
  ['the end of the database', () => 'database.sealed', (bytes: Buffer) => bytes.subarray(0, -4096)],
  [
    'a count of the manifest',
    () => 'backup.json',
    (bytes: Buffer) => Buffer.from(bytes.toString().replace('"server_facts": 1', '"server_facts": 0')),
  ],
  [
    'the time of the manifest',
    () => 'backup.json',
    (bytes: Buffer) => Buffer.from(bytes.toString().replace('2026-11-22', '2026-11-21')),
  ],
])(
  'a backup in which %s was changed is refused, and nothing is left at the place of the database',
  async (_name, file, change) => {
    await makeBackup();
    const path = join(home, 'backup', file());
    writeFileSync(path, change(readFileSync(path)));
    await expect(restoreHere()).rejects.toThrow('damaged or not of this backup');
    expect(readdirSync(join(home, 'new'))).toEqual([]);
  },
);

test('a folder without a manifest is no whole backup', async () => {
  await makeBackup();
  rmSync(join(home, 'backup', 'backup.json'));
  await expect(restoreHere()).rejects.toThrow('holds no whole backup');
});

test('neither a backup nor a database is overwritten', async () => {
  await makeBackup();
  await expect(backUp(needs(), join(home, 'backup'))).rejects.toThrow('is not empty');
  await restoreHere();
  await expect(restoreHere()).rejects.toThrow('is there already');
});

test('the plain copy is gone when the backup is done, and so is a backup that was handed on', async () => {
  await makeBackup();
  const backup = await backUpOnce(needs());
  backup.discard();
  expect(readdirSync(join(home, 'data')).filter((name) => name.startsWith('backup-'))).toEqual([]);
});
