import type { Kysely } from 'kysely';
import type { RepeatableRequest } from '../admin/store.ts';
import type { Database } from './schema.ts';

export const repeatableRequestQueries = (db: Kysely<Database>) => {
  type Name = Pick<RepeatableRequest, 'apiKeyId' | 'operation' | 'idempotencyKey'>;

  return {
    /** True if it is the first; an expired one makes room. */
    beginRequest: async (request: Omit<RepeatableRequest, 'answer'>, now: number): Promise<boolean> => {
      await db
        .deleteFrom('repeatable_requests')
        .where('api_key_id', '=', request.apiKeyId)
        .where('operation', '=', request.operation)
        .where('idempotency_key', '=', request.idempotencyKey)
        .where('expires_at', '<=', now)
        .execute();
      const result = await db
        .insertInto('repeatable_requests')
        .values({
          api_key_id: request.apiKeyId,
          operation: request.operation,
          idempotency_key: request.idempotencyKey,
          fingerprint: request.fingerprint,
          status: null,
          answer: null,
          expires_at: request.expiresAt,
        })
        .onConflict((conflict) => conflict.columns(['api_key_id', 'operation', 'idempotency_key']).doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    findRequest: async (name: Name): Promise<RepeatableRequest | undefined> => {
      const row = await db
        .selectFrom('repeatable_requests')
        .selectAll()
        .where('api_key_id', '=', name.apiKeyId)
        .where('operation', '=', name.operation)
        .where('idempotency_key', '=', name.idempotencyKey)
        .executeTakeFirst();
      return (
        row && {
          apiKeyId: row.api_key_id,
          operation: row.operation,
          idempotencyKey: row.idempotency_key,
          fingerprint: row.fingerprint,
          expiresAt: row.expires_at,
          answer: row.status === null || row.answer === null ? undefined : { status: row.status, sealed: row.answer },
        }
      );
    },

    finishRequest: async (name: Name, answer: NonNullable<RepeatableRequest['answer']>): Promise<void> => {
      await db
        .updateTable('repeatable_requests')
        .set({ status: answer.status, answer: answer.sealed })
        .where('api_key_id', '=', name.apiKeyId)
        .where('operation', '=', name.operation)
        .where('idempotency_key', '=', name.idempotencyKey)
        .execute();
    },

    /** It had no effect: the same key may be tried again. */
    forgetRequest: async (name: Name): Promise<void> => {
      await db
        .deleteFrom('repeatable_requests')
        .where('api_key_id', '=', name.apiKeyId)
        .where('operation', '=', name.operation)
        .where('idempotency_key', '=', name.idempotencyKey)
        .execute();
    },

    sweepRequests: async (before: number): Promise<void> => {
      await db.deleteFrom('repeatable_requests').where('expires_at', '<=', before).execute();
    },
  };
};
