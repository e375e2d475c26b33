import { type Kysely, type Selectable, sql } from 'kysely';
import type { NewOrganization, Organization, Page } from '../organizations/store.ts';
import type { Database, OrganizationsTable } from './schema.ts';

const toOrganization = (row: Selectable<OrganizationsTable>): Organization => ({
  id: row.id,
  name: row.name,
  state: row.state,
  createdAt: row.created_at,
  deleteAt: row.delete_at,
});

/** Every table whose rows belong to an organization, with the column they are told apart by. A test compares it with the schema. */
export const tablesOfOrganizations = [
  ['sessions', 'id'],
  ['devices', 'id'],
  ['device_tokens', 'id'],
  ['applications', 'id'],
  ['api_keys', 'id'],
  ['signing_keys', 'id'],
  ['import_rows', 'line'],
  ['imports', 'id'],
  ['scim_exchanges', 'id'],
  ['scim_tokens', 'id'],
  ['scim_counts', 'shard'],
  ['user_emails', 'user_id'],
  ['nested_groups', 'member_id'],
  ['group_members', 'user_id'],
  ['user_groups', 'id'],
  ['departments', 'id'],
  ['users', 'id'],
  ['used_once', 'value'],
  ['settings_editors', 'actor'],
  ['settings_drafts', 'organization_id'],
  ['settings_versions', 'version'],
  ['domains', 'id'],
  ['webhook_messages', 'id'],
  ['webhooks', 'organization_id'],
  ['retention', 'organization_id'],
  ['administrator_sessions', 'id'],
  ['administrator_passkeys', 'id'],
  ['administrator_invitations', 'id'],
  ['administrators', 'id'],
  ['administrator_roles', 'id'],
  ['audit_events', 'id'],
  ['event_counts', 'hour'],
] as const satisfies readonly (readonly [keyof Database, string])[];

export const organizationQueries = (db: Kysely<Database>, organizationId: string) => ({
  /** The organization itself: its id is the one this store was opened for. */
  insertOrganization: async (organization: NewOrganization): Promise<void> => {
    await db
      .insertInto('organizations')
      .values({
        id: organizationId,
        name: organization.name,
        state: organization.state,
        created_at: organization.createdAt,
        delete_at: null,
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

  /** Says when everything of it is removed (null: never); false if it was not to be removed at `from`. */
  setDeletion: async (from: number | null, to: number | null): Promise<boolean> => {
    const result = await db
      .updateTable('organizations')
      .set({ delete_at: to })
      .where('id', '=', organizationId)
      .where('delete_at', from === null ? 'is' : '=', from)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  },

  /** Removes about so many rows of what it owns; false when nothing is left. */
  removeSomeRows: async (limit: number): Promise<boolean> => {
    for (const [table, column] of tablesOfOrganizations) {
      const [from, key] = [sql.table(table), sql.ref(column)];
      const { numAffectedRows } = await sql`delete from ${from} where organization_id = ${organizationId} and ${key} in (
        select ${key} from ${from} where organization_id = ${organizationId} limit ${limit})`.execute(db);
      if ((numAffectedRows ?? 0n) > 0n) return true;
    }
    return false;
  },

  /** The row itself, once it owns nothing. */
  removeOrganization: async (): Promise<boolean> =>
    (await db.deleteFrom('organizations').where('id', '=', organizationId).executeTakeFirst()).numDeletedRows > 0n,
});

export const organizationServerQueries = (db: Kysely<Database>) => ({
  findOrganization: async (id: string): Promise<Organization | undefined> => {
    const row = await db.selectFrom('organizations').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toOrganization(row);
  },

  /** Those whose time has come. */
  listDueDeletions: async (at: number): Promise<readonly Organization[]> =>
    (await db.selectFrom('organizations').selectAll().where('delete_at', '<=', at).orderBy('id').execute()).map(toOrganization),

  /** In the order of ids, which is that of creation. */
  listOrganizations: async (page: Page): Promise<readonly Organization[]> => {
    let query = db.selectFrom('organizations').selectAll().orderBy('id').limit(page.limit);
    if (page.after !== undefined) query = query.where('id', '>', page.after);
    return (await query.execute()).map(toOrganization);
  },
});
