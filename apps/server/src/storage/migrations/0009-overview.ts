import type { Migration } from './migration.ts';

/** What happened in each hour, counted from the audit by a background job: a sign-in writes nothing more for it. */
export const overview: Migration = {
  name: '0009-overview',
  statements: ({ key }) => [
    // No reference to organizations, as the audit has none: one that goes while its events are counted stops nobody.
    `create table event_counts (
      organization_id ${key} not null, hour bigint not null, kind ${key} not null, count bigint not null,
      primary key (organization_id, hour, kind))`,
    'create index event_counts_hour on event_counts (hour)',
  ],
};
