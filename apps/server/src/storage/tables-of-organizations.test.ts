import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { migrations } from './migrate.ts';
import { tablesOfOrganizations } from './organizations.ts';

test('deleting an organization removes the rows of every table that has its id', () => {
  const database = new DatabaseSync(':memory:');
  for (const { statements } of migrations) for (const statement of statements({ key: 'text' })) database.exec(statement);
  const owned = database
    .prepare("select name from sqlite_master where type = 'table'")
    .all()
    .map(({ name }) => String(name))
    .filter((name) =>
      database
        .prepare(`select name from pragma_table_info('${name}')`)
        .all()
        .some((column) => column.name === 'organization_id'),
    );
  database.close();
  expect(tablesOfOrganizations.map(([table]) => String(table)).toSorted()).toEqual(owned.toSorted());
});
