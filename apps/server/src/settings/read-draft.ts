import { emptySettings } from '@latchkey/settings';
import type { Draft, SettingsPort } from './store.ts';

/** The draft; before the first save, empty settings of revision 0. */
export const readDraft = async (store: Pick<SettingsPort, 'findDraft'>): Promise<Draft> =>
  (await store.findDraft()) ?? { document: emptySettings, revision: 0, updatedAt: 0, updatedBy: '' };
