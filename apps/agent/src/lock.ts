import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError } from './errors.ts';

/** Field 22 of proc(5) stat: with it a reused process id is not taken for the old process. */
const startTime = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

const isAlive = (holder: string): boolean => {
  const [pid, started] = holder.trim().split(' ');
  if (pid === undefined || !/^\d+$/.test(pid)) return false;
  const running = startTime(Number(pid));
  if (running !== undefined) return started === undefined || started === running;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const readHolder = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Appears whole or not at all: the file is written aside and linked into place. */
const tryLock = (path: string, aside: string): boolean => {
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/** Puts the lock of a dead process away. A live one that slipped in between is put back. */
const clearStale = (path: string, stale: string, grave: string): void => {
  try {
    renameSync(path, grave);
  } catch {
    return;
  }
  if (readHolder(grave) !== stale) tryLock(path, grave);
  rmSync(grave, { force: true });
};

let locks = 0;

/**
 * Runs `work` while no other process works on the same state: two of them with one join state would look like a clone.
 * `name` is 'state' for one operation, 'run' for the daemon's whole life.
 */
export const withLock = async <T>(
  { stateDir, name, patience }: { readonly stateDir: string; readonly name: 'state' | 'run'; readonly patience: number },
  work: () => Promise<T>,
): Promise<T> => {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  locks += 1;
  const path = join(stateDir, `${name}.lock`);
  const aside = `${path}.${process.pid}.${locks}`;
  writeFileSync(aside, `${process.pid} ${startTime(process.pid) ?? ''}`.trim(), { mode: 0o600 });
  const deadline = Date.now() + patience;
  try {
    while (!tryLock(path, aside)) {
      const holder = readHolder(path);
      if (holder === undefined) continue;
      if (!isAlive(holder)) {
        clearStale(path, holder, `${aside}.grave`);
        continue;
      }
      if (Date.now() >= deadline) {
        throw new AgentError('state_busy', `Another agent (process ${holder.split(' ')[0]}) is using ${stateDir}.`, {
          hint: name === 'run' ? 'One "latchkey-agent run" is enough.' : 'Try again in a moment.',
        });
      }
      await sleep(20 + Math.random() * 40);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
};
