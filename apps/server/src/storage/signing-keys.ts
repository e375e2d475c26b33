import type { Kysely } from 'kysely';
import type { SigningKeyPort, StoredSigningKey } from '../keys/store.ts';
import type { Database } from './schema.ts';

export const signingKeyQueries = (db: Kysely<Database>, organizationId: string) =>
  ({
    /** Oldest first. */
    listSigningKeys: async (): Promise<readonly StoredSigningKey[]> => {
      const rows = await db
        .selectFrom('signing_keys')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        purpose: row.purpose,
        privateKey: row.private_key,
        certificate: row.certificate,
        createdAt: row.created_at,
      }));
    },

    insertSigningKeys: async (keys: readonly StoredSigningKey[]): Promise<void> => {
      await db
        .insertInto('signing_keys')
        .values(
          keys.map((key) => ({
            id: key.id,
            organization_id: organizationId,
            purpose: key.purpose,
            private_key: key.privateKey,
            certificate: key.certificate,
            created_at: key.createdAt,
          })),
        )
        .execute();
    },
  }) satisfies SigningKeyPort & Record<string, unknown>;
