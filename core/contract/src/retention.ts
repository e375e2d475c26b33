import { z } from 'zod';
import { timestamp } from './common.ts';

const DAYS_AT_MOST = 3650;
const days = (least: number, what: string) => z.number().int().min(least).max(DAYS_AT_MOST).describe(what);

const periods = {
  auditDays: days(30, 'How long audit events are kept, in days.'),
  signInDetailsDays: days(
    7,
    'After so many days events lose the addresses they came from, and what devices caused loses the names of users and machines.',
  ),
  removedDays: days(30, 'How long removed devices and deleted users are kept, in days: so long nobody comes back by itself.'),
};

/** How long an organization keeps what happened, and who is gone. */
export const retentionSchema = z
  .object({
    ...periods,
    revision: z.number().int().describe('Also the ETag; 0 until the first change.'),
    updatedAt: timestamp.nullable(),
    updatedBy: z.string().nullable(),
    sweptAt: timestamp.nullable().describe('When it was last carried out; that happens once a day.'),
  })
  .meta({ id: 'Retention' });
export type RetentionView = z.output<typeof retentionSchema>;

export const newRetentionSchema = z
  .strictObject(periods)
  .refine(({ auditDays, signInDetailsDays }) => signInDetailsDays <= auditDays, {
    path: ['signInDetailsDays'],
    message: 'must not be more than auditDays: what is gone has no details',
  })
  .meta({ id: 'NewRetention' });
