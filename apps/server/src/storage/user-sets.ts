import { foldText, type Source, type UserSet } from '@latchkey/directory';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { UserSetFilter } from '../directory/store.ts';
import type { Found, Total } from '../found.ts';
import type { Database, UserSetsTable } from './schema.ts';
import { type Condition, countAll, equals, findRows, isSampled, type Range, within } from './search.ts';

type Table = 'user_groups' | 'departments';

/** As many as a query has places for: a list of another length would be another query to prepare. */
const places = 200;

/** The list in pieces of one length, filled up with its last item. */
export const inPlaces = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / places) }, (_, piece) => {
    const some = items.slice(piece * places, (piece + 1) * places);
    return [...some, ...some.slice(-1).flatMap((last) => Array.from({ length: places - some.length }, () => last))];
  });

export const toUserSet = (row: Selectable<UserSetsTable>): UserSet => ({
  id: row.id,
  name: row.name,
  comments: row.comments,
  source: row.source as Source, // written by insert
  system: row.system === 1,
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Groups and departments are kept alike. */
export const userSetQueries = (db: Kysely<Database>, organizationId: string, table: Table) => {
  const own = () =>
    db.selectFrom(table).selectAll().where('organization_id', '=', organizationId).where('deleted_at', 'is', null);

  const rangesOf = (filter: Pick<UserSetFilter, 'q' | 'source'>): readonly Range[] => {
    const organization = equals('organization_id', organizationId);
    const live: Condition = sql`deleted_at is null`;
    return [
      {
        table,
        key: ['name_key'],
        ...(filter.q === undefined || filter.q === '' ? {} : { begins: foldText(filter.q) }),
        driving: [organization, live, ...(filter.source === undefined ? [] : [equals('source', filter.source)])],
        rest: [],
        sample: [organization],
      },
    ];
  };

  return {
    /** False if there is one of this name. */
    insert: async (set: UserSet): Promise<boolean> => {
      const result = await db
        .insertInto(table)
        .values({
          id: set.id,
          organization_id: organizationId,
          name: set.name,
          name_key: foldText(set.name),
          comments: set.comments,
          source: set.source,
          system: set.system ? 1 : 0,
          revision: set.revision,
          created_at: set.createdAt,
          updated_at: set.updatedAt,
          deleted_at: null,
          sampled: isSampled(set.id),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    find: async (id: string): Promise<UserSet | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toUserSet(row);
    },

    findByName: async (name: string): Promise<UserSet | undefined> => {
      const row = await own().where('name_key', '=', foldText(name)).executeTakeFirst();
      return row && toUserSet(row);
    },

    /** Those of them that there are. */
    findAll: async (ids: readonly string[]): Promise<readonly UserSet[]> => {
      const found = await Promise.all(
        inPlaces(ids).map((some) =>
          db
            .selectFrom(table)
            .selectAll()
            .where('id', 'in', [...some])
            .where(within(organizationId))
            .where('deleted_at', 'is', null)
            .execute(),
        ),
      );
      return found.flat().map(toUserSet);
    },

    search: async (filter: UserSetFilter): Promise<Found<UserSet>> => {
      const { items, next } = await findRows(db, sql<Selectable<UserSetsTable>>`*`, rangesOf(filter), filter);
      return { items: items.map(toUserSet), next };
    },

    total: (filter: Pick<UserSetFilter, 'q' | 'source'>): Promise<Total> => countAll(db, rangesOf(filter)),

    /** How many there are, but no more than `most`. */
    count: async (most: number): Promise<number> => {
      const counted = db
        .selectFrom(own().clearSelect().select('id').limit(most).as('counted'))
        .select((select) => select.fn.countAll<number>().as('count'));
      return Number((await counted.executeTakeFirst())?.count ?? 0);
    },

    /** False if it is no longer the one that was looked at. The name must be free. */
    save: async (set: UserSet, from: number): Promise<boolean> => {
      const result = await db
        .updateTable(table)
        .set({
          name: set.name,
          name_key: foldText(set.name),
          comments: set.comments,
          source: set.source,
          revision: set.revision,
          updated_at: set.updatedAt,
        })
        .where('organization_id', '=', organizationId)
        .where('id', '=', set.id)
        .where('revision', '=', from)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** Gone at once, whoever is in it; the name is free. */
    delete: async (id: string, at: number): Promise<void> => {
      await db
        .updateTable(table)
        .set({ deleted_at: at })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },

    /** The row itself, once nobody is in it. */
    remove: async (id: string): Promise<void> => {
      await db
        .deleteFrom(table)
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('deleted_at', 'is not', null)
        .execute();
    },
  };
};

export const userSetServerQueries = (db: Kysely<Database>) => ({
  /** Deleted ones whose users are still to be let go of. */
  listDeletedUserSets: async (
    limit: number,
  ): Promise<readonly { readonly kind: 'group' | 'department'; readonly id: string; readonly organizationId: string }[]> => {
    const of = (table: Table) =>
      db
        .selectFrom(table)
        .select(['id', 'organization_id'])
        .where('deleted_at', 'is not', null)
        .orderBy('deleted_at')
        .limit(limit);
    const [groups, departments] = await Promise.all([of('user_groups').execute(), of('departments').execute()]);
    return [
      ...groups.map((row) => ({ kind: 'group' as const, id: row.id, organizationId: row.organization_id })),
      ...departments.map((row) => ({ kind: 'department' as const, id: row.id, organizationId: row.organization_id })),
    ];
  },
});
