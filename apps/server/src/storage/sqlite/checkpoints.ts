import { once } from 'node:events';
import { fstatSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { StorageError } from '../storage-error.ts';

interface Needs {
  readonly path: string;
  readonly wal: number;
  readonly database: DatabaseSync;
  readonly exclusively: (task: () => Promise<void>) => Promise<void>;
  readonly failed: (error: StorageError) => void;
}

/** Pages in the WAL at which it is copied and started over (8 MiB). */
const walPages = 2000;
/** What a WAL that a long reader kept from being started over is cut down to (64 MiB). */
const walLimit = 64 * 1024 * 1024;

/** Keeps the WAL short: a worker thread copies it into the database while writes go on, then starts it over while they wait. */
export const checkpoints = ({ path, wal, database, exclusively, failed }: Needs) => {
  const progress = database.prepare('pragma wal_checkpoint(noop)');
  let worker: Worker | undefined;
  let running: Promise<void> | undefined;
  let threshold = walPages;

  const pages = (): number => Number(progress.get()?.log ?? 0);

  const ask = async (task: 'copy' | 'restart'): Promise<void> => {
    worker ??= new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: { path, walLimit }, execArgv: [] });
    worker.postMessage(task);
    // `once` rejects when the worker throws; an end without an answer is caught by its exit code being awaited too.
    await Promise.race([once(worker, 'message'), once(worker, 'exit').then(() => Promise.reject(new Error('the worker ended')))]);
  };

  const checkpoint = async (): Promise<void> => {
    await ask('copy');
    await exclusively(() => ask('restart'));
    // Syncing a WAL that is not the one written to would promise what is not kept.
    if (statSync(`${path}-wal`).ino !== fstatSync(wal).ino) throw new Error('the WAL file was replaced');
    // Not started over while somebody reads an old state: try again after as many pages.
    const left = pages();
    threshold = left < walPages ? walPages : left + walPages;
  };

  return {
    /** To be called after each commit. */
    consider: (): void => {
      if (running !== undefined || pages() < threshold) return;
      running = checkpoint().then(
        () => {
          running = undefined;
        },
        (cause) => failed(new StorageError('commit_failed', 'the WAL could not be copied into the database', { cause })),
      );
    },
    close: async (): Promise<void> => {
      await running;
      if (worker === undefined) return;
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
    },
  };
};
