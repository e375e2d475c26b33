import type { Migration } from './migration.ts';

/** People who sign in to the console. An `organization_id` of null: operators. */
export const administrators: Migration = {
  name: '0007-administrators',
  statements: ({ key }) => [
    `create table administrators (
      id ${key} primary key, organization_id ${key} references organizations (id),
      user_name text not null, user_name_key ${key} not null, display_name text not null, role_id ${key} not null,
      state text not null, password text not null, totp text, totp_step bigint not null, recovery_codes text not null,
      created_at bigint not null, last_signed_in_at bigint)`,
    // A person signs in without naming the organization.
    'create unique index administrators_name on administrators (user_name_key)',
    'create index administrators_organization on administrators (organization_id, id)',

    `create table administrator_passkeys (
      id ${key} primary key, organization_id ${key} references organizations (id), administrator_id ${key} not null,
      credential_id ${key} not null, public_key text not null, counter bigint not null, transports text not null,
      name text not null, created_at bigint not null, last_used_at bigint)`,
    'create unique index administrator_passkeys_credential on administrator_passkeys (credential_id)',
    'create index administrator_passkeys_administrator on administrator_passkeys (administrator_id, id)',

    `create table administrator_sessions (
      id ${key} primary key, organization_id ${key} references organizations (id), administrator_id ${key} not null,
      state text not null, created_at bigint not null, expires_at bigint not null, last_seen_at bigint not null,
      reauthenticated_at bigint, challenge text, pending_totp text)`,
    'create index administrator_sessions_administrator on administrator_sessions (administrator_id)',
    'create index administrator_sessions_expiry on administrator_sessions (expires_at)',

    `create table administrator_roles (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      name text not null, name_key ${key} not null, permissions text not null)`,
    'create unique index administrator_roles_name on administrator_roles (organization_id, name_key)',

    `create table administrator_invitations (
      id ${key} primary key, organization_id ${key} references organizations (id),
      user_name text not null, user_name_key ${key} not null, role_id ${key} not null, hash ${key} not null,
      created_at bigint not null, created_by text not null, expires_at bigint not null)`,
    'create unique index administrator_invitations_hash on administrator_invitations (hash)',
    'create index administrator_invitations_organization on administrator_invitations (organization_id, id)',

    // Failed attempts to sign in, by account and by address, whether there is such an account or not.
    `create table sign_in_failures (
      name ${key} primary key, failures bigint not null, failed_at bigint not null)`,
    'create index sign_in_failures_time on sign_in_failures (failed_at)',
  ],
};
