import { z } from 'zod';
import { auditEventSchema } from './audit.ts';
import { pageOf, pageQuerySchema, timestamp } from './common.ts';

/** One decision about a device, as somebody who looks for it wants to see it. */
const signInMembers = {
  id: z.string().describe('Of its audit event.'),
  at: timestamp,
  kind: z
    .enum(['sign_in', 'enrollment', 'access', 'other'])
    .describe('`access`: of one application, by access token or gateway. `other`: whatever else has the correlation id.'),
  result: z.enum(['accepted', 'refused']),
  reason: z.string().describe("A refusal's code, or ''."),
  explanation: z
    .object({
      sentence: z.string().describe('What the person at the device has read.'),
      remedy: z.string().describe('What an administrator does about it.'),
    })
    .nullable()
    .describe('Of the reason; null if there is none, or none that devices know.'),
  userName: z.string().describe("'' if it is not known."),
  userId: z.string().nullable(),
  deviceId: z.string().nullable(),
  hostName: z.string(),
  idp: z.string().nullable().describe('The identity provider that has vouched, or was asked to.'),
  target: z.string().nullable().describe('What was signed in to, if it is not Latchkey itself.'),
  remoteAddress: z.string(),
  correlationId: z.string().describe("The id on the device's screen."),
};

export const signInSchema = z.object(signInMembers).meta({ id: 'SignIn' });
export type SignInView = z.output<typeof signInSchema>;
export const signInPageSchema = pageOf(signInSchema);

export const signInStorySchema = z
  .object({
    ...signInMembers,
    events: z
      .array(auditEventSchema)
      .describe('Everything that belongs to it, oldest first: asked, asserted, accepted or refused.'),
  })
  .meta({ id: 'SignInStory' });
export type SignInStoryView = z.output<typeof signInStorySchema>;

export const signInQuerySchema = pageQuerySchema.extend({
  kind: z.enum(['sign_in', 'enrollment']).optional(),
  result: z.enum(['accepted', 'refused']).optional(),
  device: z.string().max(100).optional().describe('Its id.'),
  correlationId: z.string().max(100).optional().describe("The id on the device's screen; whatever has it is found."),
  from: z.iso.datetime({ offset: true }).optional().describe('First moment.'),
  until: z.iso.datetime({ offset: true }).optional().describe('First moment that is no longer meant.'),
});
