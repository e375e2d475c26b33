import { z } from 'zod';
import { foundOf, id, searchQuerySchema, timestamp } from './common.ts';

export const deviceStateSchema = z.enum([
  'pending',
  'denied',
  'registered',
  'unregistered',
  'removal_pending',
  'removed',
  'quarantined',
]);

const evidenceLevel = z.enum(['E0', 'E1', 'E2', 'E3', 'E4']);

/** An enrolled machine as an administrator sees it. */
export const deviceSchema = z
  .object({
    id,
    state: deviceStateSchema,
    stateReason: z.string().describe('Why it is in that state, as a code.'),
    userName: z.string(),
    userId: z.string().nullable(),
    evidence: evidenceLevel.describe('How well device and user are proven.'),
    tokenId: z.string(),
    keyThumbprint: z.string().describe('RFC 7638, of the device key.'),
    parameters: z.record(z.string(), z.string()).describe('What the agent says of the machine; forgeable.'),
    signIns: z.number().int(),
    remoteAddress: z.string(),
    createdAt: timestamp,
    updatedAt: timestamp,
    lastSeenAt: timestamp,
  })
  .meta({ id: 'Device' });
export type DeviceView = z.output<typeof deviceSchema>;
export const devicePageSchema = foundOf(deviceSchema);

export const deviceQuerySchema = searchQuerySchema.extend({
  state: deviceStateSchema.optional(),
  userName: z.string().max(508).optional(),
  q: z.string().max(255).optional().describe('Beginning of a user name, host name or serial number, in any case.'),
});

export const deviceDecisionSchema = z
  .strictObject({ reason: z.string().trim().max(255).optional().describe('For the audit.') })
  .meta({ id: 'DeviceDecision' });

export const deviceRemovalSchema = z
  .strictObject({
    reason: z.string().trim().max(255).optional().describe('For the audit.'),
    force: z
      .boolean()
      .default(false)
      .describe('false: at its next keepalive, so that the agent can tidy up. true: now, sessions end at once.'),
  })
  .meta({ id: 'DeviceRemoval' });
