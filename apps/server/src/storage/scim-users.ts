import type { Source } from '@latchkey/directory';
import type { JsonObject } from '@latchkey/scim';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Placed, ProvidedUser, RangeCut, UserRange } from '../scim/store.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, UsersTable } from './schema.ts';
import { countRange, listRange, type ScimRange } from './scim-ranges.ts';
import { begins, type Condition, equals, within } from './search.ts';
import { inPlaces } from './user-sets.ts';
import { toUser } from './users.ts';

type Row = Selectable<UsersTable>;

const toProvidedUser = (row: Row): ProvidedUser => ({
  user: toUser(row),
  externalId: row.scim_external_id ?? undefined,
  attributes: JSON.parse(row.scim ?? '{}') as JsonObject, // written by insertUser and saveUser
  deleteAt: row.scim_delete_at ?? undefined,
});

const selectProvided = compileOnce((db, organizationId: string, source: string, id: string) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .where('source', '=', source)
    .where('state', '<>', sql.lit('deleted')),
);

const live: Condition = sql`users.state <> 'deleted'`;
/** In the order of user names; the name is unique. */
const byName = ['users.user_name_key'];

const rangeOf = (organizationId: string, source: Source, range: UserRange): ScimRange => {
  const own = [equals('users.organization_id', organizationId), equals('users.source', source), live];
  const users = (driving: readonly Condition[], key: readonly string[] = byName): ScimRange => ({
    from: sql`users`,
    key,
    conditions: [...own, ...driving],
  });
  const joined = (table: 'group_members' | 'user_emails', driving: readonly Condition[], key: readonly string[]): ScimRange => ({
    from: sql`${sql.table(table)} join users on users.id = ${sql.ref(`${table}.user_id`)}`,
    key,
    conditions: [
      equals(`${table}.organization_id`, organizationId),
      ...driving,
      within(organizationId, 'users'),
      ...own.slice(1),
    ],
  });
  const text = (column: string, key: string, isBeginning: boolean): Condition =>
    isBeginning ? begins(column, key) : equals(column, key);
  switch (range.by) {
    case 'all': {
      const keys = {
        userName: byName,
        displayName: ['users.display_name_key', 'users.id'],
        lastModified: ['users.updated_at', 'users.id'],
      };
      return { ...users([], keys[range.order]), descending: range.descending };
    }
    case 'id':
      return users([equals('users.id', range.id)]);
    case 'userName':
      return users([text('users.user_name_key', range.key, range.begins)]);
    case 'displayName':
      return users([text('users.display_name_key', range.key, range.begins)], ['users.display_name_key', 'users.id']);
    case 'externalId':
      return users(
        [sql`users.scim_external_id is not null`, equals('users.scim_external_id', range.value)],
        ['users.scim_external_id', 'users.id'],
      );
    case 'email':
      return joined('user_emails', [equals('user_emails.email_key', range.key)], ['user_emails.user_id']);
    case 'active':
      return users([equals('users.state', range.active ? 'active' : 'disabled')]);
    case 'lastModified':
      return users(
        [sql`users.updated_at >= ${range.from}`, sql`users.updated_at <= ${range.to}`],
        ['users.updated_at', 'users.id'],
      );
    case 'group':
      return joined('group_members', [equals('group_members.group_id', range.id)], ['group_members.user_name_key']);
  }
};

export const scimUserQueries = (db: Kysely<Database>, organizationId: string) => ({
  findProvidedUser: async (source: Source, id: string): Promise<ProvidedUser | undefined> => {
    const [row] = (await selectProvided(db, organizationId, source, id)).rows;
    return row && toProvidedUser(row);
  },

  /** Those of them that there are. */
  findProvidedUsers: async (source: Source, ids: readonly string[]): Promise<readonly ProvidedUser[]> => {
    const found = await Promise.all(
      inPlaces(ids).map((some) =>
        db
          .selectFrom('users')
          .selectAll()
          .where('id', 'in', [...some])
          .where(within(organizationId))
          .where(sql<boolean>`source || '' = ${source}`)
          .where(live)
          .execute(),
      ),
    );
    return found.flat().map(toProvidedUser);
  },

  listUserKeys: async (
    source: Source,
    ids: readonly string[],
  ): Promise<readonly { readonly id: string; readonly userNameKey: string }[]> => {
    const found = await Promise.all(
      inPlaces(ids).map((some) =>
        db
          .selectFrom('users')
          .select(['id', 'user_name_key as userNameKey'])
          .where('id', 'in', [...some])
          .where(within(organizationId))
          .where(sql<boolean>`source || '' = ${source}`)
          .where(live)
          .execute(),
      ),
    );
    return found.flat();
  },

  listProvidedUsers: async (source: Source, range: UserRange, cut: RangeCut): Promise<readonly Placed<ProvidedUser>[]> => {
    const found = await listRange<Row>(db, 'users', rangeOf(organizationId, source, range), cut);
    return found.map(({ row, key }) => ({ row: toProvidedUser(row), key }));
  },

  countProvidedUsers: (source: Source, range: UserRange): Promise<number> =>
    countRange(db, rangeOf(organizationId, source, range)),

  /** Exactly these. */
  saveUserEmails: async (userId: string, keys: readonly string[]): Promise<void> => {
    await db.deleteFrom('user_emails').where(within(organizationId)).where('user_id', '=', userId).execute();
    if (keys.length === 0) return;
    await db
      .insertInto('user_emails')
      .values(keys.map((key) => ({ organization_id: organizationId, user_id: userId, email_key: key })))
      .execute();
  },

  /** The user is deleted: nothing of what the source has said is kept. */
  forgetProvidedUser: async (id: string): Promise<void> => {
    await db
      .updateTable('users')
      .set({ scim: null, scim_external_id: null, scim_delete_at: null })
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .execute();
    await db.deleteFrom('user_emails').where(within(organizationId)).where('user_id', '=', id).execute();
  },

  setUserDeletion: async (id: string, at: number | null): Promise<void> => {
    await db
      .updateTable('users')
      .set({ scim_delete_at: at })
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .execute();
  },
});

export const scimUserServerQueries = (db: Kysely<Database>) => ({
  listDueDeletionsOfUsers: async (
    at: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly organizationId: string; readonly source: Source }[]> => {
    const rows = await db
      .selectFrom('users')
      .select(['id', 'organization_id', 'source'])
      .where('scim_delete_at', 'is not', null)
      .where('scim_delete_at', '<=', at)
      .orderBy('scim_delete_at')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ id: row.id, organizationId: row.organization_id, source: row.source as Source })); // written by users.ts
  },
});
