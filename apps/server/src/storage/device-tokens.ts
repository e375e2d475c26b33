import type { DeviceToken } from '@latchkey/device';
import type { Kysely, Selectable } from 'kysely';
import type { Database, DeviceTokensTable } from './schema.ts';

const toDeviceToken = (row: Selectable<DeviceTokensTable>): DeviceToken => ({
  id: row.id,
  organizationId: row.organization_id,
  description: row.description,
  lookup: row.lookup,
  hash: row.hash,
  hint: row.hint,
  domains: JSON.parse(row.domains) as string[], // written by insertDeviceToken
  enrollment: row.enrollment,
  maxEnrollments: row.max_enrollments,
  enrollments: row.enrollments,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
  platforms: JSON.parse(row.platforms) as DeviceToken['platforms'], // written by insertDeviceToken
  networks: JSON.parse(row.networks) as string[], // written by insertDeviceToken
  rotatedTo: row.rotated_to,
});

export const deviceTokenQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('device_tokens').selectAll().where('organization_id', '=', organizationId);

  return {
    insertDeviceToken: async (token: DeviceToken): Promise<void> => {
      await db
        .insertInto('device_tokens')
        .values({
          id: token.id,
          organization_id: organizationId,
          description: token.description,
          lookup: token.lookup,
          hash: token.hash,
          hint: token.hint,
          domains: JSON.stringify(token.domains),
          enrollment: token.enrollment,
          max_enrollments: token.maxEnrollments,
          enrollments: token.enrollments,
          created_at: token.createdAt,
          created_by: token.createdBy,
          expires_at: token.expiresAt,
          revoked_at: token.revokedAt,
          last_used_at: token.lastUsedAt,
          platforms: JSON.stringify(token.platforms),
          networks: JSON.stringify(token.networks),
          rotated_to: token.rotatedTo,
          warned_days: null,
        })
        .execute();
    },

    findDeviceToken: async (lookup: string): Promise<DeviceToken | undefined> => {
      const row = await own().where('lookup', '=', lookup).executeTakeFirst();
      return row && toDeviceToken(row);
    },

    findDeviceTokenById: async (id: string): Promise<DeviceToken | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toDeviceToken(row);
    },

    /** In the order of ids, which is that of creation. */
    listDeviceTokens: async (page: { readonly after?: string; readonly limit: number }): Promise<readonly DeviceToken[]> => {
      let query = own().orderBy('id').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toDeviceToken);
    },

    /** Neither revoked nor expired. */
    countLiveDeviceTokens: async (at: number): Promise<number> => {
      const row = await db
        .selectFrom('device_tokens')
        .select((select) => select.fn.countAll<number | string>().as('live'))
        .where('organization_id', '=', organizationId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', at)
        .executeTakeFirstOrThrow();
      return Number(row.live);
    },

    /** False if there is no such token or it was revoked before. */
    revokeDeviceToken: async (id: string, at: number): Promise<boolean> => {
      const result = await db
        .updateTable('device_tokens')
        .set({ revoked_at: at })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** Names the token that takes its place, and ends it then at the latest; false if it was revoked or has been rotated. */
    rotateDeviceToken: async (id: string, rotation: { readonly to: string; readonly expiresAt: number }): Promise<boolean> => {
      const result = await db
        .updateTable('device_tokens')
        .set({ rotated_to: rotation.to, expires_at: rotation.expiresAt })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .where('rotated_to', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** True for the first of all nodes that warns of so many days. */
    markExpiryWarned: async (id: string, days: number): Promise<boolean> => {
      const result = await db
        .updateTable('device_tokens')
        .set({ warned_days: days })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .where((where) => where.or([where('warned_days', 'is', null), where('warned_days', '>', days)]))
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** Counts one enrollment in the same step as it checks that there may be one; false if there may not. */
    countEnrollment: async (tokenId: string, at: number): Promise<boolean> => {
      const result = await db
        .updateTable('device_tokens')
        .set((set) => ({ enrollments: set('enrollments', '+', 1), last_used_at: at }))
        .where('organization_id', '=', organizationId)
        .where('id', '=', tokenId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', at)
        .where((where) =>
          where.or([where('max_enrollments', 'is', null), where('enrollments', '<', where.ref('max_enrollments'))]),
        )
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
};

export const deviceTokenServerQueries = (db: Kysely<Database>) => ({
  /** Tokens of every organization that are live, not rotated, and expire before `before`: the soonest first. */
  listExpiringDeviceTokens: async (
    now: number,
    before: number,
    limit: number,
  ): Promise<readonly (DeviceToken & { readonly warnedDays: number | null })[]> => {
    const rows = await db
      .selectFrom('device_tokens')
      .selectAll()
      .where('expires_at', '>', now)
      .where('expires_at', '<=', before)
      .where('revoked_at', 'is', null)
      .where('rotated_to', 'is', null)
      .orderBy('expires_at')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...toDeviceToken(row), warnedDays: row.warned_days }));
  },

  findDeviceTokenOrganization: async (lookup: string): Promise<string | undefined> =>
    (await db.selectFrom('device_tokens').select('organization_id').where('lookup', '=', lookup).executeTakeFirst())
      ?.organization_id,
});
