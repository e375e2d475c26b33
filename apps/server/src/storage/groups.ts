import type { Kysely } from 'kysely';
import type { GroupName } from '../directory/store.ts';
import type { Database } from './schema.ts';
import { isSampled, within } from './search.ts';
import { userSetQueries } from './user-sets.ts';

/** Of a group's members, in one statement. */
const atOnce = 100;

export const groupQueries = (db: Kysely<Database>, organizationId: string) => {
  const members = () => db.deleteFrom('group_members').where('organization_id', '=', organizationId);
  return {
    groups: userSetQueries(db, organizationId, 'user_groups'),

    /** Makes the user a member of those groups where it is none; how many it were. What it costs does not depend on who else is in them. */
    joinGroups: async (
      user: { readonly id: string; readonly userNameKey: string },
      groupIds: readonly string[],
    ): Promise<number> => {
      let joined = 0;
      for (let at = 0; at < groupIds.length; at += atOnce) {
        const result = await db
          .insertInto('group_members')
          .values(
            groupIds.slice(at, at + atOnce).map((groupId) => ({
              organization_id: organizationId,
              group_id: groupId,
              user_id: user.id,
              user_name_key: user.userNameKey,
              sampled: isSampled(user.id),
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        joined += Number(result.numInsertedOrUpdatedRows ?? 0n);
      }
      return joined;
    },

    /** False if the user was no member. */
    leaveGroup: async (userId: string, groupId: string): Promise<boolean> =>
      (await members().where('group_id', '=', groupId).where('user_id', '=', userId).executeTakeFirst()).numDeletedRows > 0n,

    /** Takes so many users out of a group that was deleted; how many it were. */
    emptyGroup: async (id: string, limit: number): Promise<number> => {
      const result = await members()
        .where('group_id', '=', id)
        .where('user_id', 'in', (some) =>
          some
            .selectFrom('group_members')
            .select('user_id')
            .where('organization_id', '=', organizationId)
            .where('group_id', '=', id)
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    /** By name. */
    listGroupsOfUser: async (userId: string): Promise<readonly GroupName[]> =>
      db
        .selectFrom('group_members as member')
        .innerJoin('user_groups as group', 'group.id', 'member.group_id')
        .where(within(organizationId, 'member'))
        .where('member.user_id', '=', userId)
        .where(within(organizationId, 'group'))
        .where('group.deleted_at', 'is', null)
        .select(['group.id as id', 'group.name as name'])
        .orderBy('group.name_key')
        .execute(),
  };
};
