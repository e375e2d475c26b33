import type { Kysely } from 'kysely';
import type { Standing } from '../gateway/store.ts';
import type { Database } from './schema.ts';
import { within } from './search.ts';

export const standingQueries = (db: Kysely<Database>, organizationId: string) => {
  const findRow = (sessionId: string) =>
    db
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

  const findGroups = (sessionId: string) =>
    db
      .selectFrom('sessions')
      .innerJoin('group_members', 'group_members.user_id', 'sessions.user_id')
      .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
      .where('sessions.id', '=', sessionId)
      .where('sessions.organization_id', '=', organizationId)
      .where(within(organizationId, 'group_members'))
      .where(within(organizationId, 'user_groups'))
      .where('user_groups.deleted_at', 'is', null)
      .select(['user_groups.id as id', 'user_groups.name as name'])
      .orderBy('user_groups.name_key')
      .execute();

  return {
    /** A session with its user, the user's groups and the device. */
    findStanding: async (sessionId: string): Promise<Standing | undefined> => {
      const [row, groups] = await Promise.all([findRow(sessionId), findGroups(sessionId)]);
      return (
        row && {
          session: { id: sessionId, createdAt: row.createdAt, expiresAt: row.expiresAt, endedAt: row.endedAt ?? undefined },
          user: { id: row.userId, userName: row.userName, state: row.userState },
          groups,
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
  };
};
