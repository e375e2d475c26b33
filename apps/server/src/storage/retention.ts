import { type Kysely, type Selectable, sql } from 'kysely';
import { firstIdAt } from '../ids.ts';
import type { Retention, RetentionPeriods } from '../retention/store.ts';
import type { Database, RetentionTable } from './schema.ts';

const toRetention = (row: Selectable<RetentionTable>): Retention => ({
  auditDays: row.audit_days,
  signInDetailsDays: row.sign_in_details_days,
  removedDays: row.removed_days,
  revision: row.revision,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
  reducedTo: row.reduced_to,
  nextAt: row.next_at,
  sweptAt: row.swept_at,
});

const periodColumns = (periods: RetentionPeriods & Pick<Retention, 'revision' | 'updatedAt' | 'updatedBy'>) => ({
  audit_days: periods.auditDays,
  sign_in_details_days: periods.signInDetailsDays,
  removed_days: periods.removedDays,
  revision: periods.revision,
  updated_at: periods.updatedAt,
  updated_by: periods.updatedBy,
});

export const retentionQueries = (db: Kysely<Database>, organizationId: string) => {
  const change = () => db.updateTable('retention').where('organization_id', '=', organizationId);

  return {
    findRetention: async (): Promise<Retention | undefined> => {
      const row = await db.selectFrom('retention').selectAll().where('organization_id', '=', organizationId).executeTakeFirst();
      return row && toRetention(row);
    },

    /** False if there is one. */
    insertRetention: async (retention: Retention): Promise<boolean> => {
      const result = await db
        .insertInto('retention')
        .values({
          organization_id: organizationId,
          ...periodColumns(retention),
          reduced_to: retention.reducedTo,
          next_at: retention.nextAt,
          swept_at: retention.sweptAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    /** False if it is no longer of that revision. */
    saveRetention: async (
      next: RetentionPeriods & Pick<Retention, 'revision' | 'updatedAt' | 'updatedBy'>,
      revision: number,
    ): Promise<boolean> =>
      (await change().set(periodColumns(next)).where('revision', '=', revision).executeTakeFirst()).numUpdatedRows > 0n,

    /** Puts the next sweep off, if nobody else has: who does may sweep until then. */
    holdSweep: async (
      from: number,
      to: number,
      done: Partial<Pick<Retention, 'reducedTo' | 'sweptAt'>> = {},
    ): Promise<boolean> => {
      const { reducedTo, sweptAt } = done;
      const result = await change()
        .set({
          next_at: to,
          ...(reducedTo === undefined ? {} : { reduced_to: reducedTo }),
          ...(sweptAt === undefined ? {} : { swept_at: sweptAt }),
        })
        .where('next_at', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    reduceAuditEvent: async (event: {
      readonly id: string;
      readonly remoteAddress: string;
      readonly details: Readonly<Record<string, unknown>>;
    }): Promise<void> => {
      await db
        .updateTable('audit_events')
        .set({ remote_address: event.remoteAddress, details: JSON.stringify(event.details) })
        .where('organization_id', '=', organizationId)
        .where('id', '=', event.id)
        .execute();
    },

    /** Those made before this moment, the oldest first. */
    removeAuditEvents: async (before: number, limit: number): Promise<number> => {
      const own = () =>
        db
          .selectFrom('audit_events')
          .select('id')
          .where('organization_id', '=', organizationId)
          .where('id', '<', firstIdAt('evt', before));
      const result = await db
        .deleteFrom('audit_events')
        .where('organization_id', '=', organizationId)
        .where('id', 'in', own().orderBy('id').limit(limit))
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    removeRemovedDevices: async (before: number, limit: number): Promise<number> => {
      const old = db
        .selectFrom('devices')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('state', '=', sql.lit('removed'))
        .where('updated_at', '<', before)
        .limit(limit);
      const result = await db
        .deleteFrom('devices')
        .where('organization_id', '=', organizationId)
        .where('id', 'in', old)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    /** But not one whose name a device still has: nobody would know any more that it must not bring the account back. */
    removeDeletedUsers: async (before: number, limit: number): Promise<number> => {
      const old = db
        .selectFrom('users')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('state', '=', sql.lit('deleted'))
        .where('updated_at', '<', before)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('devices')
                .select('devices.id')
                .whereRef('devices.organization_id', '=', 'users.organization_id')
                .whereRef('devices.user_name_key', '=', 'users.user_name_key')
                .where('devices.state', '<>', sql.lit('removed')),
            ),
          ),
        )
        .limit(limit);
      const result = await db
        .deleteFrom('users')
        .where('organization_id', '=', organizationId)
        .where('id', 'in', old)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
};

export const retentionServerQueries = (db: Kysely<Database>) => ({
  /** The organizations whose time has come, and those that never had one. */
  listDueSweeps: async (at: number, limit: number): Promise<readonly string[]> => {
    const rows = await db
      .selectFrom('organizations')
      .leftJoin('retention', 'retention.organization_id', 'organizations.id')
      .select('organizations.id')
      // One that is to be deleted goes whole.
      .where('organizations.delete_at', 'is', null)
      .where(({ or, eb }) => or([eb('retention.next_at', 'is', null), eb('retention.next_at', '<=', at)]))
      .orderBy('organizations.id')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  },
});
