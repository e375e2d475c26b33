import type { AuditEventView } from '@latchkey/contract';
import type { AuditEvent } from './store.ts';

export const viewEvent = (event: AuditEvent): AuditEventView => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  actor: event.actor,
  action: event.action,
  outcome: event.outcome,
  reason: event.reason,
  subject: event.subject,
  remoteAddress: event.remoteAddress,
  correlationId: event.correlationId,
  details: { ...event.details },
});
