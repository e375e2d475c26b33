import type { NewAuditEvent } from '@latchkey/contract';
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { AuditCut, AuditEvent, AuditFilter, FoundEvents } from '../audit/store.ts';
import type { Total } from '../found.ts';
import { firstIdAt, newIdAt } from '../ids.ts';
import { compileOnce } from './compile-once.ts';
import type { AuditEventsTable, Database } from './schema.ts';
import { type Condition, countAll, equals, findRows, isSampled, type Range } from './search.ts';

const toAuditEvent = (row: Selectable<AuditEventsTable>): AuditEvent => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  action: row.action,
  outcome: row.outcome,
  reason: row.reason,
  subject: row.subject,
  remoteAddress: row.remote_address,
  correlationId: row.correlation_id,
  details: JSON.parse(row.details) as Record<string, unknown>, // written by append
});

const insertEvent = compileOnce(
  (
    db,
    id: string,
    organization_id: string | null,
    at: number,
    actor: string,
    action: string,
    outcome: AuditEventsTable['outcome'],
    reason: string,
    subject: string,
    remote_address: string,
    correlation_id: string,
    details: string,
    sampled: 0 | 1,
  ) =>
    db.insertInto('audit_events').values({
      id,
      organization_id,
      at,
      actor,
      action,
      outcome,
      reason,
      subject,
      remote_address,
      correlation_id,
      details,
      sampled,
    }),
  { answer: 'unread' },
);

const auditOf = (db: Kysely<Database>, organizationId: string | null, now: () => number) => {
  const own: Condition = organizationId === null ? sql`organization_id is null` : equals('organization_id', organizationId);

  const rangeOf = (
    filter: AuditFilter,
    { descending, goesOn }: { readonly descending: boolean; readonly goesOn: boolean },
  ): Range => {
    const { correlationId, subject, actor, action, outcome, from, until } = filter;
    // The narrowest first: it is the one that is looked up.
    const exact = [
      ...(correlationId === undefined ? [] : [equals('correlation_id', correlationId)]),
      ...(subject === undefined ? [] : [equals('subject', subject)]),
      ...(actor === undefined ? [] : [equals('actor', actor)]),
      ...(action === undefined ? [] : [equals('action', action)]),
    ];
    return {
      table: 'audit_events',
      key: ['id'],
      driving: [
        own,
        ...exact.slice(0, 1),
        // On the side that the list goes on from, its position says more.
        ...(from === undefined || (goesOn && !descending) ? [] : [sql<SqlBool>`id >= ${firstIdAt('evt', from)}`]),
        ...(until === undefined || (goesOn && descending) ? [] : [sql<SqlBool>`id < ${firstIdAt('evt', until)}`]),
      ],
      rest: [...exact.slice(1), ...(outcome === undefined ? [] : [equals('outcome', outcome)])],
      sample: [own],
      descending,
    };
  };

  return {
    append: async (event: NewAuditEvent): Promise<void> => {
      const at = now();
      const id = newIdAt('evt', at);
      await insertEvent(
        db,
        id,
        organizationId,
        at,
        event.actor,
        event.action,
        event.outcome,
        event.reason,
        event.subject,
        event.remoteAddress,
        event.correlationId,
        JSON.stringify(event.details),
        isSampled(id),
      );
    },

    find: async (id: string): Promise<AuditEvent | undefined> => {
      const row = await db.selectFrom('audit_events').selectAll().where(own).where('id', '=', id).executeTakeFirst();
      return row && toAuditEvent(row);
    },

    list: async ({ order, after, limit }: AuditCut): Promise<readonly AuditEvent[]> => {
      const newest = order === 'newest';
      let query = db
        .selectFrom('audit_events')
        .selectAll()
        .where(own)
        .orderBy('id', newest ? 'desc' : 'asc')
        .limit(limit);
      if (after !== undefined) query = query.where('id', newest ? '<' : '>', after);
      return (await query.execute()).map(toAuditEvent);
    },

    search: async (filter: AuditFilter & AuditCut): Promise<FoundEvents> => {
      const { after, limit } = filter;
      const key = after === undefined ? undefined : [after];
      const range = rangeOf(filter, { descending: filter.order === 'newest', goesOn: key !== undefined });
      const cut = { limit, ...(key === undefined ? {} : { after: { range: 0, key } }) };
      const { items, next } = await findRows(db, sql<Selectable<AuditEventsTable>>`audit_events.*`, [range], cut);
      const [id] = next?.key ?? [];
      return { items: items.map(toAuditEvent), next: id === undefined ? undefined : String(id) };
    },

    total: (filter: AuditFilter): Promise<Total> => countAll(db, [rangeOf(filter, { descending: true, goesOn: false })]),
  };
};

export const auditQueries = (db: Kysely<Database>, organizationId: string, now: () => number) => {
  const audit = auditOf(db, organizationId, now);
  return {
    appendAuditEvent: audit.append,
    findAuditEvent: audit.find,
    listAuditEvents: audit.list,
    searchAuditEvents: audit.search,
    totalAuditEvents: audit.total,
  };
};

export const auditServerQueries = (db: Kysely<Database>, now: () => number) => {
  const audit = auditOf(db, null, now);
  return {
    appendAuditEvent: audit.append,
    findAuditEvent: audit.find,
    listAuditEvents: audit.list,
    searchAuditEvents: audit.search,
    totalAuditEvents: audit.total,
  };
};
