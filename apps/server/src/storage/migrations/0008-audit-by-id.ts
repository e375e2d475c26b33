import type { Migration } from './migration.ts';

/** An event's id begins with its time, so the audit is in the order of ids: one index less to write for each event, and the others shorter. */
export const auditById: Migration = {
  name: '0008-audit-by-id',
  statements: () => [
    'drop index audit_events_time',
    'drop index audit_events_actor',
    'drop index audit_events_action',
    'drop index audit_events_subject',
    'create index audit_events_actor on audit_events (organization_id, actor, id)',
    'create index audit_events_action on audit_events (organization_id, action, id)',
    'create index audit_events_subject on audit_events (organization_id, subject, id)',
  ],
};
