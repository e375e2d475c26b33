import type { ResourceType, SchemaExtension } from './schema.ts';
import { enterpriseUserSchema } from './schemas/enterprise-user.ts';
import { groupSchema } from './schemas/group.ts';
import { userSchema } from './schemas/user.ts';

/** RFC 7643 §4.1 with the enterprise extension of §4.3. */
export const userType: ResourceType = {
  name: 'User',
  description: 'User Account',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema, required: false }],
};

/** RFC 7643 §4.2. */
export const groupType: ResourceType = {
  name: 'Group',
  description: 'Group',
  endpoint: '/Groups',
  schema: groupSchema,
  extensions: [],
  rows: 'members',
};

/** The resource type with more extensions, such as those `defineExtension` made. */
export const extendType = (type: ResourceType, extensions: readonly SchemaExtension[]): ResourceType => ({
  ...type,
  extensions: [...type.extensions, ...extensions],
});
