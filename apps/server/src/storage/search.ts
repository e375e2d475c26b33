import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Cut, Found, Position, Total } from '../found.ts';
import { readLong } from './long-read.ts';
import type { Database } from './schema.ts';

export type Condition = RawBuilder<SqlBool>;

/** A range of one index, read in its order. A list is one range, or several one after another. */
export interface Range {
  readonly table: keyof Database;
  /** Another table, and on what it is joined: for the row, and for what `rest` asks. Each row of `table` has one there. */
  readonly join?: RawBuilder<unknown>;
  /** The columns that the index goes on with, unique together. Each is a column of the row, too. */
  readonly key: readonly string[];
  /** What the first of them begins with. */
  readonly begins?: string;
  /** What else bounds the range in the index. */
  readonly driving: readonly Condition[];
  /** What the index does not know. */
  readonly rest: readonly Condition[];
  /** By which the sample of the range is found. */
  readonly sample: readonly Condition[];
  /** What the index of the sample knows of a row, where that is all that is asked of it: no row is looked up then. */
  readonly sampleColumns?: readonly string[];
  readonly descending?: boolean;
}

/** Rows that one query looks at for what no index knows, and how many such queries one page may take. */
const step = 2000;
const steps = 10;
/** How many rows of a range are counted, and looked at one by one. */
const exactly = 10_000;
/** Ids end in a random octet: 0006-directory.ts. */
const sampleOf = 256;
/** More than a sample has; with a limit it is taken by itself, by the index of the sample. */
const allSampled = 1_000_000;
/** Greater than every text that begins with what it is put behind, by bytes (UTF-8). */
const AFTER_PREFIX = '\u{10ffff}';

/** Whether the row with this id is in the sample that large totals are estimated from. */
export const isSampled = (id: string): 0 | 1 => (id.endsWith('00') ? 1 : 0);

export const equals = (column: string, value: string | number): Condition => sql`${sql.ref(column)} = ${value}`;

/** Every condition is evaluated where it stands; by bytes, so that an index serves it. */
export const begins = (column: string, text: string): Condition =>
  sql`(${sql.ref(column)} >= ${text} and ${sql.ref(column)} < ${text + AFTER_PREFIX})`;

/**
 * Of this organization, but not to be looked up by it. SQLite takes an organization to have ten rows, and would rather read all of it than
 * look up twenty ids.
 */
export const within = (organizationId: string, table?: string): Condition =>
  sql`${sql.ref(table === undefined ? 'organization_id' : `${table}.organization_id`)} || '' = ${organizationId}`;

const all = (conditions: readonly Condition[]): Condition => sql`${sql.join(conditions, sql` and `)}`;
const joinOf = ({ join }: Range): RawBuilder<unknown> => (join === undefined ? sql`` : sql` join ${join}`);
const keyColumns = (range: Range): RawBuilder<unknown> => sql.join(range.key.map((column) => sql.ref(column)));

const ordered = (range: Range): RawBuilder<unknown> =>
  sql.join(range.key.map((column) => sql`${sql.ref(column)} ${sql.raw(range.descending === true ? 'desc' : 'asc')}`));

const behind = (range: Range, key: Position['key']): Condition =>
  sql`(${keyColumns(range)}) ${sql.raw(range.descending === true ? '<' : '>')} (${sql.join(key)})`;

