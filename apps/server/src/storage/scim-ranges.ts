import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Placed, RangeCut, RangeKey } from '../scim/store.ts';
import type { Database } from './schema.ts';
import type { Condition } from './search.ts';

/** A range of an index, in its order: what one term of a SCIM filter is looked up by. */
export interface ScimRange {
  /** The tables. */
  readonly from: RawBuilder<unknown>;
  /** The columns that the index goes on with, unique together. */
  readonly key: readonly string[];
  readonly conditions: readonly Condition[];
  readonly descending?: boolean;
}

const all = (conditions: readonly Condition[]): Condition => sql`${sql.join(conditions, sql` and `)}`;
const columnsOf = ({ key }: ScimRange): readonly RawBuilder<unknown>[] => key.map((column) => sql.ref(column));

/** Rows of `table` in the range. */
export const listRange = async <Row extends object>(
  db: Kysely<Database>,
  table: keyof Database,
  range: ScimRange,
  { after, skip = 0, limit }: RangeCut,
): Promise<readonly Placed<Row>[]> => {
  const { from, conditions, descending } = range;
  const columns = columnsOf(range);
  const behind: readonly Condition[] =
    after === undefined ? [] : [sql`(${sql.join(columns)}) ${sql.raw(descending === true ? '<' : '>')} (${sql.join(after)})`];
  const direction = sql.raw(descending === true ? 'desc' : 'asc');
  const { rows } = await sql<Row & { readonly [column: string]: string | number }>`
    select ${sql.table(table)}.*, ${sql.join(columns.map((column, n) => sql`${column} as ${sql.ref(`key_${n}`)}`))}
    from ${from} where ${all([...conditions, ...behind])}
    order by ${sql.join(columns.map((column) => sql`${column} ${direction}`))} limit ${limit} offset ${skip}`.execute(db);
  return rows.map((row) => ({ row, key: range.key.map((_, n): RangeKey[number] => row[`key_${n}`] ?? '') }));
};

export const countRange = async (db: Kysely<Database>, { from, conditions }: ScimRange): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${from} where ${all(conditions)}`.execute(db);
  return Number(rows[0]?.count ?? 0);
};
