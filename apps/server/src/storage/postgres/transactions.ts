import { setTimeout as wait } from 'node:timers/promises';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { isUnread } from '../compile-once.ts';
import { storableParameters } from '../storable.ts';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';
import { openStatements, type Scope } from './scope.ts';
import { type Answer, type Statement, send } from './send.ts';
import { isStale, translateError } from './translate-error.ts';

type Execute = <R>(query: CompiledQuery) => Promise<QueryResult<R>>;

/** A statement that waits to be sent, with its answer unless nobody looks at that. */
interface Waiting {
  readonly statement: Statement;
  readonly answer?: PromiseWithResolvers<Answer | undefined>;
}

/** Milliseconds for which a transaction that loses against others is begun again. */
const patience = 10_000;
const longestPause = 50;

const commit: Statement = { text: 'commit', values: [] };
const rollback: Statement = { text: 'rollback', values: [] };

/** Its parameters are judged before anything leaves. */
const statementOf = (query: CompiledQuery): Statement => ({ text: query.sql, values: storableParameters(query) });

const codeOf = (error: unknown): StorageErrorCode | undefined => (error instanceof StorageError ? error.code : undefined);

/** Whether it is to be begun again on the same connection. */
const isLost = (error: unknown): boolean => codeOf(error) === 'conflict' && !isStale(error);

const retry = async <T>(once: () => Promise<T>): Promise<T> => {
  const until = performance.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await once();
    } catch (error) {
      if (!isLost(error) || performance.now() > until) throw error;
      await wait(Math.random() * pause);
    }
  }
};

/** Kysely derives R from the query that it built: the rows have its columns. */
const resultOf = <R>(answer: Answer | undefined): QueryResult<R> => ({ ...answer, rows: (answer?.rows ?? []) as R[] });

/** Whether the connection is to be used again: not if it broke, nor if nobody knows what it is doing. */
const isBroken = (error: unknown): boolean =>
  codeOf(error) === 'unavailable' || codeOf(error) === 'transaction_stalled' || isStale(error);

/**
 * Transactions and reads on a pool. Transactions are serializable: each decides by facts that nobody changes until it has committed,
 * as on SQLite, where they run one after another. One that lost against another (40001, 40P01) is run again from its beginning.
 */
export const transactions = (needs: { readonly pool: Pool; readonly role: string | undefined }) => {
  const { pool, role } = needs;

  const acquire = async (): Promise<PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw translateError(error);
    }
  };

  /** Runs `use` on a connection, and on another one if what was prepared on it is stale. One that `use` has spoiled is not used again. */
  const onConnection = async <T>(use: (client: PoolClient, spoiled: () => void) => Promise<T>): Promise<T> => {
    for (;;) {
      const client = await acquire();
      let isSpoiled = false;
      try {
        return await use(client, () => {
          isSpoiled = true;
        });
      } catch (error) {
        if (!isStale(error)) throw error;
      } finally {
        client.release(isSpoiled);
      }
    }
  };

  const attempt = async <T>(
    { client, spoiled }: { readonly client: PoolClient; readonly spoiled: () => void },
    scope: Scope,
    work: (execute: Execute) => Promise<T>,
  ): Promise<T> => {
    let failure: unknown;
    let ended = false;
    // They go out with the first statement.
    let opening = openStatements(scope, role, 'write');
    let waiting: Waiting[] = [];

    /** Sends what waits, and `last` behind it, in one round trip. */
    const flush = async (...last: readonly Statement[]): Promise<Answer | undefined> => {
      const [before, asked] = [opening, waiting];
      opening = [];
      waiting = [];
      try {
        const answers = await send(client, [...before, ...asked.map(({ statement }) => statement), ...last]);
        for (const [index, { answer }] of asked.entries()) answer?.resolve(answers[before.length + index]);
        return answers.at(-1);
      } catch (error) {
        failure ??= translateError(error);
        for (const { answer } of asked) answer?.reject(failure);
        throw failure;
      }
    };

    const execute: Execute = async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      if (ended) throw new StorageError('transaction_ended', query.sql);
      if (failure !== undefined) throw new StorageError('transaction_failed', query.sql, { cause: failure });
      let statement: Statement;
      try {
        statement = statementOf(query);
      } catch (error) {
        failure = error;
        throw error;
      }
      if (isUnread(query)) {
        waiting.push({ statement });
        return { rows: [] };
      }
      const answer = Promise.withResolvers<Answer | undefined>();
      waiting.push({ statement, answer });
      // What is asked in the same moment goes out together.
      queueMicrotask(() => {
        if (waiting.length > 0 && !ended) flush().catch(() => {}); // Whoever asked hears of it.
      });
      return resultOf(await answer.promise);
    };

    try {
      const value = await work(execute);
      ended = true;
      if (failure !== undefined) throw failure;
      // It asked for nothing.
      if (opening.length > 0 && waiting.length === 0) return value;
      try {
        const answer = await flush(commit);
        if (answer?.tag !== 'COMMIT') throw new StorageError('commit_failed', `PostgreSQL answered ${answer?.tag}`);
      } catch (error) {
        failure = error;
        // It may have been written, and only the answer been lost: nobody may run it again, and nobody is told that it was done.
        if (codeOf(error) === 'unavailable') {
          throw new StorageError('commit_failed', 'the connection broke: whether it was written is not known', { cause: error });
        }
        throw error;
      }
      return value;
    } catch (error) {
      ended = true;
      for (const { answer } of waiting) answer?.reject(new StorageError('transaction_ended', 'it was not sent'));
      // What the work made of a failed statement is of no account: the statement's own failure says whether to begin again.
      if (isBroken(failure ?? error)) spoiled();
      else if (opening.length === 0) await send(client, [rollback]).catch(spoiled);
      throw failure !== undefined && codeOf(failure) === 'conflict' ? failure : error;
    }
  };

  const turns = new Map<string, Promise<unknown>>();
  /** Runs `task` when everybody of this key who asked before has ended. */
  const inTurn = async <T>(key: string, task: () => Promise<T>): Promise<T> => {
    const before = turns.get(key);
    const turn = before === undefined ? task() : before.then(task, task);
    turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(key) === turn) turns.delete(key);
    }
  };

  return {
    /** Resolves with what `work` returns once that is on disk. `work` may run several times. */
    transaction: <T>(scope: Scope, work: (execute: Execute) => Promise<T>, turn?: string): Promise<T> => {
      const key = scope.kind === 'server' ? '' : scope.id;
      const run = (): Promise<T> =>
        onConnection(async (client, spoiled) => {
          const once = () => attempt({ client, spoiled }, scope, work);
          try {
            return await once();
          } catch (error) {
            if (!isLost(error)) throw error;
            // Those that lost go one after another, else they would lose against each other again and again. They keep their connections:
            // who has waited for one need not wait again.
            return inTurn(key, () => retry(once));
          }
        });
      return turn === undefined ? run() : inTurn(`${key} ${turn}`, run);
    },

    /** One statement of its own, that can only read. */
    read: <R>(scope: Scope, query: CompiledQuery): Promise<QueryResult<R>> =>
      onConnection(async (client, spoiled) => {
        try {
          const answers = await send(client, [...openStatements(scope, role, 'read'), statementOf(query)]);
          return resultOf(answers.at(-1));
        } catch (cause) {
          const error = translateError(cause);
          if (isBroken(error)) spoiled();
          throw error;
        }
      }),
  };
};
