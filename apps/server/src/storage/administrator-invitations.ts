import type { Kysely, Selectable } from 'kysely';
import type { Invitation, Page } from '../administrators/store.ts';
import type { AdministratorInvitationsTable, Database } from './schema.ts';

const toInvitation = (row: Selectable<AdministratorInvitationsTable>): Invitation => ({
  id: row.id,
  organizationId: row.organization_id,
  userName: row.user_name,
  userNameKey: row.user_name_key,
  roleId: row.role_id,
  hash: row.hash,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
});

/** The invitations of one holder: an organization, or (null) the operators. */
export const administratorInvitationQueries = (db: Kysely<Database>, organizationId: string | null) => {
  const holder = organizationId === null ? 'is' : '=';
  const remove = () => db.deleteFrom('administrator_invitations').where('organization_id', holder, organizationId);

  return {
    /** In the place of one for the same name. */
    insertInvitation: async (invitation: Invitation): Promise<void> => {
      await remove().where('user_name_key', '=', invitation.userNameKey).execute();
      await db
        .insertInto('administrator_invitations')
        .values({
          id: invitation.id,
          organization_id: organizationId,
          user_name: invitation.userName,
          user_name_key: invitation.userNameKey,
          role_id: invitation.roleId,
          hash: invitation.hash,
          created_at: invitation.createdAt,
          created_by: invitation.createdBy,
          expires_at: invitation.expiresAt,
        })
        .execute();
    },

    listInvitations: async (page: Page): Promise<readonly Invitation[]> => {
      let query = db
        .selectFrom('administrator_invitations')
        .selectAll()
        .where('organization_id', holder, organizationId)
        .orderBy('id')
        .limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toInvitation);
    },

    /** Undefined if there is none (any more). */
    deleteInvitation: async (id: string): Promise<Invitation | undefined> => {
      const row = await remove().where('id', '=', id).returningAll().executeTakeFirst();
      return row && toInvitation(row);
    },
  };
};

export const administratorInvitationServerQueries = (db: Kysely<Database>) => ({
  ...administratorInvitationQueries(db, null),

  /** Of whatever holder. */
  findInvitation: async (hash: string): Promise<Invitation | undefined> => {
    const row = await db.selectFrom('administrator_invitations').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row && toInvitation(row);
  },
});
