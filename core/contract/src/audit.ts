import { z } from 'zod';
import { foundOf, pageQuerySchema, timestamp } from './common.ts';

/** Who did what to what, from where. */
export const auditEventSchema = z
  .object({
    id: z.string(),
    at: timestamp,
    actor: z.string(),
    action: z.string(),
    outcome: z.enum(['success', 'refused']),
    reason: z.string().describe("A refusal's code, or ''."),
    subject: z.string(),
    remoteAddress: z.string(),
    correlationId: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEventView = z.output<typeof auditEventSchema>;
export const auditPageSchema = foundOf(auditEventSchema);

/** Which events; all filters must match. */
export const auditFilterSchema = z.object({
  action: z.string().max(100).optional(),
  outcome: z.enum(['success', 'refused']).optional(),
  actor: z.string().max(200).optional(),
  subject: z.string().max(200).optional(),
  correlationId: z.string().max(100).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe('First moment.'),
  until: z.iso.datetime({ offset: true }).optional().describe('First moment that is no longer meant.'),
});

export const auditExportQuerySchema = auditFilterSchema.extend({
  format: z.enum(['ndjson', 'csv']).default('ndjson').describe('`csv`: for spreadsheets; `details` is JSON in one cell.'),
});

export const auditQuerySchema = pageQuerySchema.extend({
  ...auditFilterSchema.shape,
  order: z.enum(['newest', 'oldest']).default('newest'),
});

/** What has happened just now, for a page to ask anew what it shows: no data but what it is about. */
export const liveEventSchema = z
  .object({
    type: z.string().describe('`device`, `sign_in`, `settings`, ...: the noun of the action; `reset`: ask everything anew.'),
    id: z.string().describe("Of the subject, or ''."),
    action: z.string().describe("As in the audit, or ''."),
  })
  .meta({ id: 'LiveEvent' });
export type LiveEvent = z.output<typeof liveEventSchema>;
