import type { Kysely, Selectable } from 'kysely';
import type { Session } from '../sign-in/session.ts';
import type { Database, SessionsTable } from './schema.ts';

const toSession = (row: Selectable<SessionsTable>): Session => ({
  id: row.id,
  deviceId: row.device_id,
  userId: row.user_id,
  idp: row.idp,
  assertionId: row.assertion_id,
  sessionIndex: row.session_index,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  endedAt: row.ended_at ?? undefined,
});

export const sessionQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('sessions').selectAll().where('organization_id', '=', organizationId);
  const end = (column: 'id' | 'device_id' | 'user_id') => async (value: string, at: number) => {
    const result = await db
      .updateTable('sessions')
      .set({ ended_at: at })
      .where('organization_id', '=', organizationId)
      .where(column, '=', value)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows);
  };

  return {
    insertSession: async (session: Session): Promise<void> => {
      await db
        .insertInto('sessions')
        .values({
          id: session.id,
          organization_id: organizationId,
          device_id: session.deviceId,
          user_id: session.userId,
          idp: session.idp,
          assertion_id: session.assertionId,
          session_index: session.sessionIndex,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
          ended_at: session.endedAt ?? null,
        })
        .execute();
    },

    findSession: async (id: string): Promise<Session | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toSession(row);
    },

    /** Those of the device that are neither ended nor expired at `at`, oldest first. */
    listDeviceSessions: async (deviceId: string, at: number): Promise<readonly Session[]> =>
      (
        await own()
          .where('device_id', '=', deviceId)
          .where('ended_at', 'is', null)
          .where('expires_at', '>', at)
          .orderBy('id')
          .execute()
      ).map(toSession),

    /** How many were ended. */
    endSession: end('id'),
    endDeviceSessions: end('device_id'),
    endUserSessions: end('user_id'),
  };
};

export const sessionServerQueries = (db: Kysely<Database>) => ({
  /** Forgets sessions that expired before `before`; the audit keeps that they were. */
  sweepSessions: async (before: number): Promise<number> =>
    Number((await db.deleteFrom('sessions').where('expires_at', '<', before).executeTakeFirst()).numDeletedRows),
});
