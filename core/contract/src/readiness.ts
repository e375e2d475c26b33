import { z } from 'zod';
import { foundOf, id, searchQuerySchema, timestamp } from './common.ts';

const wayInSchema = z
  .object({
    kind: z.enum(['device', 'external', 'none']).describe('By an enrolled device, at another identity provider, or not at all.'),
    idp: z.string().nullable(),
    reason: z.string().nullable().describe('Of `none`: `domain_unknown`, `idp_disabled` or `not_activated`.'),
  })
  .meta({ id: 'WayIn' });
export type WayInView = z.output<typeof wayInSchema>;

const domainReadinessSchema = z
  .object({
    domain: z.string(),
    live: wayInSchema,
    drafted: wayInSchema.describe('After the draft was activated.'),
    users: z.number().int().describe('Active ones.'),
    withDevice: z.number().int().describe('Of these, who have an enrolled device.'),
    seen: z.number().int().describe('Of these, whose device was seen in the last 30 days.'),
    lockedOut: z.number().int().describe('Who cannot sign in after the draft was activated.'),
    newlyLockedOut: z.number().int().describe('Of these, who can now.'),
    devices: z.number().int().describe('Enrolled ones.'),
    devicesNotSeen: z.number().int().describe('Of these, not seen in the last 30 days.'),
    signIns: z
      .array(z.object({ idp: z.string(), count: z.number().int() }))
      .describe("By which identity provider the domain's users have come in, of the organization's last sign-ins."),
  })
  .meta({ id: 'DomainReadiness' });
export type DomainReadinessView = z.output<typeof domainReadinessSchema>;

/** Who could sign in if the draft were activated now. */
export const readinessSchema = z
  .object({
    activeVersion: z.number().int().nullable(),
    revision: z.number().int().describe('Of the draft.'),
    users: z.number().int(),
    lockedOut: z.number().int(),
    newlyLockedOut: z.number().int(),
    isEstimate: z.boolean().describe('Past 10,000 users or devices it is estimated from a sample of one in 256.'),
    signInsLookedAt: z.number().int().describe('How many of the last sign-ins were looked at.'),
    domains: z.array(domainReadinessSchema),
  })
  .meta({ id: 'Readiness' });
export type ReadinessView = z.output<typeof readinessSchema>;

export const lockedOutUserSchema = z
  .object({
    id,
    userName: z.string(),
    displayName: z.string(),
    devices: z.number().int().describe('Enrolled ones.'),
    newly: z.boolean().describe('Can sign in now.'),
    lastSignIn: z.object({ at: timestamp, idp: z.string() }).nullable().describe('As the audit has it.'),
  })
  .meta({ id: 'LockedOutUser' });
export type LockedOutUserView = z.output<typeof lockedOutUserSchema>;
export const lockedOutUserPageSchema = foundOf(lockedOutUserSchema);

export const lockedOutQuerySchema = searchQuerySchema.extend({
  domain: z.string().max(255).optional(),
  newly: z.enum(['true']).optional().describe('Only who can sign in now.'),
});
