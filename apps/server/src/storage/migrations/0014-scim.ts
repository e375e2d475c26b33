import type { Migration } from './migration.ts';

/** What provisioning sources say of users and groups, an index for every filter that is not a search, their tokens and their log. */
export const scim: Migration = {
  name: '0014-scim',
  statements: ({ key }) => [
    `alter table users add column scim_external_id ${key}`,
    'alter table users add column scim text',
    'alter table users add column scim_delete_at bigint',
    `create index users_external_id on users (organization_id, source, scim_external_id, id)
      where scim_external_id is not null and state <> 'deleted'`,
    `create index users_updated on users (organization_id, source, updated_at, id) where state <> 'deleted'`,
    `create index users_source_name on users (organization_id, source, display_name_key, id) where state <> 'deleted'`,
    `create index users_source_state on users (organization_id, source, state, user_name_key) where state <> 'deleted'`,
    'create index users_delete on users (scim_delete_at) where scim_delete_at is not null',

    `create table user_emails (
      organization_id ${key} not null references organizations (id), user_id ${key} not null, email_key ${key} not null,
      primary key (organization_id, email_key, user_id))`,
    'create index user_emails_user on user_emails (user_id)',

    `alter table user_groups add column scim_external_id ${key}`,
    'alter table user_groups add column scim text',
    `create index user_groups_external_id on user_groups (organization_id, source, scim_external_id, id)
      where scim_external_id is not null and deleted_at is null`,
    'create index user_groups_updated on user_groups (organization_id, source, updated_at, id) where deleted_at is null',

    `create table nested_groups (
      organization_id ${key} not null references organizations (id), group_id ${key} not null, member_id ${key} not null,
      primary key (organization_id, group_id, member_id))`,
    'create index nested_groups_member on nested_groups (member_id)',

    `create table scim_counts (
      organization_id ${key} not null references organizations (id), source ${key} not null, resource ${key} not null,
      shard bigint not null, count bigint not null, primary key (organization_id, source, resource, shard))`,

    `create table scim_tokens (
      id ${key} primary key, organization_id ${key} not null references organizations (id), idp ${key} not null,
      description text not null, lookup ${key} not null, hash text not null, hint text not null,
      created_at bigint not null, created_by text not null, expires_at bigint not null, revoked_at bigint, last_used_at bigint)`,
    'create unique index scim_tokens_lookup on scim_tokens (lookup)',
    'create index scim_tokens_idp on scim_tokens (organization_id, idp, id)',

    `create table scim_exchanges (
      id ${key} primary key, organization_id ${key} not null references organizations (id), idp ${key} not null, at bigint not null,
      client text not null, token_id ${key} not null, entity ${key} not null, method ${key} not null, path ${key} not null,
      status bigint not null, microseconds bigint not null, correlation_id ${key} not null,
      request text not null, response text not null, expires_at bigint not null)`,
    'create index scim_exchanges_idp on scim_exchanges (organization_id, idp, id)',
    'create index scim_exchanges_expiry on scim_exchanges (expires_at)',
  ],
};
