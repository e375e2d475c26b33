import type { Source } from '@latchkey/directory';
import type { JsonObject } from '@latchkey/scim';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { GroupRange, Member, Placed, Provided, ProvidedGroup, RangeCut } from '../scim/store.ts';
import type { Database, UserGroupsTable } from './schema.ts';
import { countRange, listRange, type ScimRange } from './scim-ranges.ts';
import { begins, type Condition, equals, isSampled, within } from './search.ts';
import { inPlaces, toUserSet } from './user-sets.ts';

type Row = Selectable<UserGroupsTable>;

/** Of a group's members, in one statement. */
const atOnce = 100;
/** The last two digits of an id are random (ids.ts): so many rows share the count of a source. */
const shards = 16;

const toProvidedGroup = (row: Row): ProvidedGroup => ({
  group: toUserSet(row),
  externalId: row.scim_external_id ?? undefined,
  attributes: JSON.parse(row.scim ?? '{}') as JsonObject, // written by saveProvidedGroup
});

const live: Condition = sql`user_groups.deleted_at is null`;
const byName = ['user_groups.name_key'];

const rangeOf = (organizationId: string, source: Source, range: GroupRange): ScimRange => {
  const own = [equals('user_groups.organization_id', organizationId), equals('user_groups.source', source), live];
  const groups = (driving: readonly Condition[], key: readonly string[] = byName): ScimRange => ({
    from: sql`user_groups`,
    key,
    conditions: [...own, ...driving],
  });
  switch (range.by) {
    case 'all':
      return {
        ...groups([], range.order === 'displayName' ? byName : ['user_groups.updated_at', 'user_groups.id']),
        descending: range.descending,
      };
    case 'id':
      return groups([equals('user_groups.id', range.id)]);
    case 'displayName':
      return groups([range.begins ? begins('user_groups.name_key', range.key) : equals('user_groups.name_key', range.key)]);
    case 'externalId':
      return groups(
        [sql`user_groups.scim_external_id is not null`, equals('user_groups.scim_external_id', range.value)],
        ['user_groups.scim_external_id', 'user_groups.id'],
      );
    case 'lastModified':
      return groups(
        [sql`user_groups.updated_at >= ${range.from}`, sql`user_groups.updated_at <= ${range.to}`],
        ['user_groups.updated_at', 'user_groups.id'],
      );
    case 'member':
      return {
        from: sql`(select group_id from group_members where user_id = ${range.id} and ${within(organizationId)}
          union all select group_id from nested_groups where member_id = ${range.id} and ${within(organizationId)}) as membership
          join user_groups on user_groups.id = membership.group_id`,
        key: byName,
        conditions: [within(organizationId, 'user_groups'), ...own.slice(1)],
      };
  }
};

