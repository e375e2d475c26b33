import type { Kysely, Selectable } from 'kysely';
import type { Application } from '../applications/application.ts';
import type { ApplicationsTable, Database } from './schema.ts';

const toApplication = (row: Selectable<ApplicationsTable>): Application => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  identifier: row.identifier,
  metadata: row.metadata,
  enabled: row.enabled !== 0,
  minEvidence: row.min_evidence,
  allowBearer: row.allow_bearer !== 0,
  createdAt: row.created_at,
});

export const applicationQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('applications').selectAll().where('organization_id', '=', organizationId);

  return {
    /** False if the organization has an application with this identifier. */
    insertApplication: async (application: Application): Promise<boolean> => {
      const result = await db
        .insertInto('applications')
        .values({
          id: application.id,
          organization_id: organizationId,
          name: application.name,
          kind: application.kind,
          identifier: application.identifier,
          metadata: application.metadata,
          enabled: application.enabled ? 1 : 0,
          min_evidence: application.minEvidence,
          allow_bearer: application.allowBearer ? 1 : 0,
          created_at: application.createdAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    findApplication: async (id: string): Promise<Application | undefined> => {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row && toApplication(row);
    },

    findApplicationByIdentifier: async (identifier: string): Promise<Application | undefined> => {
      const row = await own().where('identifier', '=', identifier).executeTakeFirst();
      return row && toApplication(row);
    },

    /** In the order of ids, which is that of registration. */
    listApplications: async (page: { readonly after?: string; readonly limit: number }): Promise<readonly Application[]> => {
      let query = own().orderBy('id').limit(page.limit);
      if (page.after !== undefined) query = query.where('id', '>', page.after);
      return (await query.execute()).map(toApplication);
    },

    /** False if there is no such application. */
    saveApplication: async (
      id: string,
      change: Partial<Pick<Application, 'name' | 'enabled' | 'minEvidence' | 'allowBearer'>>,
    ): Promise<boolean> => {
      const result = await db
        .updateTable('applications')
        .set({
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.enabled === undefined ? {} : { enabled: change.enabled ? 1 : 0 }),
          ...(change.minEvidence === undefined ? {} : { min_evidence: change.minEvidence }),
          ...(change.allowBearer === undefined ? {} : { allow_bearer: change.allowBearer ? 1 : 0 }),
        })
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    deleteApplication: async (id: string): Promise<boolean> => {
      const result = await db
        .deleteFrom('applications')
        .where('organization_id', '=', organizationId)
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
};

export const applicationServerQueries = (db: Kysely<Database>) => ({
  /** The organization an application belongs to; it never changes. */
  findApplicationOrganization: async (id: string): Promise<string | undefined> =>
    (await db.selectFrom('applications').select('organization_id').where('id', '=', id).executeTakeFirst())?.organization_id,
});
