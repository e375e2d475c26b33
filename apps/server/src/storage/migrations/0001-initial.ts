import type { Migration } from './migration.ts';

/** The first schema. `key` is text compared by bytes on both engines, so that keyset order is the same. */
export const initial: Migration = {
  name: '0001-initial',
  statements: ({ key }) => [
    `create table organizations (
      id ${key} primary key, name text not null, state text not null, created_at bigint not null)`,

    `create table domains (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      name ${key} not null, proof text not null, created_at bigint not null)`,
    `create unique index domains_own on domains (organization_id, name)`,
    // A proved domain has one organization on the server; a claim without proof reserves nothing.
    `create unique index domains_proved on domains (name) where proof <> 'none'`,

    `create table settings_drafts (
      organization_id ${key} primary key references organizations (id),
      document text not null, revision bigint not null, updated_at bigint not null, updated_by text not null)`,
    `create table settings_versions (
      organization_id ${key} not null references organizations (id), version bigint not null,
      document text not null, activated_at bigint not null, activated_by text not null, comment text not null,
      primary key (organization_id, version))`,

    `create table users (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      user_name text not null, user_name_key ${key} not null, display_name text not null,
      state text not null, source text not null, created_at bigint not null, updated_at bigint not null)`,
    `create unique index users_name on users (organization_id, user_name_key) where state <> 'deleted'`,
    // Was there ever such a user? The deleted ones are asked for too.
    `create index users_name_lookup on users (organization_id, user_name_key)`,

    `create table device_tokens (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      description text not null, lookup ${key} not null, hash text not null, hint text not null,
      domains text not null, enrollment text not null, max_enrollments bigint, enrollments bigint not null,
      created_at bigint not null, created_by text not null, expires_at bigint not null, revoked_at bigint, last_used_at bigint)`,
    `create unique index device_tokens_lookup on device_tokens (lookup)`,
    `create index device_tokens_organization on device_tokens (organization_id, id)`,

    `create table devices (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      jkt ${key} not null, public_key text not null,
      user_name text not null, user_name_key ${key} not null, user_id ${key},
      state text not null, state_reason text not null, evidence text not null, token_id ${key} not null,
      parameters text not null, host_name text not null, machine_id ${key} not null, serial ${key} not null,
      external_device_id text not null,
      counter bigint not null, join_id text not null, previous_join_id text not null,
      bad_proofs bigint not null, bad_proofs_since bigint not null,
      remote_address text not null, created_at bigint not null, updated_at bigint not null, last_seen_at bigint not null)`,
    `create unique index devices_key on devices (organization_id, jkt)`,
    `create index devices_user on devices (organization_id, user_name_key)`,
    `create index devices_machine on devices (organization_id, machine_id)`,
    // Empty serials are many; a real one is held by one live device (device-binding §4.5).
    `create unique index devices_serial on devices (organization_id, serial)
      where serial <> '' and state in ('registered', 'unregistered', 'removal_pending', 'quarantined')`,
    // A look-up by a bound parameter cannot use the partial index.
    `create index devices_serial_lookup on devices (organization_id, serial)`,
    `create index devices_state on devices (organization_id, state, id)`,

    `create table sessions (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      device_id ${key} not null, user_id ${key} not null, idp text not null, assertion_id text not null, session_index text not null,
      created_at bigint not null, expires_at bigint not null, ended_at bigint)`,
    `create index sessions_device on sessions (device_id)`,
    `create index sessions_user on sessions (user_id)`,
    `create index sessions_expiry on sessions (expires_at)`,

    `create table used_once (
      organization_id ${key} not null, kind ${key} not null, value ${key} not null, expires_at bigint not null,
      primary key (organization_id, kind, value))`,
    `create index used_once_expiry on used_once (expires_at)`,

    `create table applications (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      name text not null, kind text not null, identifier ${key} not null, metadata text not null,
      enabled integer not null, min_evidence text not null, created_at bigint not null)`,
    `create unique index applications_identifier on applications (organization_id, identifier)`,

    `create table signing_keys (
      id ${key} primary key, organization_id ${key} not null references organizations (id),
      purpose text not null, private_key text not null, certificate text not null, created_at bigint not null)`,
    `create index signing_keys_organization on signing_keys (organization_id, purpose, id)`,

    `create table api_keys (
      id ${key} primary key, organization_id ${key} references organizations (id),
      description text not null, lookup ${key} not null, hash text not null, hint text not null,
      created_at bigint not null, expires_at bigint not null, revoked_at bigint, last_used_at bigint)`,
    `create unique index api_keys_lookup on api_keys (lookup)`,

    `create table audit_events (
      id ${key} primary key, organization_id ${key}, at bigint not null, actor text not null, action ${key} not null,
      outcome text not null, reason text not null, subject ${key} not null, remote_address text not null,
      correlation_id ${key} not null, details text not null)`,
    `create index audit_events_organization on audit_events (organization_id, id)`,
    `create index audit_events_correlation on audit_events (organization_id, correlation_id)`,

    `create table server_facts (name ${key} primary key, value text not null)`,
  ],
};
