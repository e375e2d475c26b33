import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enter, findLosses, type Ledger, rowName } from './ledger.ts';
import { type Fate, losePower } from './power-loss.ts';
import { canTrace, type SystemCall, traceProgram } from './system-calls.ts';

const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));
const callers = 8;
const each = 30;
const walPages = 12;

/** Reproducible randomness (mulberry32). */
const random = (seed: number) => (): number => {
  let t = Math.imul(seed++ ^ 0x9e3779b9, 0x85ebca6b) + 0x6d2b79f5;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

/** What may have become of unsynced writes. */
const fates = (seed: number): Readonly<Record<string, Fate>> => {
  const next = random(seed);
  const some = Math.floor(next() * 40);
  const chances = Array.from({ length: 500 }, next);
  return {
    'all lost': () => false,
    'all kept': () => true,
    'the newer lost': (write) => write < some,
    'the older lost': (write) => write >= some,
    'writes lost': (write) => (chances[write % chances.length] ?? 0) < 0.5,
    'sectors lost': () => next() < 0.5,
  };
};

describe.skipIf(!canTrace())('power loss, from the system calls of a writer (needs strace)', () => {
  let folder: string;
  let data: string;
  let calls: readonly SystemCall[];
  let ready: number;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-power-'));
    data = join(folder, 'data');
    const program = [process.execPath, writer, join(data, 'latchkey.db'), callers, each, walPages].map(String);
    calls = traceProgram(join(folder, 'log'), data, program);
    ready = calls.find((call) => call.kind === 'line' && call.text === 'ready')?.end ?? Number.POSITIVE_INFINITY;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const isWal = (call: SystemCall): boolean => 'path' in call && call.path.endsWith('-wal');
  const isSync = (call: SystemCall): boolean => call.kind === 'fsync' || call.kind === 'fdatasync';
  const restarts = () => calls.filter((call) => call.kind === 'write' && isWal(call) && call.offset === 0 && call.begin > ready);

  /** Where the power is lost: at answers, around the WAL being started over, and anywhere. */
  const cuts = (): readonly number[] => {
    const next = random(1);
    const lines = calls.filter((call) => call.kind === 'line' && call.end >= ready).map(({ end }) => end);
    const last = calls.at(-1)?.end ?? 0;
    return [
      ...lines.filter(() => next() < 0.05),
      ...restarts().flatMap(({ begin, end }) => [begin, end, end + 3, end + 6, end + 12, end + 25, end + 50]),
      ...Array.from({ length: 30 }, () => ready + Math.floor(next() * (last - ready))),
    ].filter((cut) => cut <= last);
  };

  function* losses(trace: readonly SystemCall[]): Generator<string> {
    const target = join(folder, 'after');
    for (const cut of cuts()) {
      const ledger: Ledger = new Map(Array.from({ length: callers }, (_, caller) => [caller, 0]));
      // An answer counts from when it began to leave.
      for (const call of trace) if (call.kind === 'line' && call.begin <= cut) enter(ledger, call.text);
      for (const [name, fate] of Object.entries(fates(cut))) {
        losePower(trace, cut, data, target, fate);
        for (const loss of findLosses(join(target, 'latchkey.db'), ledger)) yield `${name} at ${cut}: ${loss}`;
      }
    }
  }

  test('the writer wrote everything, and started its WAL over several times', () => {
    expect(calls.filter((call) => call.kind === 'line' && call.text.startsWith('written'))).toHaveLength(callers * each);
    expect(restarts().length).toBeGreaterThan(3);
  });

  test('no fsync runs on the thread that answers', () => {
    const main = calls.find((call) => call.kind === 'line')?.thread;
    expect(calls.filter((call) => isSync(call) && call.thread === main && call.begin > ready)).toEqual([]);
    expect(calls.filter((call) => call.kind === 'fdatasync' && call.begin > ready).length).toBeGreaterThan(10);
  });

  test('each answer left after an fdatasync that began after the commit was written', () => {
    const writes = calls.filter((call) => call.kind === 'write').filter(isWal);
    for (const call of calls) {
      if (call.kind !== 'line' || !call.text.startsWith('written')) continue;
      const [, caller, count] = call.text.split(' ');
      const row = Buffer.from(rowName(Number(caller), Number(count)));
      const first = writes.findIndex((write) => write.bytes.includes(row));
      // The frame whose header tells the size of the database ends a transaction; its page follows it (fileformat2 §4.1).
      const commit = writes.findIndex((write, at) => at > first && write.bytes.length === 24 && write.bytes.readUInt32BE(4) > 0);
      // The row's own frame may be the last one.
      const own = writes[first - 1]?.bytes.readUInt32BE(4) === 0 ? commit + 1 : first;
      const written = writes[own]?.end ?? Number.POSITIVE_INFINITY;
      const covered = calls.some((sync) => isSync(sync) && isWal(sync) && sync.begin > written && sync.end < call.begin);
      expect(covered, `${call.text} left before its sync`).toBe(true);
    }
  });

  test('whatever unsynced writes are lost, what was answered or read is there and the database is whole', {
    timeout: 300_000,
  }, () => {
    expect(cuts().length).toBeGreaterThan(50);
    expect([...losses(calls)]).toEqual([]);
  });

  test('the simulation notices answers that are not synced', { timeout: 300_000 }, () => {
    const [loss] = losses(calls.filter((call) => call.kind !== 'fdatasync'));
    expect(loss).toContain('was answered');
  });

  test('the simulation notices a WAL whose new header is not synced (SQLite ticket ff5be73dee)', { timeout: 300_000 }, () => {
    const [loss] = losses(calls.filter((call) => !(call.kind === 'fsync' && isWal(call) && call.begin > ready)));
    expect(loss).toBeDefined();
  });
});
