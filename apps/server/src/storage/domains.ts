import type { Kysely, Selectable } from 'kysely';
import type { Domain } from '../organizations/store.ts';
import type { Database, DomainsTable } from './schema.ts';

const toDomain = (row: Selectable<DomainsTable>): Domain => ({
  id: row.id,
  name: row.name,
  proof: row.proof,
  createdAt: row.created_at,
});

export const domainQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('domains').selectAll().where('organization_id', '=', organizationId);

  return {
    /** False if this organization has the name, or (for a proved one) another organization has proved it. */
    insertDomain: async (domain: Domain): Promise<boolean> => {
      const result = await db
        .insertInto('domains')
        .values({
          id: domain.id,
          organization_id: organizationId,
          name: domain.name,
          proof: domain.proof,
          created_at: domain.createdAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    removeDomain: async (name: string): Promise<boolean> => {
      const result = await db
        .deleteFrom('domains')
        .where('organization_id', '=', organizationId)
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },

    findOwnDomain: async (name: string): Promise<Domain | undefined> => {
      const row = await own().where('name', '=', name).executeTakeFirst();
      return row && toDomain(row);
    },

    /** By name. */
    listDomains: async (): Promise<readonly Domain[]> => (await own().orderBy('name').execute()).map(toDomain),

    /** Folded names of the proved ones, sorted. */
    listProvedDomains: async (): Promise<readonly string[]> => {
      const rows = await db
        .selectFrom('domains')
        .select('name')
        .where('organization_id', '=', organizationId)
        .where('proof', '<>', 'none')
        .orderBy('name')
        .execute();
      return rows.map((row) => row.name);
    },
  };
};

export const domainServerQueries = (db: Kysely<Database>) => ({
  /** Who has proved this (folded) name. */
  findDomain: async (
    name: string,
  ): Promise<{ readonly organizationId: string; readonly name: string; readonly proof: 'granted' | 'dns' } | undefined> => {
    const row = await db
      .selectFrom('domains')
      .select(['organization_id', 'name', 'proof'])
      .where('name', '=', name)
      .where('proof', '<>', 'none')
      .executeTakeFirst();
    return row === undefined || row.proof === 'none'
      ? undefined
      : { organizationId: row.organization_id, name: row.name, proof: row.proof };
  },
});
