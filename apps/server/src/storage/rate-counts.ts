import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

const byLimiter = (rows: readonly { readonly limiter: string; readonly name: string; readonly count: number }[]): Counts => {
  const counts = new Map<string, Map<string, number>>();
  for (const { limiter, name, count } of rows) {
    const of = counts.get(limiter) ?? new Map<string, number>();
    counts.set(limiter, of.set(name, count));
  }
  return counts;
};

export const rateCountServerQueries = (db: Kysely<Database>) => ({
  /** Adds what was counted, by limiter and name, to what every node counted in that minute; says what it is now, for the same names. */
  addRateCounts: async (minute: number, counts: Counts): Promise<Counts> => {
    const values = [...counts].flatMap(([limiter, of]) => [...of].map(([name, count]) => ({ limiter, minute, name, count })));
    if (values.length === 0) return new Map();
    const keyOf = ({ limiter, name }: { readonly limiter: string; readonly name: string }): string => `${limiter} ${name}`;
    const rows = await db
      .insertInto('rate_counts')
      // In one order, so that two nodes wait for each other instead of both losing.
      .values(values.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)))
      .onConflict((conflict) =>
        conflict.columns(['limiter', 'minute', 'name']).doUpdateSet({ count: sql`rate_counts.count + excluded.count` }),
      )
      .returning(['limiter', 'name', 'count'])
      .execute();
    return byLimiter(rows);
  },

  /** What all nodes counted in that minute: the greatest of each limiter, so many at most. */
  listRateCounts: async (minute: number, most: number): Promise<Counts> => {
    const rows = await db
      .selectFrom((query) =>
        query
          .selectFrom('rate_counts')
          .where('minute', '=', minute)
          .select(['limiter', 'name', 'count'])
          .select(({ fn }) =>
            fn
              .agg<number>('row_number')
              .over((over) => over.partitionBy('limiter').orderBy('count', 'desc'))
              .as('place'),
          )
          .as('placed'),
      )
      .where('place', '<=', most)
      .select(['limiter', 'name', 'count'])
      .execute();
    return byLimiter(rows);
  },

  /** Forgets the minutes before this one. */
  sweepRateCounts: async (before: number): Promise<void> => {
    await db.deleteFrom('rate_counts').where('minute', '<', before).execute();
  },
});
