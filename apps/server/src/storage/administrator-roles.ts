import type { Kysely, Selectable } from 'kysely';
import type { Role } from '../administrators/store.ts';
import type { AdministratorRolesTable, Database } from './schema.ts';

const toRole = (row: Selectable<AdministratorRolesTable>): Role => ({
  id: row.id,
  name: row.name,
  permissions: JSON.parse(row.permissions) as Role['permissions'], // written below
});

/** The roles of an organization's own. */
export const administratorRoleQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('administrator_roles').selectAll().where('organization_id', '=', organizationId);
  const isUsed = async (table: 'administrators' | 'administrator_invitations', id: string): Promise<boolean> => {
    const row = await db
      .selectFrom(table)
      .select('id')
      .where('organization_id', '=', organizationId)
      .where('role_id', '=', id)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  };

  return {
    findRole: async (id: string): Promise<Role | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toRole(row);
    },

    listRoles: async (): Promise<readonly Role[]> => (await own().orderBy('id').execute()).map(toRole),

    /** False if another one has the name. */
    saveRole: async ({ id, name, permissions }: Role): Promise<boolean> => {
      const key = name.toLowerCase();
      const other = await own().where('name_key', '=', key).where('id', '<>', id).executeTakeFirst();
      if (other !== undefined) return false;
      const values = { name, name_key: key, permissions: JSON.stringify(permissions) };
      // Not an upsert: a conflict of ids would reach for the role of whichever organization has it.
      const changed = await db
        .updateTable('administrator_roles')
        .set(values)
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (changed.numUpdatedRows > 0n) return true;
      await db
        .insertInto('administrator_roles')
        .values({ id, organization_id: organizationId, ...values })
        .execute();
      return true;
    },

    deleteRole: async (id: string): Promise<void> => {
      await db.deleteFrom('administrator_roles').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },

    /** How many administrators have each role that somebody has. */
    countAdministratorsByRole: async (): Promise<ReadonlyMap<string, number>> => {
      const rows = await db
        .selectFrom('administrators')
        .select((each) => ['role_id', each.fn.countAll().as('count')])
        .where('organization_id', '=', organizationId)
        .groupBy('role_id')
        .execute();
      return new Map(rows.map(({ role_id, count }) => [role_id, Number(count)]));
    },

    /** Whether an administrator or an invitation has it. */
    isRoleUsed: async (id: string): Promise<boolean> =>
      (await isUsed('administrators', id)) || (await isUsed('administrator_invitations', id)),
  };
};

/** Operators have the built-in roles only. */
export const administratorRoleServerQueries = () => ({ findRole: async (_id: string): Promise<Role | undefined> => undefined });
