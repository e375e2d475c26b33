import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { QueryResult } from 'kysely';
import { type Query, sqliteConnection } from './connection.ts';

export interface Question {
  readonly id: number;
  readonly query: Query;
}

/** One of them is there. */
export interface Answer {
  readonly id: number;
  readonly result?: QueryResult<never>;
  readonly error?: unknown;
}

const database = new DatabaseSync(workerData.path, { readOnly: true, timeout: 1000 });
const connection = sqliteConnection(database);

const answer = ({ id, query }: Question): Answer => {
  try {
    return { id, result: connection.execute<never>(query) };
  } catch (error) {
    return { id, error };
  }
};

parentPort?.on('message', (message: Question | 'close') => {
  if (message !== 'close') {
    parentPort?.postMessage(answer(message));
    return;
  }
  database.close();
  parentPort?.close();
});
