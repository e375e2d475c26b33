import type { Migration } from './migration.ts';

/** The last two digits of an id are random (ids.ts): of all rows one in 256 is in the sample that large totals are estimated from. */
const sampled = (table: string): readonly string[] => [
  `alter table ${table} add column sampled integer not null default 0`,
  `update ${table} set sampled = 1 where id like '%00'`,
];

/** Users complete, groups, departments, imports; and an index for every filter of a list, each in the order that the list has. */
export const directory: Migration = {
  name: '0006-directory',
  statements: ({ key }) => [
    `alter table users add column display_name_key ${key} not null default ''`,
    `alter table users add column email text not null default ''`,
    `alter table users add column department_id ${key}`,
    `alter table users add column comments text not null default ''`,
    'alter table users add column disabled_by text',
    'alter table users add column revision bigint not null default 1',
    // The import that has made the user: nobody sees the user until it is decided.
    `alter table users add column import_id ${key}`,
    ...sampled('users'),
    // Who disabled users until now were administrators.
    `update users set disabled_by = 'api' where state = 'disabled'`,
    `update users set display_name_key = lower(display_name)`,
    `create index users_display_name on users (organization_id, display_name_key, id) where state <> 'deleted'`,
    `create index users_state on users (organization_id, state, user_name_key) where state <> 'deleted'`,
    `create index users_source on users (organization_id, source, user_name_key) where state <> 'deleted'`,
    `create index users_department on users (organization_id, department_id, user_name_key) where state <> 'deleted'`,
    'create index users_import on users (import_id) where import_id is not null',
    'create index users_sample on users (organization_id, sampled) where sampled = 1',

    ...['user_groups', 'departments'].flatMap((table) => [
      `create table ${table} (
        id ${key} primary key, organization_id ${key} not null references organizations (id),
        name text not null, name_key ${key} not null, comments text not null, source text not null, system integer not null,
        revision bigint not null, created_at bigint not null, updated_at bigint not null,
        deleted_at bigint, sampled integer not null)`,
      `create unique index ${table}_name on ${table} (organization_id, name_key) where deleted_at is null`,
      `create index ${table}_source on ${table} (organization_id, source, name_key) where deleted_at is null`,
      `create index ${table}_deleted on ${table} (deleted_at) where deleted_at is not null`,
      `create index ${table}_sample on ${table} (organization_id, sampled) where sampled = 1`,
    ]),
    // core/directory/src/user-set.ts: serviceAdminId
    `insert into user_groups
      select 'grp_' || replace(id, 'org_', ''), id, 'Service Admin', 'service admin', '', 'api', 1, 1, created_at, created_at, null, 0
      from organizations`,
    // The name is the user's, so that members are listed by it.
    `create table group_members (
      organization_id ${key} not null references organizations (id), group_id ${key} not null, user_id ${key} not null,
      user_name_key ${key} not null, sampled integer not null, primary key (organization_id, group_id, user_id))`,
    'create index group_members_name on group_members (organization_id, group_id, user_name_key)',
    'create index group_members_user on group_members (user_id)',
    'create index group_members_sample on group_members (organization_id, group_id, sampled) where sampled = 1',

    `create table imports (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      file_name text not null, existing text not null, state text not null, reason text not null,
      bytes bigint not null, row_count bigint not null, done bigint not null,
      adds bigint not null, modifies bigint not null, deletes bigint not null, unchanged bigint not null, errors bigint not null,
      skipped bigint not null, columns text not null, new_sets text not null,
      created_at bigint not null, created_by text not null, applied_by text not null, decided_at bigint, ended_at bigint,
      lease text not null, lease_until bigint not null)`,
    'create index imports_organization on imports (organization_id, id)',
    // What has ended is due never again.
    'create index imports_due on imports (lease_until) where ended_at is null',
    `create table import_rows (
      organization_id ${key} not null references organizations (id), import_id ${key} not null, line bigint not null,
      user_name_key ${key} not null, content text not null, change text not null, problems text not null,
      primary key (organization_id, import_id, line))`,
    'create index import_rows_name on import_rows (import_id, user_name_key, line)',
    'create index import_rows_change on import_rows (import_id, change, line)',

    `alter table devices add column host_name_key ${key} not null default ''`,
    `alter table devices add column serial_key ${key} not null default ''`,
    ...sampled('devices'),
    'update devices set host_name_key = lower(host_name), serial_key = lower(serial)',
    'drop index devices_user',
    'create index devices_user_name on devices (organization_id, user_name_key, id)',
    'create index devices_host_name on devices (organization_id, host_name_key, id)',
    'create index devices_serial_prefix on devices (organization_id, serial_key, id)',
    'create index devices_organization on devices (organization_id, id)',
    'create index devices_sample on devices (organization_id, sampled) where sampled = 1',

    ...sampled('audit_events'),
    'create index audit_events_time on audit_events (organization_id, at, id)',
    'create index audit_events_actor on audit_events (organization_id, actor, at, id)',
    'create index audit_events_action on audit_events (organization_id, action, at, id)',
    'create index audit_events_subject on audit_events (organization_id, subject, at, id)',
    'create index audit_events_sample on audit_events (organization_id, sampled) where sampled = 1',
  ],
  fold: [
    { table: 'users', from: 'display_name', to: 'display_name_key' },
    { table: 'devices', from: 'host_name', to: 'host_name_key' },
    { table: 'devices', from: 'serial', to: 'serial_key' },
  ],
};
