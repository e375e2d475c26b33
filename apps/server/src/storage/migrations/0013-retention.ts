import type { Migration } from './migration.ts';

/** How long an organization keeps what; who has no row keeps it as long as the server says. */
export const retention: Migration = {
  name: '0013-retention',
  statements: ({ key }) => [
    `create table retention (
      organization_id ${key} primary key references organizations (id),
      audit_days bigint not null, sign_in_details_days bigint not null, removed_days bigint not null,
      revision bigint not null, updated_at bigint, updated_by text,
      reduced_to ${key} not null, next_at bigint not null, swept_at bigint)`,
    `create index devices_removed on devices (organization_id, updated_at) where state = 'removed'`,
    `create index users_deleted on users (organization_id, updated_at) where state = 'deleted'`,
  ],
};
