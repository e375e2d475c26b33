import { setTimeout as wait } from 'node:timers/promises';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { storableParameters } from '../storable.ts';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';
import { openStatements, type Scope } from './scope.ts';
import { type Statement, send } from './send.ts';
import { isStale, translateError } from './translate-error.ts';

type Execute = <R>(query: CompiledQuery) => Promise<QueryResult<R>>;

/** Milliseconds for which a transaction that loses against others is begun again. */
const patience = 10_000;
const longestPause = 50;

const commit: Statement = { text: 'commit', values: [] };
const rollback: Statement = { text: 'rollback', values: [] };

/** Its parameters are judged before anything leaves. */
const statementOf = (query: CompiledQuery): Statement => ({ text: query.sql, values: storableParameters(query) });

const codeOf = (error: unknown): StorageErrorCode | undefined => (error instanceof StorageError ? error.code : undefined);

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

  const attempt = async <T>(scope: Scope, work: (execute: Execute) => Promise<T>): Promise<T> => {
    const client = await acquire();
    let failure: unknown;
    let ended = false;
    // They go out with the first statement.
    let opening = openStatements(scope, role, 'write');
    let before: Promise<unknown> = Promise.resolve();
    const executeNow: Execute = async (query) => {
      if (ended) throw new StorageError('transaction_ended', query.sql);
      if (failure !== undefined) throw new StorageError('transaction_failed', query.sql, { cause: failure });
      try {
        const statements = [...opening, statementOf(query)];
        opening = [];
        return await send<never>(client, statements);
      } catch (error) {
        failure ??= translateError(error);
        throw failure;
      }
    };
    const execute: Execute = (query) => {
      const answer = before.then(() => executeNow<never>(query));
      before = answer.catch(() => {});
      return answer;
    };
    let broken = false;
    try {
      const value = await work(execute);
      ended = true;
      if (failure !== undefined) throw failure;
      if (opening.length > 0) return value;
      try {
        const { tag } = await send(client, [commit]);
        if (tag !== 'COMMIT') throw new StorageError('commit_failed', `PostgreSQL answered ${tag}`);
      } catch (cause) {
        const error = translateError(cause);
        failure = error;
        // It may have been written, and only the answer been lost: nobody may run it again, and nobody is told that it was done.
        if (codeOf(error) === 'unavailable') {
          throw new StorageError('commit_failed', 'the connection broke: whether it was written is not known', { cause });
        }
        throw error;
      }
      return value;
    } catch (error) {
      ended = true;
      // What the work made of a failed statement is of no account: the statement's own failure says whether to begin again.
      const cause = failure ?? error;
      broken = isBroken(cause);
      if (!broken && opening.length === 0) {
        await send(client, [rollback]).catch(() => {
          broken = true;
        });
      }
      throw failure !== undefined && codeOf(failure) === 'conflict' ? failure : error;
    } finally {
      client.release(broken);
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

  const retry = async <T>(scope: Scope, work: (execute: Execute) => Promise<T>): Promise<T> => {
    const until = performance.now() + patience;
    for (let pause = 1; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await attempt(scope, work);
      } catch (error) {
        if (codeOf(error) !== 'conflict' || performance.now() > until) throw error;
        await wait(Math.random() * pause);
      }
    }
  };

  return {
    /** Resolves with what `work` returns once that is on disk. `work` may run several times. */
    transaction: <T>(scope: Scope, work: (execute: Execute) => Promise<T>, turn?: string): Promise<T> => {
      const key = scope.kind === 'server' ? '' : scope.id;
      const run = async (): Promise<T> => {
        try {
          return await attempt(scope, work);
        } catch (error) {
          if (codeOf(error) !== 'conflict') throw error;
          // Those that lost go one after another, else they would lose against each other again and again.
          return inTurn(key, () => retry(scope, work));
        }
      };
      return turn === undefined ? run() : inTurn(`${key} ${turn}`, run);
    },

    /** One statement of its own, that can only read. */
    read: async <R>(scope: Scope, query: CompiledQuery): Promise<QueryResult<R>> => {
      for (;;) {
        const client = await acquire();
        let broken = false;
        try {
          return await send<R>(client, [...openStatements(scope, role, 'read'), statementOf(query)]);
        } catch (cause) {
          const error = translateError(cause);
          broken = isBroken(error);
          if (!isStale(error)) throw error;
        } finally {
          client.release(broken);
        }
      }
    },
  };
};
