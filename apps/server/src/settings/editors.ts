import type { Editor, SettingsStorage } from './store.ts';

/** Milliseconds for which somebody counts as editing. */
const editingFor = 10 * 60_000;
/** Milliseconds between two writes of the same thing. */
const noteEvery = 60_000;

/** Notes that somebody is at the draft, and says who else is. */
export const noteEditor = async (
  needs: { readonly storage: SettingsStorage; readonly now: () => number },
  /** An operator who only looks (break-glass) edits nothing. */
  input: { readonly organizationId: string; readonly actor: string; readonly onlyLooks: boolean },
): Promise<readonly Editor[]> => {
  const organization = needs.storage.organization(input.organizationId);
  const now = needs.now();
  const editors = await organization.read.listEditors(now - editingFor);
  const own = editors.find(({ actor }) => actor === input.actor);
  const stale = own === undefined || now - own.seenAt >= noteEvery;
  if (stale && !input.onlyLooks) {
    await organization.transaction((store) => store.saveEditor({ actor: input.actor, seenAt: now }));
  }
  return editors.filter((editor) => editor !== own);
};
