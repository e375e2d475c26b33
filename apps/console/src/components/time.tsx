import { Tooltip } from '@mantine/core';
import { useLanguage, useTexts } from '../app/language.tsx';
import { useFormatMoment } from './moment.ts';
import { relativeTime } from './relative-time.ts';
import { texts } from './texts.ts';

/** A moment: how long ago, and when exactly for whoever points at it. */
export const Time = ({ at, absolute = false }: { readonly at: string | null; readonly absolute?: boolean }) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const format = useFormatMoment();
  if (at === null) return <span>{t.never}</span>;
  const moment = new Date(at);
  const exact = format(moment);
  const relative = relativeTime(language, moment.getTime(), Date.now());
  return (
    <Tooltip
      label={absolute ? `${relative} · ${at}` : `${exact} · ${at}`}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at}>{absolute ? exact : relative}</time>
    </Tooltip>
  );
};
