import type { Kysely, Selectable } from 'kysely';
import type { Administrator, AdministratorChange, Page } from '../administrators/store.ts';
import type { AdministratorsTable, Database } from './schema.ts';

const toAdministrator = (row: Selectable<AdministratorsTable>): Administrator => ({
  id: row.id,
  organizationId: row.organization_id,
  userName: row.user_name,
  userNameKey: row.user_name_key,
  displayName: row.display_name,
  roleId: row.role_id,
  state: row.state,
  password: row.password,
  totp: row.totp,
  totpStep: row.totp_step,
  recoveryCodes: JSON.parse(row.recovery_codes) as string[], // written below
  createdAt: row.created_at,
  lastSignedInAt: row.last_signed_in_at,
});

const toChange = (change: AdministratorChange): Partial<AdministratorsTable> => ({
  ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
  ...(change.roleId === undefined ? {} : { role_id: change.roleId }),
  ...(change.state === undefined ? {} : { state: change.state }),
  ...(change.password === undefined ? {} : { password: change.password }),
  ...(change.totp === undefined ? {} : { totp: change.totp }),
  ...(change.recoveryCodes === undefined ? {} : { recovery_codes: JSON.stringify(change.recoveryCodes) }),
  ...(change.lastSignedInAt === undefined ? {} : { last_signed_in_at: change.lastSignedInAt }),
});

/** The administrators of one holder: an organization, or (null) the operators. */
export const administratorQueries = (db: Kysely<Database>, organizationId: string | null) => {
  const holder = organizationId === null ? 'is' : '=';
  const own = () => db.selectFrom('administrators').selectAll().where('organization_id', holder, organizationId);
  const update = (id: string) =>
    db.updateTable('administrators').where('organization_id', holder, organizationId).where('id', '=', id);

  return {
    /** False if the name is taken on this server. */
    insertAdministrator: async (administrator: Administrator): Promise<boolean> => {
      const result = await db
        .insertInto('administrators')
        .values({
          id: administrator.id,
          organization_id: organizationId,
          user_name: administrator.userName,
          user_name_key: administrator.userNameKey,
          display_name: administrator.displayName,
          role_id: administrator.roleId,
          state: administrator.state,
          password: administrator.password,
          totp: administrator.totp,
          totp_step: administrator.totpStep,
          recovery_codes: JSON.stringify(administrator.recoveryCodes),
          created_at: administrator.createdAt,
          last_signed_in_at: administrator.lastSignedInAt,
        })
        .onConflict((conflict) => conflict.column('user_name_key').doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    findAdministrator: async (id: string): Promise<Administrator | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toAdministrator(row);
    },

    /** In the order of ids, which is that of creation. */
    listAdministrators: async (page: Page): Promise<readonly Administrator[]> => {
      let query = own().orderBy('id').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toAdministrator);
    },

    changeAdministrator: async (id: string, change: AdministratorChange): Promise<boolean> =>
      (await update(id).set(toChange(change)).executeTakeFirst()).numUpdatedRows > 0n,

    /** RFC 6238 §5.2: a code works once. True if the step is later than every one before. */
    takeTotpStep: async (id: string, step: number): Promise<boolean> =>
      (await update(id).set({ totp_step: step }).where('totp_step', '<', step).executeTakeFirst()).numUpdatedRows > 0n,

    /** With passkeys and sessions. */
    deleteAdministrator: async (id: string): Promise<boolean> => {
      for (const table of ['administrator_sessions', 'administrator_passkeys'] as const) {
        await db.deleteFrom(table).where('organization_id', holder, organizationId).where('administrator_id', '=', id).execute();
      }
      const result = await db
        .deleteFrom('administrators')
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },

    /** Active ones with the built-in role `full`. */
    countFullAdministrators: async (): Promise<number> => {
      const row = await db
        .selectFrom('administrators')
        .select((each) => each.fn.countAll().as('count'))
        .where('organization_id', holder, organizationId)
        .where('role_id', '=', 'full')
        .where('state', '=', 'active')
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },
  };
};

export const administratorServerQueries = (db: Kysely<Database>) => ({
  ...administratorQueries(db, null),

  /** Whether there is one, of whatever holder. */
  hasAdministrators: async (): Promise<boolean> =>
    (await db.selectFrom('administrators').select('id').limit(1).executeTakeFirst()) !== undefined,

  /** Of whatever holder. */
  findAdministratorByName: async (userNameKey: string): Promise<Administrator | undefined> => {
    const row = await db.selectFrom('administrators').selectAll().where('user_name_key', '=', userNameKey).executeTakeFirst();
    return row && toAdministrator(row);
  },
});
