import type { DeviceState } from '@latchkey/device';
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Cut, Found, Total } from '../found.ts';
import type { DeviceCount, LockedOutFilter, LockedOutUser, UserCount } from '../settings/readiness-store.ts';
import { readLong } from './long-read.ts';
import type { Database } from './schema.ts';
import { type Condition, countAll, equals, findRows, type Range, within } from './search.ts';

/** Rows that one query looks at, and how many are counted one by one before it is estimated. */
const step = 2000;
const exactly = 10_000;
/** 0006-directory.ts */
const sampleOf = 256;
/** More than a sample has; with a limit it is read by its own index. */
const allSampled = 1_000_000;

/** The states in which a device lets its user in. */
const enrolled: readonly DeviceState[] = ['registered', 'unregistered'];

/** What stands behind the last `@`, on either engine: what is left is cut until there is one. */
const domainOf = (column: string): RawBuilder<string> => {
  const name = sql.ref(column);
  return sql`substr(${name}, length(rtrim(${name}, replace(${name}, '@', ''))) + 1)`;
};

const isOneOf = (value: RawBuilder<unknown>, all: readonly string[]): Condition =>
  all.length === 0 ? sql`1 = 0` : sql`${value} in (${sql.join(all)})`;

const all = (conditions: readonly Condition[]): Condition => sql`${sql.join(conditions, sql` and `)}`;
const any = (conditions: readonly Condition[]): Condition => sql`(${sql.join(conditions, sql` or `)})`;

// As the partial indexes have it: a bound parameter would not be recognized.
const live: Condition = sql`users.state <> 'deleted'`;

