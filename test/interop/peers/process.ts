import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../programs.ts';

/** Apache's children refuse to be root, so root becomes Debian's user of web servers; everybody else stays who they are. */
const asUser = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(run('id', [flag, 'www-data']).stdout);
  return { uid: id('-u'), gid: id('-g') };
};

/** Hands a file or folder to whoever the peers run as. */
export const handOver = (path: string): string => {
  const { uid, gid } = asUser();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  return path;
};

export const makeFolder = (name: string): string => handOver(mkdtempSync(join(tmpdir(), `latchkey-${name}-`)));

export interface Running {
  readonly stop: () => Promise<void>;
}

/** A program in the foreground of its own folder, its output in `<name>.out` there. */
export const start = (
  folder: string,
  name: string,
  program: string,
  args: readonly string[],
): Running & { readonly child: ChildProcess } => {
  const output = createWriteStream(join(folder, `${name}.out`));
  const child = spawn(program, args, {
    cwd: folder,
    // A group of its own: Apache ends by signalling its whole process group, which would be ours.
    detached: true,
    ...asUser(),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const ended = new Promise<void>((resolve) => child.once('close', () => output.end(resolve)));
  const killAll = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // They are gone already.
    }
  };
  process.once('exit', killAll);
  return {
    child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const killer = setTimeout(killAll, 10_000);
      await ended;
      clearTimeout(killer);
      process.off('exit', killAll);
    },
  };
};

/** Asks until there is an answer; what ended early, or never answers, is reported with its logs. */
export const waitUntil = async (
  what: string,
  folder: string,
  { child }: { readonly child: ChildProcess },
  isReady: () => Promise<boolean>,
): Promise<void> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (await isReady().catch(() => false)) return;
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (isOver || Date.now() > deadline) throw new Error(`${what} ${isOver ? 'ended' : 'is not ready'}:\n${readLogs(folder)}`);
    await sleep(50);
  }
};

/** All a peer wrote, for the message of a failed test. */
export const readLogs = (folder: string): string =>
  readdirSync(folder)
    .filter((file) => /\.(log|out)$/.test(file))
    .map((file) => `--- ${file}\n${readFileSync(join(folder, file), 'utf8').slice(-8000)}`)
    .join('\n');

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
