import type { Migration } from './migration.ts';

/** Device tokens complete, webhooks, API keys with scopes, repeated requests. */
export const operations: Migration = {
  name: '0005-operations',
  statements: ({ key }) => [
    `alter table device_tokens add column platforms text not null default '[]'`,
    `alter table device_tokens add column networks text not null default '[]'`,
    `alter table device_tokens add column rotated_to text`,
    // The last of 14, 7 and 1 days that somebody was told of.
    `alter table device_tokens add column warned_days bigint`,
    `create index device_tokens_expiry on device_tokens (expires_at)`,

    // What keys of 0.1.0 might do they still may.
    `alter table api_keys add column scopes text not null default '["all:write"]'`,

    `create table webhooks (
      organization_id ${key} primary key references organizations (id),
      url text not null, secret text not null, created_at bigint not null, created_by text not null)`,
    `create table webhook_messages (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      type text not null, body text not null, attempts bigint not null, next_at bigint not null, created_at bigint not null)`,
    `create index webhook_messages_due on webhook_messages (next_at)`,
    `create index webhook_messages_organization on webhook_messages (organization_id)`,

    `create table repeatable_requests (
      api_key_id ${key} not null, operation ${key} not null, idempotency_key ${key} not null,
      fingerprint text not null, status bigint, answer text, expires_at bigint not null,
      primary key (api_key_id, operation, idempotency_key))`,
    `create index repeatable_requests_expiry on repeatable_requests (expires_at)`,
  ],
};
