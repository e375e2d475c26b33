import { z } from 'zod';
import { id, pageOf, pageQuerySchema, timestamp } from './common.ts';

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

const lineChange = z
  .enum(['new', 'add', 'modify', 'delete', 'none', 'error', 'skipped'])
  .describe('What becomes of the line. `new`: not compared yet. `error`, `skipped`: its problems say why it is not carried out.');

export const importLineSchema = z
  .object({
    line: count.describe('Where it begins in the file.'),
    change: lineChange,
    userName: z.string().describe("'' if it could not be read."),
    wants: z
      .object({
        displayName: z.string(),
        email: z.string(),
        department: z.string(),
        groups: z.array(z.string()),
        comments: z.string(),
        state: z.enum(['active', 'disabled']),
      })
      .partial()
      .describe('What the line says of the user; what it leaves out stays as it is.'),
    problems: z.array(z.object({ column: z.string().describe("'' for the whole line."), message: z.string() })),
  })
  .meta({ id: 'ImportLine' });
export type ImportLineView = z.output<typeof importLineSchema>;
export const importLinePageSchema = pageOf(importLineSchema);

export const importLineQuerySchema = pageQuerySchema.extend({
  change: lineChange.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'is not the `next` of a page')
    .optional()
    .describe('`next` of the page before.'),
});

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
