import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';
import { within } from './search.ts';
import { userSetQueries } from './user-sets.ts';

export const departmentQueries = (db: Kysely<Database>, organizationId: string) => ({
  departments: userSetQueries(db, organizationId, 'departments'),

  /** Takes so many users out of a department that was deleted; how many it were. */
  leaveDepartment: async (id: string, limit: number): Promise<number> => {
    const result = await db
      .updateTable('users')
      .set((update) => ({ department_id: null, revision: update('revision', '+', 1) }))
      .where(within(organizationId))
      .where('id', 'in', (some) =>
        some
          .selectFrom('users')
          .select('id')
          .where('organization_id', '=', organizationId)
          .where('department_id', '=', id)
          .where('state', '<>', sql.lit('deleted'))
          .limit(limit),
      )
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  },
});
