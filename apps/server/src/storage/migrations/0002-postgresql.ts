import type { Migration } from './migration.ts';

/** What more than one node needs. */
export const postgresql: Migration = {
  name: '0002-postgresql',
  statements: ({ key }) => [
    // Counts of what is limited, by the minute: every node adds its own and reads the sum (rate-counts.ts).
    `create table rate_counts (
      limiter ${key} not null, minute bigint not null, name ${key} not null, count bigint not null,
      primary key (limiter, minute, name))`,
  ],
  // Host names are searched by prefix with lower(), which folds ASCII only on SQLite, and here in the collation "C".
  postgres: ['alter table devices alter column host_name type text collate "C"'],
};
