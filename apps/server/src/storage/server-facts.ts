import type { Kysely } from 'kysely';
import type { Database } from './schema.ts';

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

  /** Takes a fact away, once: true if it was there with this value. */
  takeFact: async (name: string, value: string): Promise<boolean> => {
    const result = await db.deleteFrom('server_facts').where('name', '=', name).where('value', '=', value).executeTakeFirst();
    return result.numDeletedRows > 0n;
  },
});
