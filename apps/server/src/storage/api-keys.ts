import type { Kysely, Selectable } from 'kysely';
import type { ApiKey, Page } from '../admin/store.ts';
import type { ApiKeysTable, Database } from './schema.ts';

const toApiKey = (row: Selectable<ApiKeysTable>): ApiKey => ({
  id: row.id,
  organizationId: row.organization_id,
  description: row.description,
  lookup: row.lookup,
  hash: row.hash,
  hint: row.hint,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  scopes: JSON.parse(row.scopes) as ApiKey['scopes'], // written by toRow
});

const toRow = (key: ApiKey, organizationId: string | null): ApiKeysTable => ({
  id: key.id,
  organization_id: organizationId,
  description: key.description,
  lookup: key.lookup,
  hash: key.hash,
  hint: key.hint,
  created_at: key.createdAt,
  expires_at: key.expiresAt,
  revoked_at: key.revokedAt,
  last_used_at: key.lastUsedAt,
  scopes: JSON.stringify(key.scopes),
});

/** The keys of one holder: an organization, or (null) the operators. */
const keysOf = (db: Kysely<Database>, organizationId: string | null) => {
  const holder = organizationId === null ? 'is' : '=';
  const own = () => db.selectFrom('api_keys').selectAll().where('organization_id', holder, organizationId);

  return {
    insert: async (key: ApiKey): Promise<void> => {
      await db.insertInto('api_keys').values(toRow(key, organizationId)).execute();
    },

    findById: async (id: string): Promise<ApiKey | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toApiKey(row);
    },

    /** In the order of ids, which is that of creation. */
    list: async (page: Page): Promise<readonly ApiKey[]> => {
      let query = own().orderBy('id').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toApiKey);
    },

    /** False if there is no such key or it was revoked before. */
    revoke: async (id: string, at: number): Promise<boolean> => {
      const result = await db
        .updateTable('api_keys')
        .set({ revoked_at: at })
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
};

export const apiKeyQueries = (db: Kysely<Database>, organizationId: string) => {
  const keys = keysOf(db, organizationId);
  return { insertApiKey: keys.insert, findApiKeyById: keys.findById, listApiKeys: keys.list, revokeApiKey: keys.revoke };
};

export const apiKeyServerQueries = (db: Kysely<Database>) => {
  const keys = keysOf(db, null);
  return {
    insertOperatorKey: keys.insert,
    findOperatorKeyById: keys.findById,
    listOperatorKeys: keys.list,
    revokeOperatorKey: keys.revoke,

    /** Any holder's key, by its public part. */
    findApiKey: async (lookup: string): Promise<ApiKey | undefined> => {
      const row = await db.selectFrom('api_keys').selectAll().where('lookup', '=', lookup).executeTakeFirst();
      return row && toApiKey(row);
    },

    touchApiKey: async (id: string, at: number): Promise<void> => {
      await db.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute();
    },
  };
};
