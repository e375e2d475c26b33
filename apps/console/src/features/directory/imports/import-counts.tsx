import type { ImportView } from '@latchkey/contract';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { countsOf } from './states.ts';
import { texts } from './texts.ts';

/** What an import has done; until it is decided, what it would do; of one that was called off, nothing. */
export const ImportCounts = ({ job }: { readonly job: ImportView }) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  if (job.state === 'cancelling' || job.state === 'cancelled' || job.state === 'failed') return null;
  const words = job.state === 'applied' ? t.counts : t.plan;
  return countsOf(job)
    .map((name) => words[name](job.counts[name].toLocaleString(language)))
    .join(', ');
};
