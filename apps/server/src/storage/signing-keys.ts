import type { Kysely } from 'kysely';
import type { SigningKeyChangesPort, StoredSigningKey } from '../keys/store.ts';
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
        state: row.state,
        stateSince: row.state_since === 0 ? row.created_at : row.state_since,
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
            state: key.state,
            state_since: key.stateSince,
          })),
        )
        .execute();
    },

    changeSigningKey: async (
      id: string,
      { state, stateSince }: Pick<StoredSigningKey, 'state' | 'stateSince'>,
    ): Promise<void> => {
      await db
        .updateTable('signing_keys')
        .set({ state, state_since: stateSince })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .execute();
    },

    deleteSigningKey: async (id: string): Promise<void> => {
      await db.deleteFrom('signing_keys').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },
  }) satisfies Omit<SigningKeyChangesPort, 'appendAuditEvent'>;
