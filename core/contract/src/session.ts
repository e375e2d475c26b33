import { z } from 'zod';
import { foundOf, id, searchQuerySchema, timestamp } from './common.ts';

/** A device that is signed in, by the newest of its sessions that run. */
export const sessionSchema = z
  .object({
    id,
    device: z.object({ id, hostName: z.string() }),
    user: z.object({ id, userName: z.string() }),
    idp: z.string().describe('The identity provider that has vouched.'),
    createdAt: timestamp,
    expiresAt: timestamp.describe('By what is active now.'),
    lastProofAt: timestamp.describe('When the device has last shown its key.'),
    older: z.number().int().describe('Older sessions of the device that run on until their own end.'),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof sessionSchema>;
export const sessionPageSchema = foundOf(sessionSchema);

export const sessionQuerySchema = searchQuerySchema.extend({
  q: z.string().max(255).optional().describe('Beginning of a user name, host name or serial number, in any case.'),
  device: z.string().max(100).optional().describe('Its id.'),
});

export const sessionEndSchema = z
  .strictObject({ reason: z.string().trim().max(255).optional().describe('For the audit.') })
  .meta({ id: 'SessionEnd' });

export const endedSessionsSchema = z.object({ ended: z.number().int() }).meta({ id: 'EndedSessions' });
