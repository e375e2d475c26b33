import type { Source, User, UserSet } from '@latchkey/directory';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Import, ImportChange, ImportLine, LineChange } from '../directory/import-store.ts';
import type { UserSetKind } from '../directory/store.ts';
import type { Cut, Found, Position } from '../found.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, ImportRowsTable, ImportsTable } from './schema.ts';
import { equals, findRows, isSampled, type Range, within } from './search.ts';
import { inPlaces } from './user-sets.ts';
import { toUser, userRow } from './users.ts';

const toImport = (row: Selectable<ImportsTable>): Import => ({
  id: row.id,
  fileName: row.file_name,
  existing: row.existing,
  state: row.state,
  reason: row.reason,
  bytes: row.bytes,
  rows: row.row_count,
  done: row.done,
  position: (JSON.parse(row.position) ?? undefined) as Position | undefined, // written by toColumns
  counts: {
    add: row.adds,
    modify: row.modifies,
    delete: row.deletes,
    none: row.unchanged,
    error: row.errors,
    skipped: row.skipped,
  },
  columns: JSON.parse(row.columns) as Import['columns'], // written by toColumns
  newSets: JSON.parse(row.new_sets) as Import['newSets'], // written by toColumns
  createdAt: row.created_at,
  createdBy: row.created_by,
  appliedBy: row.applied_by,
  decidedAt: row.decided_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
  lease: row.lease,
  leaseUntil: row.lease_until,
});

const toColumns = ({
  id,
  createdAt,
  createdBy,
  ...rest
}: Import): Omit<ImportsTable, 'id' | 'organization_id' | 'created_at' | 'created_by'> => ({
  file_name: rest.fileName,
  existing: rest.existing,
  state: rest.state,
  reason: rest.reason,
  bytes: rest.bytes,
  row_count: rest.rows,
  done: rest.done,
  position: JSON.stringify(rest.position ?? null),
  adds: rest.counts.add,
  modifies: rest.counts.modify,
  deletes: rest.counts.delete,
  unchanged: rest.counts.none,
  errors: rest.counts.error,
  skipped: rest.counts.skipped,
  columns: JSON.stringify(rest.columns),
  new_sets: JSON.stringify(rest.newSets),
  applied_by: rest.appliedBy,
  decided_at: rest.decidedAt ?? null,
  ended_at: rest.endedAt ?? null,
  lease: rest.lease,
  lease_until: rest.leaseUntil,
});

const toLine = (row: Selectable<ImportRowsTable>): ImportLine => ({
  line: row.line,
  userNameKey: row.user_name_key,
  row: (JSON.parse(row.content) ?? undefined) as ImportLine['row'], // written by insertLines
  change: row.change,
  problems: JSON.parse(row.problems) as ImportLine['problems'], // written by insertLines
});

// One line each, by the whole key: of a list of them PostgreSQL, before it has counted the rows of a new import, would rather read all.
const updateLine = compileOnce(
  (db, change: LineChange, problems: string, organizationId: string, importId: string, line: number) =>
    db
      .updateTable('import_rows')
      .set({ change, problems })
      .where('organization_id', '=', organizationId)
      .where('import_id', '=', importId)
      .where('line', '=', line),
  { answer: 'unread' },
);

const deleteLine = compileOnce(
  (db, organizationId: string, importId: string, line: number) =>
    db
      .deleteFrom('import_rows')
      .where('organization_id', '=', organizationId)
      .where('import_id', '=', importId)
      .where('line', '=', line),
  { answer: 'unread' },
);

