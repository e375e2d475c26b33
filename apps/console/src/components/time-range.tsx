import { NativeSelect } from '@mantine/core';
import { useTexts } from '../app/language.tsx';
import { type Last, lasts } from './last.ts';
import { texts } from './texts.ts';

/** Of which time: the last hour, day, week or month; all; or from and until, where a list has these fields. */
export const TimeRange = ({
  value,
  custom = false,
  onChange,
}: {
  readonly value: Last | 'custom' | '';
  readonly custom?: boolean;
  readonly onChange: (value: Last | 'custom' | '') => void;
}) => {
  const t = useTexts(texts);
  return (
    <NativeSelect
      aria-label={t.time}
      data={[
        { value: '', label: t.anyTime },
        ...(Object.keys(lasts) as Last[]).map((last) => ({ value: last, label: t.lasts[last] })), // its keys
        ...(custom ? [{ value: 'custom', label: t.customTime }] : []),
      ]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Last | 'custom' | '')} // one of the options
    />
  );
};
