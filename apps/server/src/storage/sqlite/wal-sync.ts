import { fdatasync } from 'node:fs';
import { StorageError } from '../storage-error.ts';

/**
 * Makes commits durable by `fdatasync` of the WAL on a thread of libuv, one at a time. A commit is covered by a sync that began
 * after it was written, never by one already under way.
 */
export const walSync = (wal: number, failed: (error: StorageError) => void) => {
  let running: PromiseWithResolvers<void> | undefined;
  /** Covers what was written since `running` began. */
  let next: PromiseWithResolvers<void> | undefined;
  let failure: StorageError | undefined;

  const start = (): void => {
    if (running !== undefined || next === undefined) return;
    const round = next;
    running = round;
    next = undefined;
    fdatasync(wal, (cause) => {
      if (cause === null) {
        running = undefined;
        round.resolve();
        start();
        return;
      }
      // After a failed sync the kernel may drop the pages and report success the next time: nothing can be promised any more.
      failure = new StorageError('commit_failed', 'fdatasync of the WAL failed', { cause });
      failed(failure);
      round.reject(failure);
      next?.reject(failure);
    });
  };

  return {
    /** To be called right after a COMMIT; resolves when it is on disk. */
    committed: (): Promise<void> => {
      if (failure !== undefined) return Promise.reject(failure);
      if (next === undefined) {
        next = Promise.withResolvers<void>();
        next.promise.catch(() => {}); // Whoever waits sees it; perhaps nobody does.
      }
      const { promise } = next;
      start();
      return promise;
    },
    /** Resolves when all that is committed now is on disk; undefined if it is. */
    pending: (): Promise<void> | undefined => (next ?? running)?.promise,
  };
};

export type WalSync = ReturnType<typeof walSync>;
