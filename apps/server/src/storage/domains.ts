import type { Kysely, Selectable } from 'kysely';
import type { Domain, DomainChange, DueDomain, NewDomain } from '../organizations/store.ts';
import type { Database, DomainsTable } from './schema.ts';

const toDomain = (row: Selectable<DomainsTable>): Domain => ({
  id: row.id,
  name: row.name,
  proof: row.proof,
  createdAt: row.created_at,
  checkedAt: row.checked_at,
  failingSince: row.failing_since,
  contestedAt: row.contested_at,
  nextCheckAt: row.next_check_at,
});

export const domainQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('domains').selectAll().where('organization_id', '=', organizationId);

  return {
    /** False if this organization has the name, or (for a proved one) another organization has proved it. */
    insertDomain: async (domain: NewDomain): Promise<boolean> => {
      const result = await db
        .insertInto('domains')
        .values({
          id: domain.id,
          organization_id: organizationId,
          name: domain.name,
          proof: domain.proof,
          created_at: domain.createdAt,
          checked_at: domain.checkedAt ?? null,
          failing_since: domain.failingSince ?? null,
          contested_at: domain.contestedAt ?? null,
          next_check_at: domain.nextCheckAt ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    /** False if there is none of this name. */
    changeDomain: async (name: string, change: DomainChange): Promise<boolean> => {
      const result = await db
        .updateTable('domains')
        .set({
          ...(change.proof === undefined ? {} : { proof: change.proof }),
          ...(change.checkedAt === undefined ? {} : { checked_at: change.checkedAt }),
          ...(change.failingSince === undefined ? {} : { failing_since: change.failingSince }),
          ...(change.contestedAt === undefined ? {} : { contested_at: change.contestedAt }),
          ...(change.nextCheckAt === undefined ? {} : { next_check_at: change.nextCheckAt }),
        })
        .where('organization_id', '=', organizationId)
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** Takes up a check that is due, until `to`: true for one of those who try. */
    claimDomainCheck: async (name: string, from: number, to: number): Promise<boolean> => {
      const result = await db
        .updateTable('domains')
        .set({ next_check_at: to })
        .where('organization_id', '=', organizationId)
        .where('name', '=', name)
        .where('next_check_at', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
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

  /** Those that are to be looked up again, the longest due first. */
  listDueDomains: async (at: number, limit: number): Promise<readonly DueDomain[]> => {
    const rows = await db
      .selectFrom('domains')
      .select(['organization_id', 'name', 'next_check_at'])
      .where('next_check_at', '<=', at)
      .orderBy('next_check_at')
      .limit(limit)
      .execute();
    return rows.flatMap(({ organization_id, name, next_check_at }) =>
      next_check_at === null ? [] : [{ organizationId: organization_id, name, nextCheckAt: next_check_at }],
    );
  },
});
