import { once } from 'node:events';
import { fstatSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { StorageError } from '../storage-error.ts';

interface Needs {
  readonly path: string;
  /** Descriptor of the WAL. */
  readonly wal: number;
  readonly database: DatabaseSync;
  /** Pages in the WAL at which it is copied and started over. */
  readonly walPages: number;
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T>;
  readonly failed: (error: StorageError) => void;
}

/** How often what was written during a copy is copied, too, before writes wait. */
const rounds = 4;
/** What a WAL that somebody's long read kept from being started over is cut down to afterwards. */
const walLimit = 128 * 1024 * 1024;

/** Keeps the WAL short: a worker thread copies it into the database while writes go on, then starts it over while they wait. */
export const checkpoints = ({ path, wal, database, walPages, exclusively, failed }: Needs) => {
  const progress = database.prepare('pragma wal_checkpoint(noop)');
  let worker: Worker | undefined;
  let answer: PromiseWithResolvers<number> | undefined;
  let running: Promise<void> | undefined;
  let threshold = walPages;
  /** Whether writes wait for the checkpoint. */
  let waiting = false;

  /** Not inside a transaction. */
  const pages = (): number => Number(progress.get()?.log ?? 0);

  const start = (): Worker => {
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: { path, walLimit },
      execArgv: [],
    });
    started.on('message', (left: number) => answer?.resolve(left));
    started.on('error', (error) => answer?.reject(error));
    started.on('exit', () => answer?.reject(new Error('the worker ended')));
    return started;
  };

  const ask = (task: 'copy' | 'restart'): Promise<number> => {
    worker ??= start();
    answer = Promise.withResolvers<number>();
    worker.postMessage(task);
    return answer.promise;
  };

  const checkpoint = async (): Promise<void> => {
    // What is left when nobody may write any more is copied while they wait.
    for (let round = 1; (await ask('copy')) > walPages / 8 && round < rounds; round += 1);
    const left = await exclusively(async () => {
      await ask('restart');
      return pages();
    });
    // Syncing a WAL that is not the one written to would promise what is not kept.
    if (statSync(`${path}-wal`).ino !== fstatSync(wal).ino) throw new Error('the WAL file was replaced');
    // It is not started over while somebody reads an old state: try again after as many pages.
    threshold = left < walPages ? walPages : left + walPages;
    running = undefined;
  };

  return {
    /** To be called after each commit. */
    consider: (): void => {
      if (waiting || pages() < (running === undefined ? threshold : threshold + 3 * walPages)) return;
      if (running !== undefined) {
        // Writes outrun the copy: they wait for it, or the WAL would grow without bound.
        waiting = true;
        const current = running;
        void exclusively(() => current).finally(() => {
          waiting = false;
        });
        return;
      }
      // `running` stays after a failure: there is no second try.
      running = checkpoint().catch((cause) => {
        failed(new StorageError('commit_failed', 'the WAL could not be copied into the database', { cause }));
      });
    },
    close: async (): Promise<void> => {
      await running;
      if (worker === undefined || worker.threadId < 0) return; // It has ended.
      const ended = once(worker, 'exit');
      worker.postMessage('close');
      await ended;
    },
  };
};
