import { z } from 'zod';
import { id, pageOf, timestamp } from './common.ts';

const count = z.number().int();

/** A CSV file of users, from its upload until what it asks for is done. */
export const importSchema = z
  .object({
    id,
    fileName: z.string(),
    existing: z.enum(['override', 'error']),
    state: z
      .enum(['uploading', 'checking', 'ready', 'preparing', 'finishing', 'applied', 'cancelling', 'cancelled', 'failed'])
      .describe('`ready`: it can be applied. `finishing`: decided, and carried to its end whatever happens.'),
    reason: z.string().describe('Why it was called off, as a code.'),
    rows: count,
    progress: z.number().min(0).max(1).describe('Of the state it is in.'),
    counts: z.object({ add: count, modify: count, delete: count, none: count, error: count, skipped: count }),
    newGroups: z.array(z.string()).describe('Made when it is applied.'),
    newDepartments: z.array(z.string()).describe('Made when it is applied.'),
    createdAt: timestamp,
    createdBy: z.string(),
    endedAt: timestamp.nullable(),
  })
  .meta({ id: 'Import' });
export type ImportView = z.output<typeof importSchema>;
export const importPageSchema = pageOf(importSchema);

export const importQuerySchema = z.object({
  existing: z
    .enum(['override', 'error'])
    .default('error')
    .describe('What a line about a user who is there already is: a change, or an error.'),
  fileName: z.string().max(255).default('').describe('What the file is called, to know it again.'),
});

export const importApplySchema = z
  .strictObject({ skipErrors: z.boolean().default(false).describe('Carry out the lines that can be.') })
  .meta({ id: 'ImportApply' });
