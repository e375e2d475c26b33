import { z } from 'zod';
import { foundOf, id, searchQuerySchema, timestamp } from './common.ts';

export const groupSchema = z
  .object({
    id,
    name: z.string(),
    comments: z.string(),
    source: z.string().describe('`console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made it and owns it.'),
    system: z.boolean().describe('Made with the organization: it keeps its name and stays.'),
    readOnly: z.array(z.string()).describe('What cannot be changed here: `name`, `members`, `existence`.'),
    revision: z.number().int().describe('Also the ETag.'),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Group' });
export type GroupView = z.output<typeof groupSchema>;
export const groupPageSchema = foundOf(groupSchema);

/** Groups and departments are asked for, made and changed alike. */
export const userSetQuerySchema = searchQuerySchema.extend({
  q: z.string().max(512).optional().describe('Beginning of a name, in any case.'),
  name: z.string().max(512).optional().describe('The whole name, in any case.'),
  source: z.string().max(200).optional(),
});

const name = z.string().min(1).max(512).describe('128 characters at most; unique, in any case.');
const comments = z.string().max(40_960).describe('10,240 characters at most.');

export const newUserSetSchema = z.strictObject({ name, comments: comments.default('') }).meta({ id: 'NewGroupOrDepartment' });

export const userSetChangeSchema = z
  .strictObject({ name: name.optional(), comments: comments.optional() })
  .meta({ id: 'GroupOrDepartmentChange' });
