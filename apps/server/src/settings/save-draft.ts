import { canonicalSettings, diff, readSettings, type SettingsInput, validate } from '@latchkey/settings';
import type { Act } from '../http/caller.ts';
import { readDraft } from './read-draft.ts';
import { settingsRefusal, staleDraft } from './settings-problem.ts';
import type { Draft, SettingsStorage } from './store.ts';

/**
 * Saves the draft; nothing that is live changes. A document that is wrong by itself is refused; one that is only ahead of today's
 * facts (a domain not proved yet) is kept.
 */
export const saveDraft = async (
  needs: { readonly storage: SettingsStorage; readonly now: () => number },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly settings: SettingsInput;
    /** The revision the change was made to; undefined: whatever is there, the last save wins. */
    readonly ifRevision: number | undefined;
  },
): Promise<Draft> => {
  const wrong = validate(readSettings(input.settings), { provedDomains: [] }).filter(
    ({ severity, cause }) => severity === 'error' && cause === 'document',
  );
  if (wrong.length > 0) throw settingsRefusal(400, 'The settings contradict themselves and were not saved.', wrong);
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    const before = await readDraft(store);
    if (input.ifRevision !== undefined && input.ifRevision !== before.revision) throw staleDraft(before.revision);
    const draft: Draft = {
      document: canonicalSettings(input.settings),
      revision: before.revision + 1,
      updatedAt: needs.now(),
      updatedBy: act.actor,
    };
    if (!(await store.saveDraft(draft))) throw staleDraft(before.revision + 1);
    await store.appendAuditEvent({
      ...act,
      action: 'settings.saved',
      outcome: 'success',
      reason: '',
      subject: 'settings:draft',
      details: { revision: draft.revision, changes: diff(before.document, draft.document) },
    });
    return draft;
  });
};
