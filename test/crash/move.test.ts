import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../apps/server/src/ids.ts';
import { moveStorage } from '../../apps/server/src/storage/move.ts';
import { openStorage } from '../../apps/server/src/storage/open.ts';
import { createTestDatabase, engines } from '../../apps/server/src/storage/test-engines.ts';

/** `LATCHKEY_MOVE_ROWS=200000 npx vitest run test/crash/move.test.ts`: 100,000 users and as many devices. */
const rows = Number(process.env.LATCHKEY_MOVE_ROWS ?? 2000);
const code = (code: string) => expect.objectContaining({ name: 'StorageError', code });
const now = () => 1_800_000_000_000;

let folder: string;
let from: string;
let organizationId: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-move-'));
  from = join(folder, 'latchkey.db');
  const storage = await openStorage({ url: `sqlite:${from}`, now });
  organizationId = newId('org', now());
  await storage.serverTransaction((store) => store.saveFact('set_up_at', 'once'));
  await storage.organization(organizationId).transaction(async (store) => {
    await store.insertOrganization({
      id: organizationId,
      name: 'Ünïcode \u{1f511} "quoted" \\ back',
      state: 'active',
      createdAt: now(),
    });
    await store.insertVersion({ version: 1, document: {} as never, activatedAt: 1, activatedBy: 'x', comment: 'line\nbreak' });
  });
  const each = Math.floor(rows / 2);
  for (let start = 0; start < each; start += 1000) {
    await storage.organization(organizationId).transaction(async (store) => {
      for (let number = start; number < Math.min(start + 1000, each); number += 1) {
        const userName = `user${number}@acme.example`;
        const id = newId('usr', now());
        await store.insertUser({
          id,
          userName,
          displayName: `é ${number}`,
          state: 'active',
          source: 'api',
          createdAt: now(),
          updatedAt: now(),
        });
        await store.insertDevice({
          id: newId('dev', now()),
          jkt: randomBytes(32).toString('base64url'),
          publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
          userName,
          userId: number % 2 === 0 ? id : undefined,
          state: 'registered',
          stateReason: 'enrolled',
          evidence: 'E0',
          tokenId: 'tok_1',
          parameters: { hostName: `h${number}`, serial: `s${number}` },
          joinState: { counter: number, id: 'x' },
          previousJoinId: '',
          badProofs: 0,
          badProofsSince: 0,
          remoteAddress: '192.0.2.1',
          createdAt: now(),
          updatedAt: now(),
          lastSeenAt: now(),
        });
      }
    });
  }
  await storage.close();
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a move and kills it with SIGKILL once it has said so many lines; says how many rows it had moved. */
const killedMove = (to: string, lines: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const mover = fileURLToPath(new URL('./mover.ts', import.meta.url));
    const child = spawn(process.execPath, [mover, from, to, '50'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', () => resolve(said.split('\n').reduce((sum, line) => sum + Number(line.split(' ')[1] ?? 0), 0)));
  });

describe.skipIf(!engines.includes('postgres'))('latchkey move', () => {
  test(`${rows} users and devices: killed with SIGKILL again and again, each time it goes on, and the end is equal`, {
    timeout: 60_000 + rows * 10,
  }, async () => {
    const to = await createTestDatabase();
    const quarter = Math.floor(rows / 4 / 50);
    const parts = [await killedMove(to, quarter), await killedMove(to, quarter)];
    for (const part of parts) expect(part).toBeGreaterThan(0);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeLessThan(rows);
    let last = 0;
    const moved = await moveStorage({
      from,
      to,
      now,
      progress: (_table, count) => {
        last += count;
      },
    });
    // What the killed ones had moved was not moved again: at most the one batch that each had not told of.
    expect(last).toBeLessThan(rows);
    const counts = Object.fromEntries(moved.map((table) => [table.name, table.rows]));
    expect(counts).toMatchObject({
      organizations: 1,
      users: Math.floor(rows / 2),
      devices: Math.floor(rows / 2),
      server_facts: 1,
    });
    const storage = await openStorage({ url: to, now });
    const here = await openStorage({ url: `sqlite:${from}`, now });
    try {
      for (const each of [storage, here]) expect(await each.server.findFact('set_up_at')).toBe('once');
      const page = { limit: 100 };
      const [there, mine] = [storage.organization(organizationId).read, here.organization(organizationId).read];
      expect(await there.searchDevices(page)).toEqual(await mine.searchDevices(page));
      expect(await there.readOrganization()).toEqual(await mine.readOrganization());
    } finally {
      await storage.close();
      await here.close();
    }
  });

  test('it goes into an empty database only, and says when the source has changed since it was begun', {
    timeout: 60_000 + rows * 10,
  }, async () => {
    const to = await createTestDatabase();
    await killedMove(to, 8);
    const database = new DatabaseSync(from);
    database.exec(`update organizations set name = 'changed'`);
    database.close();
    await expect(moveStorage({ from, to, now })).rejects.toEqual(code('move_differs'));

    const used = await createTestDatabase();
    const storage = await openStorage({ url: used, now });
    await storage.serverTransaction((store) => store.saveFact('set_up_at', 'here'));
    await storage.close();
    await expect(moveStorage({ from, to: used, now })).rejects.toEqual(code('database_in_use'));
    await expect(moveStorage({ from: join(folder, 'none.db'), to: used, now })).rejects.toEqual(code('url_invalid'));
  });

  test('a source that a server has open is not moved', async () => {
    const storage = await openStorage({ url: `sqlite:${from}`, now });
    await expect(moveStorage({ from, to: await createTestDatabase(), now })).rejects.toEqual(code('database_in_use'));
    await storage.close();
  });
});