/** What bounds the range behind the key. One lower bound only: of two an engine may take the wrong one. */
const boundsOf = (range: Range, key: Position['key'] | undefined): readonly Condition[] => {
  const [column = ''] = range.key;
  const { begins: text } = range;
  if (key === undefined) return [...range.driving, ...(text === undefined ? [] : [begins(column, text)])];
  const end = text === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} < ${text + AFTER_PREFIX}`];
  return [...range.driving, ...end, behind(range, key)];
};

/**
 * The first rows of a range and what they are joined to. With its limit it is read by itself, in its order, and whatever else is asked is
 * asked of these rows only: no planner begins from the other end.
 */
const firstOf = (range: Range, bounds: readonly Condition[], most: number): RawBuilder<unknown> =>
  sql`(select * from ${sql.table(range.table)} where ${all(bounds)} order by ${ordered(range)} limit ${most})
    as ${sql.table(range.table)}${joinOf(range)}`;

type Row = Readonly<Record<string, unknown>>;

const keyOf = (range: Range, row: Row): Position['key'] =>
  range.key.map((column) => row[column.slice(column.lastIndexOf('.') + 1)] as string | number); // keys are text and numbers

/** Cuts one page: one row more than it shows is asked for, to know whether there is a next one. */
export const findRows = async <R extends object>(
  db: Kysely<Database>,
  columns: RawBuilder<R>,
  ranges: readonly Range[],
  { after, limit }: Cut,
): Promise<Found<R>> => {
  const items: R[] = [];
  let left = steps;
  for (const [index, range] of ranges.entries()) {
    if (index < (after?.range ?? 0)) continue;
    const isFirst = index === after?.range && after.key.length > 0;
    // A position of another list is behind everything.
    if (isFirst && after.key.length !== range.key.length) break;
    let key = isFirst ? after.key : undefined;
    for (let ended = false; !ended; ) {
      const isIndexed = range.rest.length === 0;
      if (!isIndexed) {
        if (left === 0) return { items, next: { range: index, key: key ?? [] } };
        left -= 1;
      }
      const bounds = boundsOf(range, key);
      const most = limit + 1 - items.length;
      const page = sql<R>`select ${columns} from ${firstOf(range, bounds, isIndexed ? most : step)}
        ${isIndexed ? sql`` : sql`where ${all(range.rest)}`} order by ${ordered(range)} limit ${most}`;
      const { rows } = await (isIndexed ? page.execute(db) : readLong(db, page));
      items.push(...rows);
      if (items.length > limit) {
        items.pop();
        const lastShown = rows.at(-2);
        return { items, next: { range: index, key: lastShown === undefined ? (key ?? []) : keyOf(range, lastShown as Row) } }; // R is a row
      }
      const last = isIndexed
        ? undefined
        : await readLong(
            db,
            sql<Row>`select ${keyColumns(range)} from ${sql.table(range.table)} where ${all(bounds)}
              order by ${ordered(range)} limit 1 offset ${step - 1}`,
          );
      const until = last?.rows[0];
      ended = until === undefined;
      key = until && keyOf(range, until);
    }
  }
  return { items, next: undefined };
};

const countRows = async (db: Kysely<Database>, from: RawBuilder<unknown>, conditions: readonly Condition[], most: number) => {
  const { rows } = await readLong(
    db,
    sql<{
      count: number;
    }>`select count(*) as count from (select 1 from ${from} where ${all(conditions)} limit ${most}) as counted`,
  );
  return Number(rows[0]?.count ?? 0);
};

const countRange = async (db: Kysely<Database>, range: Range): Promise<Total> => {
  const bounds = boundsOf(range, undefined);
  const isIndexed = range.rest.length === 0;
  const bounded = await countRows(db, sql.table(range.table), bounds, exactly + 1);
  if (bounded <= exactly) {
    const total =
      isIndexed || bounded === 0 ? bounded : await countRows(db, firstOf(range, bounds, exactly), range.rest, exactly);
    return { total, totalIsEstimate: false };
  }
  const columns = range.sampleColumns === undefined ? sql`*` : sql.join(range.sampleColumns.map((column) => sql.ref(column)));
  const sampled = sql`(select ${columns} from ${sql.table(range.table)} where ${all(range.sample)} and sampled = 1 limit ${allSampled})
    as ${sql.table(range.table)}${isIndexed ? sql`` : joinOf(range)}`;
  const found = await countRows(db, sampled, [...bounds, ...range.rest], allSampled);
  return { total: Math.max(isIndexed ? bounded : 0, found * sampleOf), totalIsEstimate: true };
};

/** How many rows the ranges have together. */
export const countAll = async (db: Kysely<Database>, ranges: readonly Range[]): Promise<Total> => {
  const found = await Promise.all(ranges.map((range) => countRange(db, range)));
  return {
    total: found.reduce((sum, { total }) => sum + total, 0),
    totalIsEstimate: found.some(({ totalIsEstimate }) => totalIsEstimate),
  };
};
