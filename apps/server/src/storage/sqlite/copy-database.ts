import { Worker } from 'node:worker_threads';
import type { DatabaseContents } from './copy-worker.ts';

export type { DatabaseContents } from './copy-worker.ts';

const work = (task: object): Promise<DatabaseContents> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./copy-worker.ts', import.meta.url), { workerData: task, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the worker ended'))); // Of no effect once it has answered.
  });

/**
 * A copy of the database as it stands now, checked and on the disk, while the server goes on: everything that was answered before this
 * was called is in it. On a thread of its own.
 */
export const copyDatabase = (path: string, target: string): Promise<DatabaseContents> => work({ kind: 'copy', path, target });

/** Checks a copy that is to be gone on with, and prepares it for devices that are ahead of it. */
export const adoptDatabase = (path: string): Promise<DatabaseContents> => work({ kind: 'adopt', path });
