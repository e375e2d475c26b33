import { z } from 'zod';
import { timestamp } from './common.ts';

const status = z.enum(['ok', 'warning', 'problem']);

/** What was looked at, what was found, and what to do about it. */
export const diagnosisSchema = z
  .object({
    status: status.describe('The worst of the checks.'),
    at: timestamp.describe("The server's clock."),
    checks: z.array(
      z.object({
        check: z.string(),
        status,
        message: z.string(),
        remedy: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Diagnosis' });
export type DiagnosisView = z.output<typeof diagnosisSchema>;
export type CheckView = DiagnosisView['checks'][number];
