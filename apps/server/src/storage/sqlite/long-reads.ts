import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { QueryResult } from 'kysely';
import { StorageError } from '../storage-error.ts';
import type { Query } from './connection.ts';
import type { Answer, Question } from './long-reads-worker.ts';

/** More than this many that wait are minutes of work: whoever asks then is told to come again. */
const mostWaiting = 200;

/**
 * Reads on a thread of their own, one after another on one read-only connection: however many rows one looks at, the event loop goes on.
 * The thread is started by the first.
 */
export const longReads = (path: string) => {
  let worker: Worker | undefined;
  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<QueryResult<never>>>();

  const start = (): Worker => {
    const started = new Worker(new URL('./long-reads-worker.ts', import.meta.url), { workerData: { path }, execArgv: [] });
    const ended = (error: unknown): void => {
      if (worker !== started) return;
      // The next one who asks starts another.
      worker = undefined;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('message', ({ id, result, error }: Answer) => {
      const answer = waiting.get(id);
      waiting.delete(id);
      if (result === undefined) answer?.reject(error);
      else answer?.resolve(result);
    });
    started.on('error', ended);
    started.on('exit', () => ended(new Error('the worker ended')));
    return started;
  };

  return {
    execute: (query: Query): Promise<QueryResult<never>> => {
      if (waiting.size >= mostWaiting) return Promise.reject(new StorageError('overloaded', `${mostWaiting} long reads wait`));
      worker ??= start();
      const answer = Promise.withResolvers<QueryResult<never>>();
      asked += 1;
      waiting.set(asked, answer);
      worker.postMessage({ id: asked, query: { sql: query.sql, parameters: query.parameters } } satisfies Question);
      return answer.promise;
    },
    /** Finishes what waits. */
    close: async (): Promise<void> => {
      await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
      if (worker === undefined) return;
      const ended = once(worker, 'exit');
      worker.postMessage('close');
      await ended;
    },
  };
};
