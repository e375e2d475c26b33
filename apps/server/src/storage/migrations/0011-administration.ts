import type { Migration } from './migration.ts';

/** Where a session of the console began; signing keys that follow one another. */
export const administration: Migration = {
  name: '0011-administration',
  statements: () => [
    `alter table administrator_sessions add column remote_address text not null default ''`,
    `alter table signing_keys add column state text not null default 'active'`,
    // When it came into this state; 0: when it was made.
    'alter table signing_keys add column state_since bigint not null default 0',
  ],
};
