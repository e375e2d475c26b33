import type { NewAuditEvent } from '@latchkey/contract';
import type { Kysely, Selectable } from 'kysely';
import type { AuditEvent, AuditFilter } from '../audit/store.ts';
import { newId } from '../ids.ts';
import { compileOnce } from './compile-once.ts';
import type { AuditEventsTable, Database } from './schema.ts';

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
  ) =>
    db
      .insertInto('audit_events')
      .values({ id, organization_id, at, actor, action, outcome, reason, subject, remote_address, correlation_id, details }),
  { answer: 'unread' },
);

const auditOf = (db: Kysely<Database>, organizationId: string | null, now: () => number) => ({
  append: async (event: NewAuditEvent): Promise<void> => {
    const at = now();
    await insertEvent(
      db,
      newId('evt', at),
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
    );
  },

  list: async (filter: AuditFilter): Promise<readonly AuditEvent[]> => {
    const newest = filter.order === 'newest';
    let query = db
      .selectFrom('audit_events')
      .selectAll()
      .where('organization_id', organizationId === null ? 'is' : '=', organizationId)
      .orderBy('id', newest ? 'desc' : 'asc')
      .limit(filter.limit);
    if (filter.after !== undefined) query = query.where('id', newest ? '<' : '>', filter.after);
    if (filter.action !== undefined) query = query.where('action', '=', filter.action);
    if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
    if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
    if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
    if (filter.correlationId !== undefined) query = query.where('correlation_id', '=', filter.correlationId);
    if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
    if (filter.until !== undefined) query = query.where('at', '<', filter.until);
    return (await query.execute()).map(toAuditEvent);
  },
});

export const auditQueries = (db: Kysely<Database>, organizationId: string, now: () => number) => {
  const audit = auditOf(db, organizationId, now);
  return { appendAuditEvent: audit.append, listAuditEvents: audit.list };
};

export const auditServerQueries = (db: Kysely<Database>, now: () => number) => {
  const audit = auditOf(db, null, now);
  return { appendAuditEvent: audit.append, listServerAuditEvents: audit.list };
};
