import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { enter, findLosses, type Ledger } from './ledger.ts';

/** More for a long run: `LATCHKEY_CRASH_ROUNDS=200 npx vitest run test/crash`. */
const rounds = Number(process.env.LATCHKEY_CRASH_ROUNDS ?? 5);
const callers = 64;
const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));

/** Lets the writer go on until it has given so many answers, kills it, and enters all that came out of it. */
const runAndKill = async (path: string, answers: number, ledger: Ledger): Promise<void> => {
  const child = spawn(process.execPath, [writer, path, String(callers), '0', '300'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let lines = 0;
  // To the end of the pipe: what was written before the kill was answered.
  for await (const line of createInterface({ input: child.stdout })) {
    enter(ledger, line);
    lines += 1;
    if (lines === answers) child.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
};

test(`kill -9 while ${callers} callers write, ${rounds} times: nothing answered is lost, nothing is half there`, {
  timeout: 60_000 + rounds * 10_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kill-'));
  const path = join(folder, 'latchkey.db');
  const ledger: Ledger = new Map();
  try {
    for (let round = 0; round < rounds; round += 1) {
      await runAndKill(path, 500 + ((round * 997) % 4000), ledger);
      expect(findLosses(path, ledger)).toEqual([]);
    }
    expect(ledger.size).toBe(callers);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
