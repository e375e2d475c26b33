import type { Kysely } from 'kysely';
import { compileOnce } from './compile-once.ts';
import type { Database, UsedOnceTable } from './schema.ts';

type Kind = UsedOnceTable['kind'];

const insertOne = compileOnce((db, organization_id: string, kind: Kind, value: string, expires_at: number) =>
  db
    .insertInto('used_once')
    .values({ organization_id, kind, value, expires_at })
    .onConflict((conflict) => conflict.doNothing()),
);

/** What each side of a sign-in uses up, in one statement. */
const insertThree = compileOnce(
  (
    db,
    organization_id: string,
    kind1: Kind,
    value1: string,
    expires1: number,
    kind2: Kind,
    value2: string,
    expires2: number,
    kind3: Kind,
    value3: string,
    expires3: number,
  ) =>
    db
      .insertInto('used_once')
      .values([
        { organization_id, kind: kind1, value: value1, expires_at: expires1 },
        { organization_id, kind: kind2, value: value2, expires_at: expires2 },
        { organization_id, kind: kind3, value: value3, expires_at: expires3 },
      ])
      .onConflict((conflict) => conflict.doNothing())
      .returning(['kind', 'value']),
);

interface Once {
  readonly kind: Kind;
  readonly value: string;
  readonly expiresAt: number;
}

export const usedOnceQueries = (db: Kysely<Database>, organizationId: string) => ({
  /** True the first time, for one caller only, until `expiresAt` has passed and the sweep has been by. */
  useOnce: async (kind: Kind, value: string, expiresAt: number): Promise<boolean> => {
    const { numAffectedRows } = await insertOne(db, organizationId, kind, value, expiresAt);
    return (numAffectedRows ?? 0n) > 0n;
  },

  /** As `useOnce` for three things in one statement: says for each whether it was new. */
  useAllOnce: async (things: readonly [Once, Once, Once]): Promise<readonly [boolean, boolean, boolean]> => {
    const [a, b, c] = things;
    const { rows } = await insertThree(
      db,
      organizationId,
      a.kind,
      a.value,
      a.expiresAt,
      b.kind,
      b.value,
      b.expiresAt,
      c.kind,
      c.value,
      c.expiresAt,
    );
    const isNew = ({ kind, value }: Once): boolean => rows.some((row) => row.kind === kind && row.value === value);
    return [isNew(a), isNew(b), isNew(c)];
  },
});

export const usedOnceServerQueries = (db: Kysely<Database>) => ({
  /** Forgets what nothing could repeat any more; says how many. */
  sweepUsedOnce: async (before: number): Promise<number> =>
    Number((await db.deleteFrom('used_once').where('expires_at', '<', before).executeTakeFirst()).numDeletedRows),
});
