import { foldUserName, type User, type UserSource, type UserState } from '@latchkey/directory';
import type { Kysely, Selectable } from 'kysely';
import type { UserFilter } from '../directory/store.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, UsersTable } from './schema.ts';

const toUser = (row: Selectable<UsersTable>): User => ({
  id: row.id,
  userName: row.user_name,
  displayName: row.display_name,
  state: row.state,
  source: row.source as UserSource, // written by insertUser
  createdAt: row.created_at,
  updatedAt: row.updated_at,
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

export const userQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('users').selectAll().where('organization_id', '=', organizationId);

  return {
    /** False if a user who is not deleted has the name. */
    insertUser: async (user: User): Promise<boolean> => {
      const result = await db
        .insertInto('users')
        .values({
          id: user.id,
          organization_id: organizationId,
          user_name: user.userName,
          user_name_key: foldUserName(user.userName).userNameKey,
          display_name: user.displayName,
          state: user.state,
          source: user.source,
          created_at: user.createdAt,
          updated_at: user.updatedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    /** A deleted one is found too. */
    findUser: async (id: string): Promise<User | undefined> => {
      const [row] = (await selectUser(db, organizationId, id)).rows;
      return row && toUser(row);
    },

    /** The user a device is bound to; a deleted one is found too. */
    findDeviceUser: async (deviceId: string): Promise<User | undefined> => {
      const [row] = (await selectDeviceUser(db, organizationId, deviceId)).rows;
      return row && toUser(row);
    },

    /** The user who has the name now: never a deleted one. */
    findUserByName: async (userNameKey: string): Promise<User | undefined> => {
      const row = await own().where('user_name_key', '=', userNameKey).where('state', '<>', 'deleted').executeTakeFirst();
      return row && toUser(row);
    },

    /** Whether somebody who is deleted had the name, and nobody has it now. */
    wasUserDeleted: async (userNameKey: string): Promise<boolean> => {
      const rows = await own().where('user_name_key', '=', userNameKey).execute();
      return rows.length > 0 && rows.every((row) => row.state === 'deleted');
    },

    listUsers: async (filter: UserFilter): Promise<readonly User[]> => {
      let query = own().where('state', '<>', 'deleted').orderBy('id').limit(filter.limit);
      if (filter.state !== undefined) query = query.where('state', '=', filter.state);
      if (filter.after !== undefined) query = query.where('id', '>', filter.after);
      if (filter.prefix !== undefined && filter.prefix !== '') {
        // By bytes, so that the index serves it; U+10FFFF is behind every character a name may have.
        query = query.where('user_name_key', '>=', filter.prefix).where('user_name_key', '<', `${filter.prefix}\u{10ffff}`);
      }
      return (await query.execute()).map(toUser);
    },

    /** False if the user is no longer in the state the decision was made for. */
    changeUserState: async (
      id: string,
      from: UserState,
      to: { readonly state: UserState; readonly at: number },
    ): Promise<boolean> => {
      const result = await db
        .updateTable('users')
        .set({ state: to.state, updated_at: to.at })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
};
