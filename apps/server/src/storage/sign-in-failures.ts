import type { Kysely } from 'kysely';
import type { SignInFailures } from '../administrators/store.ts';
import type { Database } from './schema.ts';

export const signInFailureServerQueries = (db: Kysely<Database>) => ({
  findSignInFailures: async (name: string): Promise<SignInFailures | undefined> => {
    const row = await db.selectFrom('sign_in_failures').selectAll().where('name', '=', name).executeTakeFirst();
    return row && { failures: row.failures, failedAt: row.failed_at };
  },

  /** Undefined: there are none any more. */
  saveSignInFailures: async (name: string, found: SignInFailures | undefined): Promise<void> => {
    if (found === undefined) {
      await db.deleteFrom('sign_in_failures').where('name', '=', name).execute();
      return;
    }
    const counted = { failures: found.failures, failed_at: found.failedAt };
    await db
      .insertInto('sign_in_failures')
      .values({ name, ...counted })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(counted))
      .execute();
  },

  /** Forgets those of which the last is that long ago. */
  sweepSignInFailures: async (before: number): Promise<void> => {
    await db.deleteFrom('sign_in_failures').where('failed_at', '<', before).execute();
  },
});
