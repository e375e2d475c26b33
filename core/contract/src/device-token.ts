import { z } from 'zod';
import { expiresInSeconds, id, line, pageOf, timestamp } from './common.ts';

export const deviceTokenSchema = z
  .object({
    id,
    description: z.string(),
    state: z.enum(['live', 'expired', 'revoked', 'spent']),
    hint: z.string().describe('The last four characters, to recognize it by.'),
    domains: z.array(z.string()).describe('Empty: every domain of the organization.'),
    enrollment: z.enum(['automatic', 'approval']),
    enrollments: z.number().int(),
    maxEnrollments: z.number().int().nullable(),
    createdAt: timestamp,
    createdBy: z.string(),
    expiresAt: timestamp,
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: 'DeviceToken' });
export type DeviceTokenView = z.output<typeof deviceTokenSchema>;
export const deviceTokenPageSchema = pageOf(deviceTokenSchema);

export const newDeviceTokenSchema = z
  .strictObject({
    description: line(255),
    enrollment: z
      .enum(['automatic', 'approval'])
      .describe(
        '`automatic`: whoever holds the token enrolls as any user of its domains. `approval`: an administrator sees user, machine and address first.',
      ),
    password: z
      .string()
      .max(1024)
      .optional()
      .describe('For habits of the reference system: 6 characters with a letter and a digit. Checked, then forgotten.'),
    expiresInSeconds: expiresInSeconds.describe(
      'Seconds until nobody can enroll with it: 90 days unless said, 366 at most. Enrolled devices are not touched.',
    ),
    maxEnrollments: z.number().int().min(1).max(1_000_000_000).nullable().default(null),
    domains: z.array(z.string().min(1).max(253)).max(1000).default([]).describe('Empty: every domain of the organization.'),
  })
  .meta({ id: 'NewDeviceToken' });

export const createdDeviceTokenSchema = deviceTokenSchema
  .extend({ token: z.string().describe('The secret. It is shown this once.') })
  .meta({ id: 'CreatedDeviceToken' });
export type CreatedDeviceTokenView = z.output<typeof createdDeviceTokenSchema>;
