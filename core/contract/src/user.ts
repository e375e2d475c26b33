import { z } from 'zod';
import { foundOf, id, searchQuerySchema, timestamp } from './common.ts';

const source = z.string().describe('`console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made it and owns it.');
const named = z.object({ id, name: z.string() });

export const userSchema = z
  .object({
    id,
    userName: z.string(),
    displayName: z.string(),
    email: z.string().describe("'' if not known. The user name need not be a mailbox."),
    department: named.nullable(),
    groups: z.array(named).optional().describe('By name. Not in lists.'),
    comments: z.string(),
    state: z.enum(['active', 'disabled', 'deleted']),
    disabledBy: z.string().nullable().describe('The source that has disabled the user.'),
    source,
    readOnly: z
      .array(z.string())
      .describe('What the owner alone decides on: `userName`, `displayName`, `email`, `department`, `state`, `existence`.'),
    revision: z.number().int().describe('Also the ETag.'),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'User' });
export type UserView = z.output<typeof userSchema>;
export const userPageSchema = foundOf(userSchema);

const filters = {
  q: z.string().max(508).optional().describe('Beginning of a user name or display name, in any case.'),
  state: z.enum(['active', 'disabled']).optional(),
  department: id.optional().describe('Id of a department.'),
  group: id.optional().describe('Id of a group: its members.'),
  source: z.string().max(200).optional(),
};

export const userQuerySchema = searchQuerySchema.extend({
  userName: z.string().max(508).optional().describe('The whole user name.'),
  ...filters,
});

export const userExportQuerySchema = z.object(filters);

const userName = z.string().min(1).max(508).describe('login@domain; 127 characters at most. The domain is proved.');
const displayName = z.string().max(508).describe('127 characters at most.');
const email = z.string().max(1016).describe("254 characters at most, or ''.");
const comments = z.string().max(40_960).describe('10,240 characters at most.');
const department = id.nullable().describe('Id of the one department.');
const groups = z.array(id).max(10_000).describe('Ids of all groups.');

export const newUserSchema = z
  .strictObject({
    userName,
    displayName: displayName.default(''),
    email: email.default(''),
    comments: comments.default(''),
    department: department.default(null),
    groups: groups.default([]),
  })
  .meta({ id: 'NewUser' });

export const userChangeSchema = z
  .strictObject({
    userName: userName.optional(),
    displayName: displayName.optional(),
    email: email.optional(),
    comments: comments.optional(),
    department: department.optional(),
    groups: groups.optional(),
  })
  .meta({ id: 'UserChange' });
