import type { Kysely } from 'kysely';
import type { Database, UsedOnceTable } from './schema.ts';

export const usedOnceQueries = (db: Kysely<Database>, organizationId: string) => ({
  /** True the first time, for one caller only, until `expiresAt` has passed and the sweep has been by. */
  useOnce: async (kind: UsedOnceTable['kind'], value: string, expiresAt: number): Promise<boolean> => {
    const result = await db
      .insertInto('used_once')
      .values({ organization_id: organizationId, kind, value, expires_at: expiresAt })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  },
});

export const usedOnceServerQueries = (db: Kysely<Database>) => ({
  /** Forgets what nothing could repeat any more; says how many. */
  sweepUsedOnce: async (before: number): Promise<number> =>
    Number((await db.deleteFrom('used_once').where('expires_at', '<', before).executeTakeFirst()).numDeletedRows),
});
