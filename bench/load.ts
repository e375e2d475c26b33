import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Send } from '../test/kit/device.ts';

/** Of one clock tick of /proc (USER_HZ is 100 on every Linux). */
const TICK_SECONDS = 0.01;

export const statOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');

/** Seconds of CPU a process has used, all threads; `ended`: with those of its children that have ended. */
export const cpuSeconds = (pid: number, ended = false): number => {
  const fields = statOf(pid);
  const used = ended ? [11, 12, 13, 14] : [11, 12];
  return used.reduce((sum, field) => sum + Number(fields[field]), 0) * TICK_SECONDS;
};

/** Sends over kept connections: opening one each time would measure the kernel. */
export const keptConnections = (): Send => {
  const agent = new Agent({ keepAlive: true });
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const received = Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(received),
            body: Buffer.concat(chunks).toString(),
          });
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
};

export interface Load {
  readonly completed: number;
  readonly errors: number;
  readonly cpu: number;
  /** Seconds. */
  readonly wall: number;
  /** Milliseconds, ascending. */
  readonly times: readonly number[];
}

/** Lets `workers` do `work` again and again until the time is over. It says whether that went well. */
export const load = async (
  cpuUsed: () => number,
  workers: number,
  seconds: number,
  work: (worker: number) => Promise<boolean>,
): Promise<Load> => {
  const times: number[] = [];
  let errors = 0;
  const cpu = cpuUsed();
  const started = performance.now();
  const end = started + seconds * 1000;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() < end) {
        const from = performance.now();
        if (await work(worker)) times.push(performance.now() - from);
        else errors++;
      }
    }),
  );
  return {
    completed: times.length,
    errors,
    cpu: cpuUsed() - cpu,
    wall: (performance.now() - started) / 1000,
    times: times.sort((a, b) => a - b),
  };
};

/** Milliseconds below which this share of the times lies; they are ascending. */
export const percentile = (times: readonly number[], share: number): number =>
  Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10;