export const readinessQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = (table: string): Condition => equals(`${table}.organization_id`, organizationId);
  const isEnrolled = isOneOf(sql.ref('devices.state'), enrolled);
  const hasDevice = (...more: readonly Condition[]): Condition =>
    sql`exists (select 1 from devices where ${own('devices')} and devices.user_name_key = users.user_name_key and ${all([isEnrolled, ...more])})`;
  /** Nobody sees the users of an import that is not decided. */
  const visible: Condition = sql`(users.import_id is null or users.import_id not in (select id from imports
    where ${own('imports')} and decided_at is null and state in ('preparing', 'cancelling')))`;
  const isActive: Condition = sql`users.state = 'active'`;

  /** Counts by domain: all rows a step at a time, or what the sample says of them. */
  const countByDomain = async <Name extends string>(counted: {
    readonly table: 'users' | 'devices';
    /** What the index that is read goes on with. */
    readonly key: string;
    readonly driving: readonly Condition[];
    readonly rest: readonly Condition[];
    readonly columns: Readonly<Record<Name, RawBuilder<unknown>>>;
  }): Promise<{ readonly counts: ReadonlyMap<string, Readonly<Record<Name, number>>>; readonly isEstimate: boolean }> => {
    const { table, key, driving, rest } = counted;
    const names = Object.keys(counted.columns) as Name[]; // its keys
    const totals = new Map<string, Record<Name, number>>();
    const add = async (from: RawBuilder<unknown>, conditions: readonly Condition[], times: number): Promise<void> => {
      const judged = names.map((name) => sql`${counted.columns[name]} as ${sql.id(name)}`);
      const sums = names.map((name) => sql`sum(${sql.id(name)}) as ${sql.id(name)}`);
      const { rows } = await readLong(
        db,
        sql<Record<Name, number | string> & { readonly domain: string }>`
          select domain, ${sql.join(sums)} from (
            select ${domainOf(`${table}.user_name_key`)} as domain, ${sql.join(judged)} from ${from} where ${all(conditions)}
          ) as judged group by domain`,
      );
      for (const row of rows) {
        const before = totals.get(row.domain);
        const sum = (name: Name): number => (before?.[name] ?? 0) + Number(row[name]) * times;
        totals.set(row.domain, Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<Name, number>); // of each name
      }
    };
    const { rows: counting } = await sql<{ count: number }>`select count(*) as count
      from (select 1 from ${sql.table(table)} where ${all(driving)} limit ${exactly + 1}) as counted`.execute(db);
    if (Number(counting[0]?.count ?? 0) > exactly) {
      const sampled = sql`(select * from ${sql.table(table)} where ${own(table)} and sampled = 1 limit ${allSampled}) as ${sql.table(table)}`;
      await add(sampled, [...driving, ...rest], sampleOf);
      return { counts: totals, isEstimate: true };
    }
    const column = sql.ref(`${table}.${key}`);
    for (let after: string | undefined, ended = false; !ended; ) {
      const behind = after === undefined ? [] : [sql<SqlBool>`${column} > ${after}`];
      const { rows } = await sql<{ key: string }>`select ${column} as key from ${sql.table(table)}
        where ${all([...driving, ...behind])} order by ${column} limit 1 offset ${step - 1}`.execute(db);
      const until = rows[0]?.key;
      const upTo = until === undefined ? [] : [sql<SqlBool>`${column} <= ${until}`];
      await add(sql.table(table), [...driving, ...behind, ...upTo, ...rest], 1);
      after = until;
      ended = until === undefined;
    }
    return { counts: totals, isEstimate: false };
  };

  const flag = (condition: Condition): RawBuilder<unknown> => sql`case when ${condition} then 1 else 0 end`;

  const rangeOf = ({ live: now, drafted, domain, newly }: Omit<LockedOutFilter, keyof Cut>): Range => {
    const its = domainOf('users.user_name_key');
    const wayIn = ({ device, external }: LockedOutFilter['drafted']): Condition =>
      any([isOneOf(its, external), all([isOneOf(its, device), hasDevice()])]);
    return {
      table: 'users',
      key: ['users.user_name_key'],
      driving: [own('users'), live],
      rest: [
        isActive,
        visible,
        ...(domain === undefined ? [] : [sql<SqlBool>`${its} = ${domain}`]),
        sql`not ${wayIn(drafted)}`,
        ...(newly === true ? [wayIn(now)] : []),
      ],
      sample: [own('users')],
    };
  };

  return {
    /** Active users by domain: who has an enrolled device, and who one that was seen since. */
    countUsersByDomain: async (
      seenSince: number,
    ): Promise<{ readonly domains: ReadonlyMap<string, UserCount>; readonly isEstimate: boolean }> => {
      const { counts, isEstimate } = await countByDomain({
        table: 'users',
        key: 'user_name_key',
        driving: [own('users'), live],
        rest: [isActive, visible],
        columns: {
          users: sql`1`,
          withDevice: flag(hasDevice()),
          seen: flag(hasDevice(sql`devices.last_seen_at >= ${seenSince}`)),
        },
      });
      return { domains: counts, isEstimate };
    },

    /** Enrolled devices by the domain of their user. */
    countDevicesByDomain: async (
      seenSince: number,
    ): Promise<{ readonly domains: ReadonlyMap<string, DeviceCount>; readonly isEstimate: boolean }> => {
      const { counts, isEstimate } = await countByDomain({
        table: 'devices',
        key: 'id',
        driving: [own('devices')],
        rest: [isEnrolled],
        columns: { devices: sql`1`, notSeen: flag(sql`devices.last_seen_at < ${seenSince}`) },
      });
      return { domains: counts, isEstimate };
    },

    /** Active users without a way in, by name. */
    searchLockedOut: async (filter: LockedOutFilter): Promise<Found<LockedOutUser>> => {
      const columns = sql<{
        id: string;
        user_name: string;
        user_name_key: string;
        display_name: string;
      }>`users.id, users.user_name,
        users.user_name_key, users.display_name`;
      const { items, next } = await findRows(db, columns, [rangeOf(filter)], filter);
      const keys = items.map(({ user_name_key }) => user_name_key);
      const counted =
        keys.length === 0
          ? []
          : await db
              .selectFrom('devices')
              .select((select) => ['user_name_key', select.fn.countAll<number | string>().as('count')])
              .where(within(organizationId))
              .where('organization_id', '=', organizationId)
              .where('user_name_key', 'in', keys)
              .where('state', 'in', enrolled)
              .groupBy('user_name_key')
              .execute();
      const counts = new Map(counted.map(({ user_name_key, count }) => [user_name_key, Number(count)]));
      return {
        items: items.map((row) => ({
          id: row.id,
          userName: row.user_name,
          displayName: row.display_name,
          devices: counts.get(row.user_name_key) ?? 0,
        })),
        next,
      };
    },

    totalLockedOut: (filter: Omit<LockedOutFilter, keyof Cut>): Promise<Total> => countAll(db, [rangeOf(filter)]),
  };
};
