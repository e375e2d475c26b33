import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';
import { begins } from './search.ts';

export const serverFactQueries = (db: Kysely<Database>) => ({
  findFact: async (name: string): Promise<string | undefined> =>
    (await db.selectFrom('server_facts').select('value').where('name', '=', name).executeTakeFirst())?.value,

  saveFact: async (name: string, value: string): Promise<void> => {
    await db
      .insertInto('server_facts')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  },

  /** Facts whose name begins so, and whose value is this at least. */
  countFacts: async (prefix: string, from: string): Promise<number> => {
    const row = await db
      .selectFrom('server_facts')
      .select((select) => select.fn.countAll<number | string>().as('count'))
      .where(begins('name', prefix))
      .where('value', '>=', from)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  },

  /** Forgets those whose value is less. */
  sweepFacts: async (prefix: string, before: string): Promise<void> => {
    await db.deleteFrom('server_facts').where(begins('name', prefix)).where('value', '<', before).execute();
  },

  /** Takes a fact away, once: true if it was there with this value. */
  takeFact: async (name: string, value: string): Promise<boolean> => {
    const result = await db.deleteFrom('server_facts').where('name', '=', name).where('value', '=', value).executeTakeFirst();
    return result.numDeletedRows > 0n;
  },
});
