import { z } from 'zod';
import { expiresInSeconds, id, line, pageOf, timestamp } from './common.ts';

const platform = z.enum(['windows', 'macos', 'linux', 'ios', 'android', 'chromeos']);

export const deviceTokenSchema = z
  .object({
    id,
    description: z.string(),
    state: z.enum(['live', 'expired', 'revoked', 'spent']),
    hint: z.string().describe('The last four characters, to recognize it by.'),
    domains: z.array(z.string()).describe('Empty: every domain of the organization.'),
    platforms: z.array(platform).describe('Empty: every platform.'),
    networks: z.array(z.string()).describe('CIDR ranges that devices must come from. Empty: from anywhere.'),
    enrollment: z.enum(['automatic', 'approval']),
    enrollments: z.number().int(),
    maxEnrollments: z.number().int().nullable(),
    createdAt: timestamp,
    createdBy: z.string(),
    expiresAt: timestamp,
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
    rotatedTo: id.nullable().describe('The token that takes its place.'),
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
    platforms: z
      .array(platform)
      .max(6)
      .default([])
      .describe('Empty: every platform. What a machine says of itself is forgeable: this keeps out mistakes, not thieves.'),
    networks: z
      .array(z.string().min(1).max(64))
      .max(100)
      .default([])
      .describe('Addresses or CIDR ranges, IPv4 or IPv6, that devices must come from. Empty: from anywhere.'),
  })
  .meta({ id: 'NewDeviceToken' });

const day = 86_400;

export const deviceTokenRotationSchema = z
  .strictObject({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(90 * day)
      .default(7 * day)
      .describe('Seconds for which the old token stays good: 7 days unless said, 90 at most, and never beyond its own end.'),
    expiresInSeconds,
  })
  .meta({ id: 'DeviceTokenRotation' });

export const createdDeviceTokenSchema = deviceTokenSchema
  .extend({ token: z.string().describe('The secret. It is shown this once.') })
  .meta({ id: 'CreatedDeviceToken' });
export type CreatedDeviceTokenView = z.output<typeof createdDeviceTokenSchema>;
