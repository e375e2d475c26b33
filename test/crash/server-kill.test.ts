import { describe, expect, test } from 'vitest';
import { noPostgres } from '../kit/postgres.ts';
import { killServer } from './server-ledger.ts';

/** `LATCHKEY_KILL_ROUNDS=200 npx vitest run test/crash/server-kill.test.ts` for the long run. */
const rounds = Number(process.env.LATCHKEY_KILL_ROUNDS ?? 5);

const engines = noPostgres() === undefined ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);

describe.each(engines)('on %s', (engine) => {
  test(`kill -9 of the server ${rounds} times during enrollments and sign-ins: nothing acknowledged is lost, nothing is doubled`, {
    timeout: 60_000 + rounds * 10_000,
  }, async () => {
    const report = await killServer({ rounds, workers: 16, engine });
    const { readyTimes, ...counts } = report;
    const at = (share: number): number => Math.round(readyTimes[Math.floor((readyTimes.length - 1) * share)] ?? 0);
    process.stdout.write(`${JSON.stringify({ engine, ...counts, readyMedian: at(0.5), readyMax: at(1) })}\n`);
    expect(report.violations).toEqual([]);
    expect(report.enrollments).toBeGreaterThan(0);
    expect(report.signIns).toBeGreaterThan(0);
  });
});
