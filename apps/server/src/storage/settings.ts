import { canonicalSettings, type SettingsDocument, type SettingsInput } from '@latchkey/settings';
import type { Kysely, Selectable } from 'kysely';
import type { Draft, Editor, Version } from '../settings/store.ts';
import type { Database, SettingsDraftsTable, SettingsVersionsTable } from './schema.ts';

// Written by saveDraft and insertVersion, by this version or an older one that knew no authentication profile.
const readDocument = (text: string): SettingsDocument => canonicalSettings(JSON.parse(text) as SettingsInput);

const toDraft = (row: Selectable<SettingsDraftsTable>): Draft => ({
  document: readDocument(row.document),
  revision: row.revision,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
});

const toVersion = (row: Selectable<SettingsVersionsTable>): Version => ({
  version: row.version,
  document: readDocument(row.document),
  activatedAt: row.activated_at,
  activatedBy: row.activated_by,
  comment: row.comment,
});

export const settingsQueries = (db: Kysely<Database>, organizationId: string) => {
  const versions = () => db.selectFrom('settings_versions').selectAll().where('organization_id', '=', organizationId);

  return {
    findDraft: async (): Promise<Draft | undefined> => {
      const row = await db
        .selectFrom('settings_drafts')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      return row && toDraft(row);
    },

    /** Keeps a draft over the one with the revision before its own; false if that is not what is there. */
    saveDraft: async (draft: Draft): Promise<boolean> => {
      const row = {
        document: JSON.stringify(draft.document),
        revision: draft.revision,
        updated_at: draft.updatedAt,
        updated_by: draft.updatedBy,
      };
      if (draft.revision === 1) {
        const inserted = await db
          .insertInto('settings_drafts')
          .values({ organization_id: organizationId, ...row })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
      }
      const updated = await db
        .updateTable('settings_drafts')
        .set(row)
        .where('organization_id', '=', organizationId)
        .where('revision', '=', draft.revision - 1)
        .executeTakeFirst();
      return updated.numUpdatedRows > 0n;
    },

    saveEditor: async (editor: Editor): Promise<void> => {
      await db
        .insertInto('settings_editors')
        .values({ organization_id: organizationId, actor: editor.actor, seen_at: editor.seenAt })
        .onConflict((conflict) => conflict.columns(['organization_id', 'actor']).doUpdateSet({ seen_at: editor.seenAt }))
        .execute();
    },

    /** Those seen at `since` or later, the latest first. */
    listEditors: async (since: number): Promise<readonly Editor[]> => {
      const rows = await db
        .selectFrom('settings_editors')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('seen_at', '>=', since)
        .orderBy('seen_at', 'desc')
        .orderBy('actor')
        .execute();
      return rows.map((row) => ({ actor: row.actor, seenAt: row.seen_at }));
    },

    /** False if a version of this number was activated in the meantime. */
    insertVersion: async (version: Version): Promise<boolean> => {
      const result = await db
        .insertInto('settings_versions')
        .values({
          organization_id: organizationId,
          version: version.version,
          document: JSON.stringify(version.document),
          activated_at: version.activatedAt,
          activated_by: version.activatedBy,
          comment: version.comment,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    findActiveVersion: async (): Promise<Version | undefined> => {
      const row = await versions().orderBy('version', 'desc').limit(1).executeTakeFirst();
      return row && toVersion(row);
    },

    findVersion: async (version: number): Promise<Version | undefined> => {
      const row = await versions().where('version', '=', version).executeTakeFirst();
      return row && toVersion(row);
    },

    findActiveVersionNumber: async (): Promise<number | undefined> =>
      (
        await db
          .selectFrom('settings_versions')
          .select('version')
          .where('organization_id', '=', organizationId)
          .orderBy('version', 'desc')
          .limit(1)
          .executeTakeFirst()
      )?.version,

    /** Newest first. */
    listVersions: async (page: { readonly before?: number; readonly limit: number }): Promise<readonly Version[]> => {
      let query = versions().orderBy('version', 'desc').limit(page.limit);
      if (page.before !== undefined) query = query.where('version', '<', page.before);
      return (await query.execute()).map(toVersion);
    },
  };
};
