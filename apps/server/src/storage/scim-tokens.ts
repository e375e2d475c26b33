import type { Kysely, Selectable } from 'kysely';
import type { ScimToken } from '../scim/store.ts';
import type { Database, ScimTokensTable } from './schema.ts';

const toScimToken = (row: Selectable<ScimTokensTable>): ScimToken => ({
  id: row.id,
  idp: row.idp,
  description: row.description,
  lookup: row.lookup,
  hash: row.hash,
  hint: row.hint,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
});

export const scimTokenQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('scim_tokens').selectAll().where('organization_id', '=', organizationId);

  return {
    insertScimToken: async (token: ScimToken): Promise<void> => {
      await db
        .insertInto('scim_tokens')
        .values({
          id: token.id,
          organization_id: organizationId,
          idp: token.idp,
          description: token.description,
          lookup: token.lookup,
          hash: token.hash,
          hint: token.hint,
          created_at: token.createdAt,
          created_by: token.createdBy,
          expires_at: token.expiresAt,
          revoked_at: token.revokedAt,
          last_used_at: token.lastUsedAt,
        })
        .execute();
    },

    findScimToken: async (lookup: string): Promise<ScimToken | undefined> => {
      const row = await own().where('lookup', '=', lookup).executeTakeFirst();
      return row && toScimToken(row);
    },

    findScimTokenById: async (idp: string, id: string): Promise<ScimToken | undefined> => {
      const row = await own().where('id', '=', id).where('idp', '=', idp).executeTakeFirst();
      return row && toScimToken(row);
    },

    /** In the order of ids, which is that of creation. */
    listScimTokens: async (
      idp: string,
      page: { readonly after?: string; readonly limit: number },
    ): Promise<readonly ScimToken[]> => {
      let query = own().where('idp', '=', idp).orderBy('id').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toScimToken);
    },

    /** Neither revoked nor expired. */
    countLiveScimTokens: async (idp: string, at: number): Promise<number> => {
      const row = await db
        .selectFrom('scim_tokens')
        .select((select) => select.fn.countAll<number | string>().as('live'))
        .where('organization_id', '=', organizationId)
        .where('idp', '=', idp)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', at)
        .executeTakeFirst();
      return Number(row?.live ?? 0);
    },

    /** False if it was revoked before. */
    revokeScimToken: async (id: string, at: number): Promise<boolean> => {
      const result = await db
        .updateTable('scim_tokens')
        .set({ revoked_at: at })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    touchScimToken: async (id: string, at: number): Promise<void> => {
      await db
        .updateTable('scim_tokens')
        .set({ last_used_at: at })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },
  };
};
