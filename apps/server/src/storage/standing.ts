import type { Kysely } from 'kysely';
import type { Standing } from '../gateway/store.ts';
import type { Database } from './schema.ts';

export const standingQueries = (db: Kysely<Database>, organizationId: string) => ({
  /** A session with its user and device, in one look. */
  findStanding: async (sessionId: string): Promise<Standing | undefined> => {
    const row = await db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .innerJoin('devices', 'devices.id', 'sessions.device_id')
      .where('sessions.id', '=', sessionId)
      .where('sessions.organization_id', '=', organizationId)
      .where('users.organization_id', '=', organizationId)
      .where('devices.organization_id', '=', organizationId)
      .select([
        'sessions.created_at as createdAt',
        'sessions.expires_at as expiresAt',
        'sessions.ended_at as endedAt',
        'users.id as userId',
        'users.user_name as userName',
        'users.state as userState',
        'devices.id as deviceId',
        'devices.jkt as jkt',
        'devices.state as deviceState',
        'devices.evidence as evidence',
        'devices.parameters as parameters',
      ])
      .executeTakeFirst();
    return (
      row && {
        session: { id: sessionId, createdAt: row.createdAt, expiresAt: row.expiresAt, endedAt: row.endedAt ?? undefined },
        user: { id: row.userId, userName: row.userName, state: row.userState },
        device: {
          id: row.deviceId,
          jkt: row.jkt,
          state: row.deviceState,
          evidence: row.evidence,
          parameters: JSON.parse(row.parameters) as Record<string, string>, // written by devices.ts
        },
      }
    );
  },
});
