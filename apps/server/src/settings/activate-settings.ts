import { diff, emptySettings, type SettingsDocument, validate } from '@latchkey/settings';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { readDraft } from './read-draft.ts';
import { settingsRefusal, staleDraft } from './settings-problem.ts';
import type { SettingsPort, SettingsStorage, Version } from './store.ts';

interface Needs {
  readonly storage: SettingsStorage;
  readonly now: () => number;
  /** The active version of this organization is to be read anew. */
  readonly activated: (organizationId: string) => void;
}

/** Makes a document the next version, if today's facts allow it. The same document as the active one makes no new version. */
const activate = async (
  needs: Needs,
  store: SettingsPort,
  act: Act,
  document: SettingsDocument,
  input: { readonly comment: string; readonly details: Readonly<Record<string, unknown>> },
): Promise<Version> => {
  const errors = validate(document, { provedDomains: await store.listProvedDomains() }).filter(
    ({ severity }) => severity === 'error',
  );
  if (errors.length > 0) throw settingsRefusal(409, 'The settings cannot be activated as they are.', errors);
  const active = await store.findActiveVersion();
  const changes = diff(active?.document ?? emptySettings, document);
  if (active !== undefined && changes.length === 0) return active;
  const version: Version = {
    version: (active?.version ?? 0) + 1,
    document,
    activatedAt: needs.now(),
    activatedBy: act.actor,
    comment: input.comment,
  };
  if (!(await store.insertVersion(version))) {
    throw new Problem(
      412,
      'activated_meanwhile',
      'Somebody else has just activated settings.',
      'Look at them, then activate again.',
    );
  }
  await store.appendAuditEvent({
    ...act,
    action: 'settings.activated',
    outcome: 'success',
    reason: '',
    subject: `settings:${version.version}`,
    details: { ...input.details, version: version.version, comment: input.comment, changes },
  });
  return version;
};

/** Activates the draft, which must still be the revision that was reviewed. */
export const activateDraft = async (
  needs: Needs,
  act: Act,
  input: { readonly organizationId: string; readonly revision: number; readonly comment: string },
): Promise<Version> => {
  const version = await needs.storage.organization(input.organizationId).transaction(async (store) => {
    const draft = await readDraft(store);
    if (draft.revision !== input.revision) throw staleDraft(draft.revision);
    if (draft.revision === 0) {
      throw new Problem(
        409,
        'draft_empty',
        'There is nothing to activate: no settings were saved yet.',
        'Add an identity provider first: latchkey idp add device --domains any --auto-provisioning on',
      );
    }
    return activate(needs, store, act, draft.document, { comment: input.comment, details: { revision: draft.revision } });
  });
  needs.activated(input.organizationId);
  return version;
};

/** Activates an older version again, as the next one. */
export const activateVersion = async (
  needs: Needs,
  act: Act,
  input: { readonly organizationId: string; readonly version: number; readonly comment: string },
): Promise<Version> => {
  const version = await needs.storage.organization(input.organizationId).transaction(async (store) => {
    const older = await store.findVersion(input.version);
    if (older === undefined) throw new Problem(404, 'version_unknown', 'There is no such version of the settings.');
    return activate(needs, store, act, older.document, { comment: input.comment, details: { again: older.version } });
  });
  needs.activated(input.organizationId);
  return version;
};
