import { type Kysely, sql } from 'kysely';
import type { Ending, EventCount, OrganizationCounts } from '../overview/store.ts';
import type { Database } from './schema.ts';

export const overviewQueries = (db: Kysely<Database>, organizationId: string) => {
  const ofTable = (table: 'administrators' | 'api_keys' | 'applications') =>
    db
      .selectFrom(table)
      .select((select) => select.fn.countAll<number | string>().as('count'))
      .where('organization_id', '=', organizationId);

  return {
    /** Of what there is little of: active administrators, live API keys, applications. */
    countOwn: async (at: number): Promise<OrganizationCounts> => {
      const [administrators, apiKeys, applications] = await Promise.all([
        ofTable('administrators').where('state', '=', 'active').executeTakeFirst(),
        ofTable('api_keys').where('revoked_at', 'is', null).where('expires_at', '>', at).executeTakeFirst(),
        ofTable('applications').executeTakeFirst(),
      ]);
      return {
        administrators: Number(administrators?.count),
        apiKeys: Number(apiKeys?.count),
        applications: Number(applications?.count),
      };
    },

    /** Live device tokens without a successor, or live API keys, that end before then: the soonest first. */
    listEnding: async (
      what: 'device_tokens' | 'api_keys',
      at: number,
      before: number,
      limit: number,
    ): Promise<readonly Ending[]> => {
      let query = db
        .selectFrom(what)
        .select(['id', 'description as name', 'expires_at as endsAt'])
        .where('organization_id', '=', organizationId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', at)
        .where('expires_at', '<=', before);
      if (what === 'device_tokens') query = query.where(sql.ref('rotated_to'), 'is', null);
      return query.orderBy('expires_at').orderBy('id').limit(limit).execute();
    },

    /** What was counted for this hour (since 1970) and those after it. */
    listEventCounts: async (from: number): Promise<readonly Omit<EventCount, 'organizationId'>[]> =>
      db
        .selectFrom('event_counts')
        .select(['hour', 'kind', 'count'])
        .where('organization_id', '=', organizationId)
        .where('hour', '>=', from)
        .orderBy('hour')
        .execute(),
  };
};

export const overviewServerQueries = (db: Kysely<Database>) => ({
  /**
   * Counts, by hour, what happened in every organization: audit events behind the id `after` and before the id `until`, `limit` of them at
   * most. `last` is the id up to which was counted; undefined if there are none.
   */
  countEvents: async (cut: {
    readonly after: string;
    readonly until: string;
    readonly limit: number;
    /** What the entity ids of our own service providers begin with: a sign-in there is counted where it is accepted. */
    readonly ownServiceProviders: string;
  }): Promise<{ readonly counts: readonly EventCount[]; readonly last: string | undefined }> => {
    const { after, until, limit } = cut;
    const range = db.selectFrom('audit_events').select('id').where('id', '>', after).where('id', '<', until).orderBy('id');
    const last =
      (await range
        .offset(limit - 1)
        .limit(1)
        .executeTakeFirst()) ?? (await range.clearOrderBy().orderBy('id', 'desc').limit(1).executeTakeFirst());
    if (last === undefined) return { counts: [], last: undefined };
    // As audit.ts writes details: JSON without spaces.
    const own = `%"sp":${JSON.stringify(cut.ownServiceProviders)
      .slice(0, -1)
      .replaceAll(/[\\%_]/g, '\\$&')}%`;
    const kind = sql<EventCount['kind']>`case
      when action in ('sign_in.refused', 'device.enrollment_refused') then 'refusal'
      when action = 'device.enrolled' then 'enrollment'
      else 'sign_in' end`;
    const { rows } = await sql<{ organizationId: string; hour: number; kind: EventCount['kind']; count: number }>`
      select organization_id as "organizationId", at / 3600000 as hour, ${kind} as kind, count(*) as count
      from audit_events
      where id > ${after} and id <= ${last.id} and organization_id is not null
        and (action in ('sign_in.accepted', 'sign_in.refused', 'device.enrolled', 'device.enrollment_refused')
          or (action = 'sign_in.asserted' and details not like ${own} escape '\\'))
      group by 1, 2, 3`.execute(db);
    return { counts: rows.map((row) => ({ ...row, hour: Number(row.hour), count: Number(row.count) })), last: last.id };
  },

  addEventCounts: async (counts: readonly EventCount[]): Promise<void> => {
    if (counts.length === 0) return;
    await db
      .insertInto('event_counts')
      .values(counts.map(({ organizationId, ...each }) => ({ organization_id: organizationId, ...each })))
      .onConflict((conflict) =>
        conflict.columns(['organization_id', 'hour', 'kind']).doUpdateSet({ count: sql`event_counts.count + excluded.count` }),
      )
      .execute();
  },

  /** Forgets the hours before this one. */
  sweepEventCounts: async (before: number): Promise<void> => {
    await db.deleteFrom('event_counts').where('hour', '<', before).execute();
  },
});
