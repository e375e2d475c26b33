import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { tablesOfOrganizations } from '../../apps/server/src/storage/organizations.ts';

/** The tables, each with the column that says whose a row is. */
export const tenantTables: readonly (readonly [string, string])[] = [
  ...tablesOfOrganizations.map(([table]) => [table, 'organization_id'] as const),
  ['organizations', 'id'],
];

/** Forged proofs are counted at the device they name (device-binding §5.8); nothing else of it changes. */
const counted = ['bad_proofs', 'bad_proofs_since'];
const textOf = (row: object): string => JSON.stringify(Object.entries(row).filter(([column]) => !counted.includes(column)));

/** Everything stored of an organization, read beside the server's own connections. */
export interface Rows {
  of(organizationId: string): Promise<Readonly<Record<string, readonly string[]>>>;
  close(): Promise<void>;
}

type Query = (table: string, column: string, organizationId: string) => Promise<readonly object[]>;

const rowsBy = async (query: Query, organizationId: string): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: [string, readonly string[]][] = [];
  for (const [table, column] of tenantTables) {
    const rows = await query(table, column, organizationId);
    found.push([table, rows.map(textOf).toSorted()]);
  }
  return Object.fromEntries(found);
};

export const openRows = async (url: string): Promise<Rows> => {
  if (url.startsWith('sqlite:')) {
    const database = new DatabaseSync(url.slice('sqlite:'.length), { readOnly: true });
    const query: Query = async (table, column, id) => database.prepare(`select * from ${table} where ${column} = ?`).all(id);
    return { of: (id) => rowsBy(query, id), close: async () => database.close() };
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set latchkey.server = 'on'`);
  const query: Query = async (table, column, id) =>
    (await client.query(`select * from ${table} where ${column} = $1`, [id])).rows;
  return { of: (id) => rowsBy(query, id), close: () => client.end() };
};
