import type { DatabaseSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';
import { StorageError } from '../storage-error.ts';
import type { SqliteConnection } from './connection.ts';
import { isTurnOver, nextTurn } from './turn.ts';
import type { WalSync } from './wal-sync.ts';

/** The right to use the write connection, for as long as one transaction runs. */
export interface Lease {
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>>;
}

type Work = (lease: Lease) => Promise<unknown>;

interface Job {
  readonly work: Work;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Answer {
  readonly job: Job;
  readonly settle: () => void;
}

interface Needs {
  readonly database: DatabaseSync;
  readonly connection: SqliteConnection;
  readonly sync: WalSync;
  readonly failed: (error: StorageError) => void;
  /** After each commit. */
  readonly committed: () => void;
  /** A transaction that asks nothing of storage for this long waits for something else, and everybody for it. In milliseconds. */
  readonly stallLimit?: number;
  /** How long the first of a group may wait for more, in milliseconds. */
  readonly groupTime?: number;
}

/**
 * Bounds of one group: how many wait for each other, and how long (8 ms). Small, so that the next group runs while the disk is busy
 * with this one; on a slow disk one sync covers many groups.
 */
const groupLimit = 32;
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5; // SQLITE_BUSY

/**
 * Group commit: transactions run one after another, a savepoint each, inside one outer transaction, which is committed when nobody
 * is waiting. All its callers are answered after the one sync that covers it.
 */
export const groupCommit = ({ database, connection, sync, failed, committed, stallLimit = 5000, groupTime = 8 }: Needs) => {
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const savepoint = database.prepare('savepoint one');
  const rollback = database.prepare('rollback to one');
  const release = database.prepare('release one');

  let queue: Job[] = [];
  let head = 0;
  let running: Promise<void> | undefined;
  let held = 0;
  let down: StorageError | undefined;
  /** The transaction that runs. */
  let current: { lastUse: number; readonly stalled: (error: StorageError) => void } | undefined;

  const watch = setInterval(() => {
    if (current !== undefined && performance.now() - current.lastUse > stallLimit) {
      current.stalled(new StorageError('transaction_stalled', `for ${stallLimit} ms; inside a transaction await only its store`));
    }
  }, stallLimit / 5).unref();

  const take = (): Job | undefined => {
    const job = queue[head];
    head += 1;
    if (head >= queue.length) {
      queue = [];
      head = 0;
    }
    return job;
  };

  /** Runs one transaction up to its release or rollback; what its caller is to hear is told later. */
  const runJob = async (job: Job): Promise<Answer> => {
    savepoint.run();
    let ended = false;
    let failure: { readonly error: unknown } | undefined;
    const stall = Promise.withResolvers<never>();
    const use = { lastUse: performance.now(), stalled: stall.reject };
    current = use;
    const lease: Lease = {
      executeQuery: async (query) => {
        if (isTurnOver()) await nextTurn();
        if (ended) throw new StorageError('transaction_ended', query.sql);
        // PostgreSQL refuses what follows a failed statement; so does every engine here.
        if (failure !== undefined) throw new StorageError('transaction_failed', query.sql, { cause: failure.error });
        use.lastUse = performance.now();
        try {
          return connection.execute(query);
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    };
    let settle: () => void;
    try {
      const value = await Promise.race([job.work(lease), stall.promise]);
      if (failure !== undefined) throw failure.error;
      ended = true;
      release.run();
      // The job's promise was made with the type that its work returns.
      settle = () => job.resolve(value as never);
    } catch (error) {
      ended = true;
      // Some failures (disk full, I/O) make SQLite roll back the outer transaction, and with it every other one of the group.
      if (!database.isTransaction) throw error;
      rollback.run();
      release.run();
      settle = () => job.reject(error);
    } finally {
      current = undefined;
    }
    return { job, settle };
  };

  const beginGroup = async (): Promise<void> => {
    for (;;) {
      try {
        begin.run();
        return;
      } catch (error) {
        // Only a person with a database shell can hold the write lock now: wait without blocking the event loop.
        if (!isBusy(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };

  const runGroup = async (): Promise<void> => {
    const answers: Answer[] = [];
    let job: Job | undefined;
    try {
      await beginGroup();
      const until = performance.now() + groupTime;
      do {
        for (job = take(); job !== undefined; job = take()) {
          answers.push(await runJob(job));
          if (answers.length >= groupLimit || performance.now() > until) break;
        }
        await nextTurn(); // Whoever arrives in this turn of the event loop still joins.
      } while (head < queue.length && answers.length < groupLimit && performance.now() < until);
      commit.run();
    } catch (cause) {
      const error = new StorageError('commit_failed', 'the transaction could not be written', { cause });
      job?.reject(error);
      for (const answer of answers) answer.job.reject(error);
      fail(error);
      failed(error);
      return;
    }
    // Even a rollback is told only now: it may rest on what a transaction of the same group wrote.
    sync.committed().then(
      () => {
        for (const { settle } of answers) settle();
      },
      (error) => {
        for (const answer of answers) answer.job.reject(error);
      },
    );
    committed();
  };

  const run = (): void => {
    if (running !== undefined || held > 0 || head >= queue.length || down !== undefined) return;
    running = runGroup().then(() => {
      running = undefined;
      run();
    });
  };

  /** Refuses everything from now on. */
  const fail = (error: StorageError): void => {
    if (down !== undefined) return;
    down = error;
    const waiting = queue.slice(head);
    queue = [];
    head = 0;
    for (const job of waiting) job.reject(new StorageError('storage_down', undefined, { cause: error }));
  };

  return {
    /** Resolves with what `work` returns once that is on disk. */
    transaction: <T>(work: (lease: Lease) => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (down !== undefined) {
          reject(new StorageError('storage_down', undefined, { cause: down }));
          return;
        }
        queue.push({ work, resolve, reject });
        run();
      }),
    fail,
    /** Runs `task` between two groups, with nothing written meanwhile. */
    exclusively: async <T>(task: () => Promise<T>): Promise<T> => {
      held += 1;
      try {
        await running;
        return await task();
      } finally {
        held -= 1;
        run();
      }
    },
    /** Finishes what waits. */
    close: async (): Promise<void> => {
      while (running !== undefined || head < queue.length) {
        if (running === undefined) await nextTurn();
        else await running;
      }
      down ??= new StorageError('storage_down', 'it was closed');
      clearInterval(watch);
    },
  };
};
