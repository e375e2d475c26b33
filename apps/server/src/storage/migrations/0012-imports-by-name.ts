import type { Migration } from './migration.ts';

/** Lines are carried out in the order of user names, so that neighbours in the indexes of users are written together. */
export const importsByName: Migration = {
  name: '0012-imports-by-name',
  statements: () => [
    'drop index import_rows_name',
    'create index import_rows_name on import_rows (organization_id, import_id, user_name_key, line)',
    // Where the import goes on, as JSON.
    `alter table imports add column position text not null default 'null'`,
  ],
};
