export type { NewAuditEvent } from './audit-event.ts';
