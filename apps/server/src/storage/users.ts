import { foldText, foldUserName, type NewUser, newUser, type Source, type User, type UserState } from '@latchkey/directory';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { UserFilter } from '../directory/store.ts';
import type { Found, Total } from '../found.ts';
import type { Provided } from '../scim/store.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, UsersTable } from './schema.ts';
import { begins, type Condition, countAll, equals, findRows, isSampled, type Range, within } from './search.ts';

export const toUser = (row: Selectable<UsersTable>): User => ({
  id: row.id,
  userName: row.user_name,
  displayName: row.display_name,
  email: row.email,
  departmentId: row.department_id ?? undefined,
  comments: row.comments,
  state: row.state,
  disabledBy: (row.disabled_by ?? undefined) as Source | undefined, // written by toColumns
  source: row.source as Source, // written by toColumns
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** What of a row changes with its user. */
const toColumns = (user: User) => ({
  user_name: user.userName,
  user_name_key: foldUserName(user.userName).userNameKey,
  display_name: user.displayName,
  display_name_key: foldText(user.displayName),
  email: user.email,
  department_id: user.departmentId ?? null,
  comments: user.comments,
  state: user.state,
  disabled_by: user.disabledBy ?? null,
  source: user.source,
  revision: user.revision,
  updated_at: user.updatedAt,
});

/** What a provisioning source says beside it. */
const providedColumns = ({ externalId, attributes }: Provided) => ({
  scim_external_id: externalId ?? null,
  scim: JSON.stringify(attributes),
});

export const userRow = (user: User, organizationId: string, importId: string | null): UsersTable => ({
  id: user.id,
  organization_id: organizationId,
  ...toColumns(user),
  created_at: user.createdAt,
  import_id: importId,
  sampled: isSampled(user.id),
  scim_external_id: null,
  scim: null,
  scim_delete_at: null,
});

const selectUser = compileOnce((db, organizationId: string, id: string) =>
  db.selectFrom('users').selectAll().where('organization_id', '=', organizationId).where('id', '=', id),
);

const selectDeviceUser = compileOnce((db, organizationId: string, deviceId: string) =>
  db
    .selectFrom('devices')
    .innerJoin('users', 'users.id', 'devices.user_id')
    .selectAll('users')
    .where('devices.organization_id', '=', organizationId)
    .where('devices.id', '=', deviceId)
    .where('users.organization_id', '=', organizationId),
);

const selectUserByName = compileOnce((db, organizationId: string, userNameKey: string) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('user_name_key', '=', userNameKey)
    .where('state', '<>', sql.lit('deleted')),
);

/** The index users_sample. */
const sampleColumns = 'organization_id id user_name_key display_name_key state source department_id import_id'.split(' ');

// As the partial indexes have it: a bound parameter would not be recognized.
const live: Condition = sql`users.state <> 'deleted'`;

export const userQueries = (db: Kysely<Database>, organizationId: string) => {
  const undecided = () =>
    db
      .selectFrom('imports')
      .select('id')
      .where('organization_id', '=', organizationId)
      .where('decided_at', 'is', null)
      .where('state', 'in', ['preparing', 'cancelling']);

  /** Nobody sees the users of an import that is not decided. */
  const visible = async (row: Selectable<UsersTable> | undefined): Promise<User | undefined> => {
    if (row === undefined) return undefined;
    if (row.import_id !== null && (await undecided().where('id', '=', row.import_id).executeTakeFirst()) !== undefined) {
      return undefined;
    }
    return toUser(row);
  };

  const rangesOf = async (filter: Omit<UserFilter, 'limit' | 'after'>): Promise<readonly Range[]> => {
    const own = equals('users.organization_id', organizationId);
    const seen = (await undecided().execute()).map(
      ({ id }): Condition => sql`(users.import_id is null or users.import_id <> ${id})`,
    );
    const { q, groupId, departmentId, state, source } = filter;
    // The narrowest first: it is the one that is looked up.
    const exact: readonly Condition[] = [
      ...(departmentId === undefined ? [] : [equals('users.department_id', departmentId)]),
      ...(state === 'disabled' ? [equals('users.state', state)] : []),
      ...(source === undefined ? [] : [equals('users.source', source)]),
      ...(state === 'active' ? [equals('users.state', state)] : []),
    ];
    const prefix = q === undefined || q === '' ? undefined : foldText(q);
    const begun = prefix === undefined ? {} : { begins: prefix };
    const byName: Range =
      groupId === undefined
        ? {
            table: 'users',
            key: ['users.user_name_key'],
            ...begun,
            driving: [own, live, ...seen, ...exact.slice(0, 1)],
            rest: exact.slice(1),
            sample: [own],
            sampleColumns,
          }
        : {
            table: 'group_members',
            join: sql`users on users.id = group_members.user_id and users.organization_id = group_members.organization_id`,
            key: ['group_members.user_name_key'],
            ...begun,
            driving: [equals('group_members.organization_id', organizationId), equals('group_members.group_id', groupId)],
            rest: [...seen, ...exact],
            sample: [equals('organization_id', organizationId), equals('group_id', groupId)],
          };
    if (prefix === undefined) return [byName];
    const member: Condition = sql`exists (select 1 from group_members where organization_id = ${organizationId}
      and group_id = ${groupId ?? ''} and user_id = users.id)`;
    const byDisplayName: Range = {
      table: 'users',
      key: ['users.display_name_key', 'users.id'],
      begins: prefix,
      driving: [own, live, ...seen],
      // Those were in the range before.
      rest: [sql`not ${begins('users.user_name_key', prefix)}`, ...exact, ...(groupId === undefined ? [] : [member])],
      sample: [own],
      sampleColumns,
    };
    return [byName, byDisplayName];
  };

  /** Takes a name back that an undecided import has reserved: what happens now comes first. */
  const takeName = async (userNameKey: string): Promise<void> => {
    const [row] = (await selectUserByName(db, organizationId, userNameKey)).rows;
    if (row === undefined || row.import_id === null || (await visible(row)) !== undefined) return;
    await db.deleteFrom('group_members').where(within(organizationId)).where('user_id', '=', row.id).execute();
    await db.deleteFrom('users').where('organization_id', '=', organizationId).where('id', '=', row.id).execute();
  };

  const insert = async (row: UsersTable): Promise<boolean> => {
    const result = await db
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  };

  return {
    /** False if a user who is not deleted has the name. */
    insertUser: async (given: NewUser, provided?: Provided): Promise<boolean> => {
      const row = {
        ...userRow(newUser(given), organizationId, null),
        ...(provided === undefined ? {} : providedColumns(provided)),
      };
      if (await insert(row)) return true;
      await takeName(row.user_name_key);
      return insert(row);
    },

    /** A deleted one is found too. */
    findUser: async (id: string): Promise<User | undefined> => {
      const [row] = (await selectUser(db, organizationId, id)).rows;
      return visible(row);
    },

    /** The user a device is bound to; a deleted one is found too. */
    findDeviceUser: async (deviceId: string): Promise<User | undefined> => {
      const [row] = (await selectDeviceUser(db, organizationId, deviceId)).rows;
      return row && toUser(row);
    },

    /** The user who has the name now: never a deleted one. */
    findUserByName: async (userNameKey: string): Promise<User | undefined> => {
      const [row] = (await selectUserByName(db, organizationId, userNameKey)).rows;
      return visible(row);
    },

    /** Whether somebody who is deleted had the name, and nobody has it now. */
    wasUserDeleted: async (userNameKey: string): Promise<boolean> => {
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('user_name_key', '=', userNameKey)
        .execute();
      const seen = (await Promise.all(rows.map(visible))).filter((user) => user !== undefined);
      return seen.length > 0 && seen.every((user) => user.state === 'deleted');
    },

    /** By user name; with `q` those whose user name begins with it, then those whose display name does. Deleted ones never. */
    searchUsers: async (filter: UserFilter): Promise<Found<User>> => {
      const { items, next } = await findRows(db, sql<Selectable<UsersTable>>`users.*`, await rangesOf(filter), filter);
      // One that has begun since is not seen either.
      const seen = await Promise.all(items.map(visible));
      return { items: seen.filter((user) => user !== undefined), next };
    },

    totalUsers: async (filter: Omit<UserFilter, 'limit' | 'after'>): Promise<Total> => countAll(db, await rangesOf(filter)),

    /** Writes the user as it is now; false if it is no longer the one that was looked at. A new name must be free. */
    saveUser: async (user: User, from: number, provided?: Provided): Promise<boolean> => {
      const columns = { ...toColumns(user), ...(provided === undefined ? {} : providedColumns(provided)) };
      await takeName(columns.user_name_key);
      const result = await db
        .updateTable('users')
        .set(columns)
        .where('organization_id', '=', organizationId)
        .where('id', '=', user.id)
        .where('revision', '=', from)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) return false;
      await db
        .updateTable('group_members')
        .set({ user_name_key: columns.user_name_key })
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', user.id)
        .where('user_name_key', '<>', columns.user_name_key)
        .execute();
      return true;
    },

    /** False if the user is no longer in the state the decision was made for. Who is deleted is in no group and no department. */
    changeUserState: async (
      id: string,
      from: UserState,
      to: { readonly state: UserState; readonly at: number; readonly by?: Source },
    ): Promise<boolean> => {
      const result = await db
        .updateTable('users')
        .set((update) => ({
          state: to.state,
          disabled_by: to.state === 'disabled' ? (to.by ?? 'api') : null,
          updated_at: to.at,
          revision: update('revision', '+', 1),
          ...(to.state === 'deleted' ? { department_id: null } : {}),
        }))
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) return false;
      if (to.state === 'deleted') {
        await db.deleteFrom('group_members').where(within(organizationId)).where('user_id', '=', id).execute();
      }
      return true;
    },

    /** Its groups have changed: the next ETag. */
    touchUser: async (id: string, at: number): Promise<void> => {
      await db
        .updateTable('users')
        .set((update) => ({ updated_at: at, revision: update('revision', '+', 1) }))
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },
  };
};
