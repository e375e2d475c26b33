import type { Kysely, Selectable } from 'kysely';
import type { Running, Session } from '../sign-in/session.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, SessionsTable } from './schema.ts';
import { within } from './search.ts';

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

const insert = compileOnce(
  (
    db,
    id: string,
    organization_id: string,
    device_id: string,
    user_id: string,
    idp: string,
    assertion_id: string,
    session_index: string,
    created_at: number,
    expires_at: number,
    ended_at: number | null,
  ) =>
    db
      .insertInto('sessions')
      .values({ id, organization_id, device_id, user_id, idp, assertion_id, session_index, created_at, expires_at, ended_at }),
  { answer: 'unread' },
);

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
      await insert(
        db,
        session.id,
        organizationId,
        session.deviceId,
        session.userId,
        session.idp,
        session.assertionId,
        session.sessionIndex,
        session.createdAt,
        session.expiresAt,
        session.endedAt ?? null,
      );
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

    /** The newest running session of each of these devices, and how many older ones run beside it. */
    listNewestSessions: async (
      deviceIds: readonly string[],
      { at, since }: Running,
    ): Promise<readonly (Session & { readonly older: number })[]> => {
      if (deviceIds.length === 0) return [];
      const newest = await db
        .selectFrom('sessions')
        // Ids begin with their time.
        .select((select) => [select.fn.max('id').as('id'), select.fn.countAll<number | string>().as('count')])
        .where(within(organizationId))
        .where('device_id', 'in', deviceIds)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', at)
        .where('created_at', '>', since)
        .groupBy('device_id')
        .execute();
      if (newest.length === 0) return [];
      const counts = new Map(newest.map(({ id, count }) => [id, Number(count)]));
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where(within(organizationId))
        .where('id', 'in', [...counts.keys()])
        .execute();
      return rows.map((row) => ({ ...toSession(row), older: (counts.get(row.id) ?? 1) - 1 }));
    },

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
