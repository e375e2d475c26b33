import type { ImportView } from '@latchkey/contract';
import type { Tone } from '../../../components/state.tsx';

export const tones: Readonly<Record<ImportView['state'], Tone>> = {
  uploading: 'calm',
  checking: 'calm',
  ready: 'warn',
  preparing: 'calm',
  finishing: 'calm',
  applied: 'good',
  cancelling: 'calm',
  cancelled: 'calm',
  failed: 'bad',
};

const working: readonly ImportView['state'][] = ['uploading', 'checking', 'preparing', 'finishing', 'cancelling'];
const cancellable: readonly ImportView['state'][] = ['uploading', 'checking', 'ready', 'preparing'];

/** Whether the server is at it. */
export const isWorking = ({ state }: ImportView): boolean => working.includes(state);

/** Whether nothing of it can be seen yet, so that calling it off leaves nothing. */
export const isCancellable = ({ state }: ImportView): boolean => cancellable.includes(state);

/** Milliseconds until it is asked again how far an import is. */
const AGAIN = 1000;

/** How often to look, while the server is at any of them. */
export const lookAgain = (imports: readonly ImportView[]): number | false => (imports.some(isWorking) ? AGAIN : false);

/** What is there to be carried out. */
export const effective = ({ counts }: ImportView): number => counts.add + counts.modify + counts.delete;

/** Of what there is any, in the order in which it matters. */
export const countsOf = ({ counts }: ImportView) =>
  (['error', 'skipped', 'add', 'modify', 'delete', 'none'] as const).filter((name) => counts[name] > 0);
