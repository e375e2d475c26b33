import type { Migration } from './migration.ts';

/** Who edits the settings, domains proved by DNS and checked again, organizations that wait to be deleted. */
export const settingsDomainsDeletion: Migration = {
  name: '0003-settings-domains-deletion',
  statements: ({ key }) => [
    `create table settings_editors (
      organization_id ${key} not null references organizations (id), actor ${key} not null, seen_at bigint not null,
      primary key (organization_id, actor))`,

    'alter table domains add column checked_at bigint',
    'alter table domains add column failing_since bigint',
    'alter table domains add column contested_at bigint',
    // When it is to be looked up again; pushed on by whoever does it, so that of several nodes one does.
    'alter table domains add column next_check_at bigint',
    'create index domains_check on domains (next_check_at)',

    'alter table organizations add column delete_at bigint',
  ],
};
