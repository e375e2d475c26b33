import type { Kysely, Selectable } from 'kysely';
import type { AdministratorSession, SessionChange } from '../administrators/store.ts';
import type { AdministratorSessionsTable, Database } from './schema.ts';

const toSession = (row: Selectable<AdministratorSessionsTable>): AdministratorSession => ({
  id: row.id,
  administratorId: row.administrator_id,
  organizationId: row.organization_id,
  state: row.state,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastSeenAt: row.last_seen_at,
  reauthenticatedAt: row.reauthenticated_at,
  challenge: row.challenge,
  pendingTotp: row.pending_totp,
  remoteAddress: row.remote_address,
});

/** The console's sessions of one holder: an organization, or (null) the operators. */
export const administratorSessionQueries = (db: Kysely<Database>, organizationId: string | null) => {
  const holder = organizationId === null ? 'is' : '=';
  const remove = () => db.deleteFrom('administrator_sessions').where('organization_id', holder, organizationId);

  return {
    insertAdministratorSession: async (session: AdministratorSession): Promise<void> => {
      await db
        .insertInto('administrator_sessions')
        .values({
          id: session.id,
          organization_id: organizationId,
          administrator_id: session.administratorId,
          state: session.state,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
          last_seen_at: session.lastSeenAt,
          reauthenticated_at: session.reauthenticatedAt,
          challenge: session.challenge,
          pending_totp: session.pendingTotp,
          remote_address: session.remoteAddress,
        })
        .execute();
    },

    /** The newest first. */
    listSessionsOfAdministrator: async (administratorId: string): Promise<readonly AdministratorSession[]> => {
      const rows = await db
        .selectFrom('administrator_sessions')
        .selectAll()
        .where('organization_id', holder, organizationId)
        .where('administrator_id', '=', administratorId)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(toSession);
    },

    changeAdministratorSession: async (id: string, change: SessionChange): Promise<boolean> => {
      const result = await db
        .updateTable('administrator_sessions')
        .set({
          ...(change.lastSeenAt === undefined ? {} : { last_seen_at: change.lastSeenAt }),
          ...(change.challenge === undefined ? {} : { challenge: change.challenge }),
          ...(change.pendingTotp === undefined ? {} : { pending_totp: change.pendingTotp }),
        })
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** The challenge, which is gone afterwards. */
    takeChallenge: async (id: string): Promise<string | undefined> => {
      const row = await db
        .selectFrom('administrator_sessions')
        .select('challenge')
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (row?.challenge === undefined || row.challenge === null) return undefined;
      await db
        .updateTable('administrator_sessions')
        .set({ challenge: null })
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .execute();
      return row.challenge;
    },

    deleteAdministratorSession: async (id: string): Promise<boolean> =>
      (await remove().where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n,

    deleteSessionsOfAdministrator: async (administratorId: string): Promise<void> => {
      await remove().where('administrator_id', '=', administratorId).execute();
    },
  };
};

export const administratorSessionServerQueries = (db: Kysely<Database>) => ({
  ...administratorSessionQueries(db, null),

  /** Of whatever holder. */
  findAdministratorSession: async (id: string): Promise<AdministratorSession | undefined> => {
    const row = await db.selectFrom('administrator_sessions').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toSession(row);
  },

  /** Forgets those that ended before. */
  sweepAdministratorSessions: async (before: number): Promise<void> => {
    await db.deleteFrom('administrator_sessions').where('expires_at', '<', before).execute();
  },
});
