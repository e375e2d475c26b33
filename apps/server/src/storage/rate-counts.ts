import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

export const rateCountServerQueries = (db: Kysely<Database>) => ({
  /** Adds what was counted to what every node counted in that minute; says what it is now, for the same names. */
  addRateCounts: async (
    limiter: string,
    minute: number,
    counts: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> => {
    if (counts.size === 0) return new Map();
    const rows = await db
      .insertInto('rate_counts')
      // In one order, so that two nodes wait for each other instead of both losing.
      .values([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => ({ limiter, minute, name, count })))
      .onConflict((conflict) =>
        conflict.columns(['limiter', 'minute', 'name']).doUpdateSet({ count: sql`rate_counts.count + excluded.count` }),
      )
      .returning(['name', 'count'])
      .execute();
    return new Map(rows.map(({ name, count }) => [name, count]));
  },

  /** Forgets the minutes before this one. */
  sweepRateCounts: async (before: number): Promise<void> => {
    await db.deleteFrom('rate_counts').where('minute', '<', before).execute();
  },
});
