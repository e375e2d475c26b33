import pg from 'pg';
import { expect } from 'vitest';
import { tenantTables } from './tenant-rows.ts';

/**
 * Asks PostgreSQL for every table in SQL of our own, as a query would that forgets its tenant: as the role of the server's transactions and
 * as the owner of the tables, for nobody and for one organization. Returns what was seen, as a table.
 */
export const forgetTenant = async (url: string, one: string, other: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const inScope = async (setup: readonly string[], sql: string): Promise<number> => {
    await client.query('begin');
    try {
      for (const statement of setup) await client.query(statement);
      return (await client.query(sql)).rowCount ?? 0;
    } finally {
      await client.query('rollback');
    }
  };
  const roles = [
    ['server', [`set local role "${client.database}_app"`]],
    ['owner', []],
  ] as const;
  const forOne = `set local latchkey.organization = '${one}'`;
  const lines: string[] = [];
  try {
    for (const [table, column] of tenantTables) {
      const ofOther = `where ${column} = '${other}'`;
      const all = await inScope([`set local latchkey.server = 'on'`], `select from ${table} ${ofOther}`);
      expect(all, `${table} has rows of the other to look for`).toBeGreaterThan(0);
      const seen: string[] = [];
      for (const [name, as] of roles) {
        const forNobody = await inScope(as, `select from ${table}`);
        const scope = [...as, forOne];
        const own = await inScope(scope, `select from ${table}`);
        const read = await inScope(scope, `select from ${table} ${ofOther}`);
        const changed = await inScope(scope, `update ${table} set ${column} = ${column} ${ofOther}`);
        const deleted = await inScope(scope, `delete from ${table} ${ofOther}`);
        expect([table, name, { forNobody, read, changed, deleted }]).toEqual([
          table,
          name,
          { forNobody: 0, read: 0, changed: 0, deleted: 0 },
        ]);
        expect(own, `${table} has rows of its own`).toBeGreaterThan(0);
        // Nor does one give its rows to another.
        await expect(inScope(scope, `update ${table} set ${column} = '${other}'`)).rejects.toThrow('row-level security');
        seen.push(
          `${name}: ${forNobody} for nobody, ${own} for one, of the other ${read} read ${changed} changed ${deleted} deleted`,
        );
      }
      lines.push(`${table.padEnd(18)} ${String(all).padStart(3)} rows; ${seen.join('; ')}`);
    }
  } finally {
    await client.end();
  }
  return ['Queries that forget the tenant, in PostgreSQL (row-level security):', ...lines].join('\n');
};