export const scimGroupQueries = (db: Kysely<Database>, organizationId: string) => {
  const nested = () => db.selectFrom('nested_groups').where('nested_groups.organization_id', '=', organizationId);
  const count = (source: Source, resource: 'User' | 'Group') =>
    db
      .selectFrom('scim_counts')
      .where('organization_id', '=', organizationId)
      .where('source', '=', source)
      .where('resource', '=', resource);

  return {
    findProvidedGroup: async (source: Source, id: string): Promise<ProvidedGroup | undefined> => {
      const row = await db
        .selectFrom('user_groups')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('source', '=', source)
        .where(live)
        .executeTakeFirst();
      return row && toProvidedGroup(row);
    },

    /** Those of them that there are. */
    findProvidedGroups: async (source: Source, ids: readonly string[]): Promise<readonly ProvidedGroup[]> => {
      const found = await Promise.all(
        inPlaces(ids).map((some) =>
          db
            .selectFrom('user_groups')
            .selectAll()
            .where('id', 'in', [...some])
            .where(within(organizationId))
            .where(sql<boolean>`source || '' = ${source}`)
            .where(live)
            .execute(),
        ),
      );
      return found.flat().map(toProvidedGroup);
    },

    listProvidedGroups: async (source: Source, range: GroupRange, cut: RangeCut): Promise<readonly Placed<ProvidedGroup>[]> => {
      const found = await listRange<Row>(db, 'user_groups', rangeOf(organizationId, source, range), cut);
      return found.map(({ row, key }) => ({ row: toProvidedGroup(row), key }));
    },

    countProvidedGroups: (source: Source, range: GroupRange): Promise<number> =>
      countRange(db, rangeOf(organizationId, source, range)),

    saveProvidedGroup: async (id: string, { externalId, attributes }: Provided): Promise<void> => {
      await db
        .updateTable('user_groups')
        .set({ scim_external_id: externalId ?? null, scim: JSON.stringify(attributes) })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },

    /** Its members have changed: the next ETag. */
    touchGroup: async (id: string, at: number): Promise<void> => {
      await db
        .updateTable('user_groups')
        .set((update) => ({ updated_at: at, revision: update('revision', '+', 1) }))
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },

    /** A member of them is about to go. */
    touchGroupsOf: async (memberId: string, at: number): Promise<void> => {
      await db
        .updateTable('user_groups')
        .set((update) => ({ updated_at: at, revision: update('revision', '+', 1) }))
        .where(
          sql<boolean>`id in (select group_id from group_members where user_id = ${memberId} and ${within(organizationId)}
            union all select group_id from nested_groups where member_id = ${memberId} and ${within(organizationId)})`,
        )
        .where(within(organizationId))
        .execute();
    },

    listMembers: async (
      source: Source,
      groupId: string,
      { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
    ): Promise<{ readonly members: readonly Member[]; readonly next: string | undefined }> => {
      const rows = await db
        .selectFrom('group_members as member')
        .innerJoin('users', 'users.id', 'member.user_id')
        .where('member.organization_id', '=', organizationId)
        .where('member.group_id', '=', groupId)
        .where('member.user_name_key', '>', after)
        .where(within(organizationId, 'users'))
        .where(sql<boolean>`users.source || '' = ${source}`)
        .select(['users.id as id', 'users.user_name as userName', 'users.display_name as displayName'])
        .select('member.user_name_key as key')
        .orderBy('member.user_name_key')
        .limit(limit)
        .execute();
      const members = rows.map(
        ({ id, userName, displayName }): Member => ({ id, type: 'User', display: displayName || userName }),
      );
      if (rows.length === limit) return { members, next: rows.at(-1)?.key };
      const groups = await nested()
        .innerJoin('user_groups', 'user_groups.id', 'nested_groups.member_id')
        .where('nested_groups.group_id', '=', groupId)
        .where(within(organizationId, 'user_groups'))
        .where(live)
        .select(['user_groups.id as id', 'user_groups.name as name'])
        .orderBy('user_groups.name_key')
        .execute();
      return {
        members: [...members, ...groups.map(({ id, name }): Member => ({ id, type: 'Group', display: name }))],
        next: undefined,
      };
    },

    listMemberIds: async (groupId: string): Promise<ReadonlySet<string>> => {
      const [users, groups] = await Promise.all([
        db
          .selectFrom('group_members')
          .select('user_id as id')
          .where('organization_id', '=', organizationId)
          .where('group_id', '=', groupId)
          .execute(),
        nested().where('group_id', '=', groupId).select('member_id as id').execute(),
      ]);
      return new Set([...users, ...groups].map(({ id }) => id));
    },

    /** How many were no members before. */
    joinGroup: async (
      groupId: string,
      users: readonly { readonly id: string; readonly userNameKey: string }[],
    ): Promise<number> => {
      let joined = 0;
      for (let at = 0; at < users.length; at += atOnce) {
        const result = await db
          .insertInto('group_members')
          .values(
            users.slice(at, at + atOnce).map(({ id, userNameKey }) => ({
              organization_id: organizationId,
              group_id: groupId,
              user_id: id,
              user_name_key: userNameKey,
              sampled: isSampled(id),
            })),
          )
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        joined += Number(result.numInsertedOrUpdatedRows ?? 0n);
      }
      return joined;
    },

    nestGroups: async (groupId: string, memberIds: readonly string[]): Promise<number> => {
      let joined = 0;
      for (const memberId of memberIds) {
        const result = await db
          .insertInto('nested_groups')
          .values({ organization_id: organizationId, group_id: groupId, member_id: memberId })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        joined += Number(result.numInsertedOrUpdatedRows ?? 0n);
      }
      return joined;
    },

    /** Users and groups alike; how many were members. */
    removeMembers: async (groupId: string, ids: readonly string[]): Promise<number> => {
      let removed = 0;
      for (const some of inPlaces(ids)) {
        const users = await db
          .deleteFrom('group_members')
          .where('organization_id', '=', organizationId)
          .where('group_id', '=', groupId)
          .where('user_id', 'in', [...some])
          .executeTakeFirst();
        const groups = await db
          .deleteFrom('nested_groups')
          .where('organization_id', '=', organizationId)
          .where('group_id', '=', groupId)
          .where('member_id', 'in', [...some])
          .executeTakeFirst();
        removed += Number(users.numDeletedRows + groups.numDeletedRows);
      }
      return removed;
    },

    listGroupsOfUsers: async (
      source: Source,
      userIds: readonly string[],
    ): Promise<readonly { readonly userId: string; readonly groupId: string; readonly name: string }[]> => {
      const found = await Promise.all(
        inPlaces(userIds).map((some) =>
          db
            .selectFrom('group_members as member')
            .innerJoin('user_groups', 'user_groups.id', 'member.group_id')
            .where('member.user_id', 'in', [...some])
            .where(within(organizationId, 'member'))
            .where(within(organizationId, 'user_groups'))
            .where(sql<boolean>`user_groups.source || '' = ${source}`)
            .where(live)
            .select(['member.user_id as userId', 'user_groups.id as groupId', 'user_groups.name as name'])
            .orderBy('user_groups.name_key')
            .execute(),
        ),
      );
      return found.flat();
    },

    listParents: async (
      source: Source,
      groupIds: readonly string[],
    ): Promise<readonly { readonly memberId: string; readonly groupId: string; readonly name: string }[]> => {
      const found = await Promise.all(
        inPlaces(groupIds).map((some) =>
          db
            .selectFrom('nested_groups as nesting')
            .innerJoin('user_groups', 'user_groups.id', 'nesting.group_id')
            .where('nesting.member_id', 'in', [...some])
            .where(within(organizationId, 'nesting'))
            .where(within(organizationId, 'user_groups'))
            .where(sql<boolean>`user_groups.source || '' = ${source}`)
            .where(live)
            .select(['nesting.member_id as memberId', 'user_groups.id as groupId', 'user_groups.name as name'])
            .orderBy('user_groups.name_key')
            .execute(),
        ),
      );
      return found.flat();
    },

    listNested: async (groupIds: readonly string[]): Promise<readonly string[]> => {
      const found = await Promise.all(
        inPlaces(groupIds).map((some) =>
          nested()
            .where('group_id', 'in', [...some])
            .select('member_id as id')
            .execute(),
        ),
      );
      return found.flat().map(({ id }) => id);
    },

    /** Those of the users that are in so many groups at least. */
    countGroupsOfUsers: async (userIds: readonly string[], atLeast: number): Promise<readonly string[]> => {
      const found = await Promise.all(
        inPlaces(userIds).map((some) =>
          db
            .selectFrom('group_members')
            .select('user_id')
            .where('user_id', 'in', [...some])
            .where(within(organizationId))
            .groupBy('user_id')
            .having((having) => having(having.fn.countAll(), '>=', atLeast))
            .execute(),
        ),
      );
      return found.flat().map((row) => row.user_id);
    },

    /** It is in no group any more, and no group is in it. */
    removeNesting: async (groupId: string): Promise<void> => {
      await db.deleteFrom('nested_groups').where(within(organizationId)).where('member_id', '=', groupId).execute();
      await db
        .deleteFrom('nested_groups')
        .where('organization_id', '=', organizationId)
        .where('group_id', '=', groupId)
        .execute();
    },

    countProvided: async (source: Source, resource: 'User' | 'Group'): Promise<number> => {
      const row = await count(source, resource)
        .select((select) => select.fn.sum<number | string>('count').as('count'))
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },

    addToCount: async (source: Source, resource: 'User' | 'Group', id: string, by: 1 | -1): Promise<void> => {
      await db
        .insertInto('scim_counts')
        .values({
          organization_id: organizationId,
          source,
          resource,
          shard: Number.parseInt(id.slice(-2), 16) % shards,
          count: by,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['organization_id', 'source', 'resource', 'shard'])
            .doUpdateSet({ count: sql<number>`scim_counts.count + ${by}` }),
        )
        .execute();
    },
  };
};
