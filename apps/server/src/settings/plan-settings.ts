import type { SettingsPlanView } from '@latchkey/contract';
import { canonicalSettings, diff, emptySettings, readSettings, type SettingsInput, validate } from '@latchkey/settings';
import { readDraft } from './read-draft.ts';
import type { SettingsPort } from './store.ts';

/** What a document would change, beside what is live and beside the draft, and what is wrong with it. Nothing is saved. */
export const planSettings = async (
  store: Pick<SettingsPort, 'findDraft' | 'findActiveVersion' | 'listProvedDomains'>,
  input: SettingsInput,
): Promise<SettingsPlanView> => {
  const [draft, active, provedDomains] = [
    await readDraft(store),
    await store.findActiveVersion(),
    await store.listProvedDomains(),
  ];
  const live = active?.document ?? emptySettings;
  const document = canonicalSettings(input);
  const problems = validate(readSettings(input), { provedDomains });
  return {
    activeVersion: active?.version ?? null,
    revision: draft.revision,
    changes: [...diff(live, document)],
    draftChanges: [...diff(draft.document, document)],
    pending: draft.revision === 0 ? [] : [...diff(live, draft.document)],
    valid: !problems.some(({ severity }) => severity === 'error'),
    problems: [...problems],
  };
};