export const importQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('imports').selectAll().where('organization_id', '=', organizationId);
  const lines = (importId: string) =>
    db.selectFrom('import_rows').selectAll().where('organization_id', '=', organizationId).where('import_id', '=', importId);

  return {
    insertImport: async (made: Import): Promise<void> => {
      await db
        .insertInto('imports')
        .values({
          id: made.id,
          organization_id: organizationId,
          created_at: made.createdAt,
          created_by: made.createdBy,
          ...toColumns(made),
        })
        .execute();
    },

    findImport: async (id: string): Promise<Import | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toImport(row);
    },

    /** The newest first. */
    listImports: async (page: { readonly after?: string; readonly limit: number }): Promise<readonly Import[]> => {
      let query = own().orderBy('id', 'desc').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '<', page.after);
      return (await query.execute()).map(toImport);
    },

    /** Whether one of the organization is being carried out. */
    isImporting: async (): Promise<boolean> =>
      (await own().where('state', 'in', ['preparing', 'finishing']).limit(1).executeTakeFirst()) !== undefined,

    /** False if somebody else works on it, or has taken it to another state. */
    saveImport: async (next: Import, from: Pick<Import, 'state' | 'lease'>): Promise<boolean> => {
      const result = await db
        .updateTable('imports')
        .set(toColumns(next))
        .where('organization_id', '=', organizationId)
        .where('id', '=', next.id)
        .where('state', '=', from.state)
        .where('lease', '=', from.lease)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    insertLines: async (importId: string, some: readonly ImportLine[]): Promise<void> => {
      if (some.length === 0) return;
      await db
        .insertInto('import_rows')
        .values(
          some.map((each) => ({
            organization_id: organizationId,
            import_id: importId,
            line: each.line,
            user_name_key: each.userNameKey,
            content: JSON.stringify(each.row ?? null),
            change: each.change,
            problems: JSON.stringify(each.problems),
          })),
        )
        .execute();
    },

    /** In the order of the file. */
    listLines: async (
      importId: string,
      cut: { readonly after: number; readonly limit: number; readonly changes?: readonly LineChange[] },
    ): Promise<readonly ImportLine[]> => {
      let query = lines(importId).where('line', '>', cut.after).orderBy('line').limit(cut.limit);
      if (cut.changes !== undefined) query = query.where('change', 'in', [...cut.changes]);
      return (await query.execute()).map(toLine);
    },

    /** In the order of user names. */
    searchLines: async (importId: string, cut: Cut & { readonly changes: readonly LineChange[] }): Promise<Found<ImportLine>> => {
      const range: Range = {
        table: 'import_rows',
        key: ['user_name_key', 'line'],
        driving: [equals('organization_id', organizationId), equals('import_id', importId)],
        rest: [sql`change in (${sql.join([...cut.changes])})`],
        sample: [],
      };
      const { items, next } = await findRows(db, sql<Selectable<ImportRowsTable>>`*`, [range], cut);
      return { items: items.map(toLine), next };
    },

    saveLines: async (importId: string, some: readonly ImportChange[]): Promise<void> => {
      await Promise.all(
        some.map(({ line, change, problems }) =>
          updateLine(db, change, JSON.stringify(problems), organizationId, importId, line),
        ),
      );
    },

    removeLines: async (importId: string, limit: number, changes?: readonly LineChange[]): Promise<number> => {
      let some = lines(importId).clearSelect().select('line').limit(limit);
      if (changes !== undefined) some = some.where('change', 'in', [...changes]);
      const rows = await some.execute();
      await Promise.all(rows.map(({ line }) => deleteLine(db, organizationId, importId, line)));
      return rows.length;
    },

    removeImport: async (id: string): Promise<void> => {
      await db.deleteFrom('imports').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },

    /** Those who have these names now, with their groups; and whether they are this import's and not seen yet. */
    findPresent: async (
      userNameKeys: readonly string[],
    ): Promise<
      readonly {
        readonly user: User;
        readonly userNameKey: string;
        readonly importId: string | undefined;
        readonly groups: readonly string[];
      }[]
    > => {
      const found: Selectable<Database['users']>[] = [];
      for (const some of inPlaces(userNameKeys)) {
        const rows = await db
          .selectFrom('users')
          .selectAll()
          .where('organization_id', '=', organizationId)
          .where('user_name_key', 'in', [...some])
          .where('state', '<>', sql.lit('deleted'))
          .execute();
        found.push(...rows);
      }
      const groups = new Map<string, string[]>();
      for (const some of inPlaces(found.map(({ id }) => id))) {
        const rows = await db
          .selectFrom('group_members')
          .select(['user_id', 'group_id'])
          .where(within(organizationId))
          .where('user_id', 'in', [...some])
          .execute();
        for (const { user_id, group_id } of rows) groups.set(user_id, [...(groups.get(user_id) ?? []), group_id]);
      }
      return found.map((row) => ({
        user: toUser(row),
        userNameKey: row.user_name_key,
        importId: row.import_id ?? undefined,
        groups: groups.get(row.id) ?? [],
      }));
    },

    /** Users that nobody sees until the import is decided; where a name is taken, nothing is made. */
    insertHiddenUsers: async (
      importId: string,
      some: readonly { readonly user: User; readonly groupIds: readonly string[] }[],
    ): Promise<void> => {
      if (some.length === 0) return;
      const rows = some.map(({ user }) => userRow(user, organizationId, importId));
      await db
        .insertInto('users')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const made = new Set<string>();
      for (const ids of inPlaces(rows.map(({ id }) => id))) {
        const there = await db
          .selectFrom('users')
          .select('id')
          .where(within(organizationId))
          .where('id', 'in', [...ids])
          .execute();
        for (const { id } of there) made.add(id);
      }
      const members = some.flatMap(({ user, groupIds }, index) =>
        made.has(user.id)
          ? groupIds.map((groupId) => ({
              organization_id: organizationId,
              group_id: groupId,
              user_id: user.id,
              user_name_key: rows[index]?.user_name_key ?? '',
              sampled: isSampled(user.id),
            }))
          : [],
      );
      for (let at = 0; at < members.length; at += 200) {
        await db
          .insertInto('group_members')
          .values(members.slice(at, at + 200))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },

    /** They are like any other from now on. */
    ownUsers: async (ids: readonly string[]): Promise<void> => {
      for (const some of inPlaces(ids)) {
        await db
          .updateTable('users')
          .set({ import_id: null })
          .where(within(organizationId))
          .where('id', 'in', [...some])
          .execute();
      }
    },

    /** Removes so many users of an import that was called off; how many it were. */
    removeHiddenUsers: async (importId: string, limit: number): Promise<number> => {
      const rows = await db
        .selectFrom('users')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('import_id', '=', importId)
        .limit(limit)
        .execute();
      for (const some of inPlaces(rows.map(({ id }) => id))) {
        await db
          .deleteFrom('group_members')
          .where('user_id', 'in', [...some])
          .where(within(organizationId))
          .execute();
        await db
          .deleteFrom('users')
          .where('id', 'in', [...some])
          .where(within(organizationId))
          .execute();
      }
      return rows.length;
    },

    /** By folded name. */
    findSetsByName: async (
      kind: UserSetKind,
      nameKeys: readonly string[],
    ): Promise<ReadonlyMap<string, Pick<UserSet, 'id' | 'name' | 'source'>>> => {
      const found = new Map<string, Pick<UserSet, 'id' | 'name' | 'source'>>();
      for (const some of inPlaces(nameKeys)) {
        const rows = await db
          .selectFrom(kind === 'group' ? 'user_groups' : 'departments')
          .select(['id', 'name', 'name_key', 'source'])
          .where('organization_id', '=', organizationId)
          .where('name_key', 'in', [...some])
          .where('deleted_at', 'is', null)
          .execute();
        for (const row of rows) found.set(row.name_key, { id: row.id, name: row.name, source: row.source as Source }); // written by insert
      }
      return found;
    },
  };
};

export const importServerQueries = (db: Kysely<Database>) => ({
  /** Those that somebody is to work on, or whose time is over. */
  listDueImports: async (
    at: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly organizationId: string }[]> =>
    (
      await db
        .selectFrom('imports')
        .select(['id', 'organization_id'])
        .where('ended_at', 'is', null)
        .where('lease_until', '<=', at)
        .orderBy('lease_until')
        .limit(limit)
        .execute()
    ).map(({ id, organization_id }) => ({ id, organizationId: organization_id })),

  /** Those that ended before then. */
  listEndedImports: async (
    before: number,
    limit: number,
  ): Promise<readonly { readonly id: string; readonly organizationId: string }[]> =>
    (await db.selectFrom('imports').select(['id', 'organization_id']).where('ended_at', '<', before).limit(limit).execute()).map(
      ({ id, organization_id }) => ({ id, organizationId: organization_id }),
    ),
});
