import type { Kysely, Selectable } from 'kysely';
import type { Passkey } from '../administrators/store.ts';
import type { AdministratorPasskeysTable, Database } from './schema.ts';

const toPasskey = (row: Selectable<AdministratorPasskeysTable>): Passkey => ({
  id: row.id,
  administratorId: row.administrator_id,
  credentialId: row.credential_id,
  publicKey: row.public_key,
  counter: row.counter,
  transports: JSON.parse(row.transports) as string[], // written below
  name: row.name,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});

/** The passkeys of one holder's administrators: of an organization, or (null) of the operators. */
export const administratorPasskeyQueries = (db: Kysely<Database>, organizationId: string | null) => {
  const holder = organizationId === null ? 'is' : '=';

  return {
    /** False if it is known, of whomever. */
    insertPasskey: async (passkey: Passkey): Promise<boolean> => {
      const result = await db
        .insertInto('administrator_passkeys')
        .values({
          id: passkey.id,
          organization_id: organizationId,
          administrator_id: passkey.administratorId,
          credential_id: passkey.credentialId,
          public_key: passkey.publicKey,
          counter: passkey.counter,
          transports: JSON.stringify(passkey.transports),
          name: passkey.name,
          created_at: passkey.createdAt,
          last_used_at: passkey.lastUsedAt,
        })
        .onConflict((conflict) => conflict.column('credential_id').doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    listPasskeys: async (administratorIds: readonly string[]): Promise<readonly Passkey[]> => {
      if (administratorIds.length === 0) return [];
      const rows = await db
        .selectFrom('administrator_passkeys')
        .selectAll()
        .where('organization_id', holder, organizationId)
        .where('administrator_id', 'in', administratorIds)
        .orderBy('id')
        .execute();
      return rows.map(toPasskey);
    },

    usePasskey: async (id: string, use: { readonly counter: number; readonly at: number }): Promise<boolean> => {
      const result = await db
        .updateTable('administrator_passkeys')
        .set({ counter: use.counter, last_used_at: use.at })
        .where('organization_id', holder, organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    deletePasskey: async (administratorId: string, id: string): Promise<boolean> => {
      const result = await db
        .deleteFrom('administrator_passkeys')
        .where('organization_id', holder, organizationId)
        .where('administrator_id', '=', administratorId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
};
