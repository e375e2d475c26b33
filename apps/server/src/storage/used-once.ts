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

  /** As `useOnce` for several things in one statement: says for each whether it was new. */
  useAllOnce: async (
    things: readonly { readonly kind: UsedOnceTable['kind']; readonly value: string; readonly expiresAt: number }[],
  ): Promise<readonly boolean[]> => {
    const inserted = await db
      .insertInto('used_once')
      .values(
        things.map(({ kind, value, expiresAt }) => ({ organization_id: organizationId, kind, value, expires_at: expiresAt })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(['kind', 'value'])
      .execute();
    return things.map(({ kind, value }) => inserted.some((row) => row.kind === kind && row.value === value));
  },
});

export const usedOnceServerQueries = (db: Kysely<Database>) => ({
  /** Forgets what nothing could repeat any more; says how many. */
  sweepUsedOnce: async (before: number): Promise<number> =>
    Number((await db.deleteFrom('used_once').where('expires_at', '<', before).executeTakeFirst()).numDeletedRows),
});
