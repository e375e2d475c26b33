import type { ImportView } from '@latchkey/contract';
import { Progress, Stack } from '@mantine/core';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { State } from '../../../components/state.tsx';
import { isWorking, tones } from './states.ts';
import { texts } from './texts.ts';

/** How an import stands, and how far the server is with it. */
export const ImportState = ({ job }: { readonly job: ImportView }) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const percent = job.progress.toLocaleString(language, { style: 'percent' });
  return (
    <Stack gap={6} miw="10rem">
      <State tone={tones[job.state]}>{t.states[job.state]}</State>
      {isWorking(job) && (
        // Of an upload and of what is taken back nobody knows how much there is.
        <Progress
          value={job.progress === 0 ? 100 : 100 * job.progress}
          animated={job.progress === 0}
          size="sm"
          aria-label={job.progress === 0 ? t.states[job.state] : t.progress(percent)}
        />
      )}
    </Stack>
  );
};
