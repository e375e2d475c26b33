import type { Migration } from './migration.ts';

/** The sample of users knows all that lists are filtered by: an estimate reads it and no user, where it looked every 256th one up. */
export const sampleOfUsers: Migration = {
  name: '0010-sample-of-users',
  statements: () => [
    'drop index users_sample',
    `create index users_sample on users
      (organization_id, sampled, id, user_name_key, display_name_key, state, source, department_id, import_id) where sampled = 1`,
  ],
};
