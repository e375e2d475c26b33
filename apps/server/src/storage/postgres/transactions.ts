import { setTimeout as wait } from 'node:timers/promises';
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';
import { send } from './connections.ts';
import { openStatements, type Scope } from './scope.ts';
import { translateError } from './translate-error.ts';

type Execute = <R>(query: CompiledQuery) => Promise<QueryResult<R>>;

/** Milliseconds for which a transaction that loses against others is begun again. */
const patience = 10_000;
const longestPause = 50;

const codeOf = (error: unknown): StorageErrorCode | undefined => (error instanceof StorageError ? error.code : undefined);

/** Whether the connection is to be used again: not if it broke, nor if nobody knows what it is doing. */
const isBroken = (error: unknown): boolean => codeOf(error) === 'unavailable' || codeOf(error) === 'transaction_stalled';

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
    // Goes out with the first statement, in one round trip.
    const opened = client.query(openStatements(scope, role, 'write'));
    opened.catch(() => {});
    const execute: Execute = async (query) => {
      if (ended) throw new StorageError('transaction_ended', query.sql);
      if (failure !== undefined) throw new StorageError('transaction_failed', query.sql, { cause: failure });
      try {
        const [, result] = await Promise.all([opened, send<never>(client, query)]);
        return result;
      } catch (error) {
        failure ??= translateError(error);
        throw failure;
      }
    };
    let broken = false;
    try {
      const value = await work(execute);
      ended = true;
      if (failure !== undefined) throw failure;
      try {
        const [, { command }] = await Promise.all([opened, client.query('commit')]);
        if (command !== 'COMMIT') throw new StorageError('commit_failed', `PostgreSQL answered ${command}`);
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
      if (!broken) {
        await client.query('rollback').catch(() => {
          broken = true;
        });
      }
      throw failure !== undefined && codeOf(failure) === 'conflict' ? failure : error;
    } finally {
      client.release(broken);
    }
  };

  const losers = new Map<string, Promise<unknown>>();
  /** Runs `task` when everybody of this scope who asked before has ended. */
  const inTurn = async <T>(key: string, task: () => Promise<T>): Promise<T> => {
    const before = losers.get(key);
    const turn = before === undefined ? task() : before.then(task, task);
    losers.set(key, turn);
    try {
      return await turn;
    } finally {
      if (losers.get(key) === turn) losers.delete(key);
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
    transaction: async <T>(scope: Scope, work: (execute: Execute) => Promise<T>): Promise<T> => {
      try {
        return await attempt(scope, work);
      } catch (error) {
        if (codeOf(error) !== 'conflict') throw error;
        // Those that lost go one after another, else they would lose against each other again and again.
        return inTurn(scope.kind === 'server' ? '' : scope.id, () => retry(scope, work));
      }
    },

    /** One statement of its own, that can only read. */
    read: async <R>(scope: Scope, query: CompiledQuery): Promise<QueryResult<R>> => {
      const client = await acquire();
      let broken = false;
      try {
        const opened = client.query(openStatements(scope, role, 'read'));
        const answer = send<R>(client, query);
        const closed = client.query('commit');
        const [, result] = await Promise.all([opened, answer, closed]).finally(() => Promise.allSettled([answer, closed]));
        return result;
      } catch (cause) {
        const error = translateError(cause);
        broken = isBroken(error);
        throw error;
      } finally {
        client.release(broken);
      }
    },
  };
};
