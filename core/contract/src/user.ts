import { z } from 'zod';
import { id, pageOf, pageQuerySchema, timestamp } from './common.ts';

export const userSchema = z
  .object({
    id,
    userName: z.string(),
    displayName: z.string(),
    state: z.enum(['active', 'disabled', 'deleted']),
    source: z.string().describe('`console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made the user and owns it.'),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'User' });
export type UserView = z.output<typeof userSchema>;
export const userPageSchema = pageOf(userSchema);

export const userQuerySchema = pageQuerySchema.extend({
  userName: z.string().max(508).optional().describe('The whole user name.'),
  q: z.string().max(508).optional().describe('Beginning of a user name.'),
  state: z.enum(['active', 'disabled']).optional(),
});

export const newUserSchema = z
  .strictObject({
    userName: z.string().min(1).max(508).describe('login@domain; 127 characters at most.'),
    displayName: z.string().max(508).default(''),
  })
  .meta({ id: 'NewUser' });
