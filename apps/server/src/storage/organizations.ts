import type { Kysely, Selectable } from 'kysely';
import type { Organization, Page } from '../organizations/store.ts';
import type { Database, OrganizationsTable } from './schema.ts';

const toOrganization = (row: Selectable<OrganizationsTable>): Organization => ({
  id: row.id,
  name: row.name,
  state: row.state,
  createdAt: row.created_at,
  deleteAt: row.delete_at,
});

export const organizationQueries = (db: Kysely<Database>, organizationId: string) => ({
  /** The organization itself: its id is the one this store was opened for. */
  insertOrganization: async (organization: Organization): Promise<void> => {
    await db
      .insertInto('organizations')
      .values({
        id: organizationId,
        name: organization.name,
        state: organization.state,
        created_at: organization.createdAt,
        delete_at: organization.deleteAt ?? null,
      })
      .execute();
  },

  readOrganization: async (): Promise<Organization | undefined> => {
    const row = await db.selectFrom('organizations').selectAll().where('id', '=', organizationId).executeTakeFirst();
    return row && toOrganization(row);
  },

  /** False if it was in that state already. */
  setOrganizationState: async (state: Organization['state']): Promise<boolean> => {
    const result = await db
      .updateTable('organizations')
      .set({ state })
      .where('id', '=', organizationId)
      .where('state', '<>', state)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  },
});

export const organizationServerQueries = (db: Kysely<Database>) => ({
  findOrganization: async (id: string): Promise<Organization | undefined> => {
    const row = await db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toOrganization(row);
  },

  /** In the order of ids, which is that of creation. */
  listOrganizations: async (page: Page): Promise<readonly Organization[]> => {
    let query = db.selectFrom('organizations').selectAll().orderBy('id').limit(page.limit);
    if (page.after !== undefined) query = query.where('id', '>', page.after);
    return (await query.execute()).map(toOrganization);
  },
});
