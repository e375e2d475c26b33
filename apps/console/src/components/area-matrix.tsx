import type { Area, Permission, Permissions } from '@latchkey/contract';
import { SegmentedControl } from '@mantine/core';
import { useTexts } from '../app/language.tsx';
import classes from './area-matrix.module.css';
import { texts } from './texts.ts';

export type AreaChoice = Readonly<Partial<Record<Area, Permission>>>;

const levels = ['none', 'view', 'full'] as const satisfies readonly Permission[];

/** For each area none, view or full; more than one may do oneself is not offered. */
export const AreaMatrix = ({
  areas,
  words,
  value,
  limit,
  disabled = false,
  onChange,
}: {
  readonly areas: readonly Area[];
  /** What the three are called here. */
  readonly words: Readonly<Record<Permission, string>>;
  readonly value: AreaChoice;
  readonly limit?: Permissions | undefined;
  readonly disabled?: boolean;
  readonly onChange?: (value: AreaChoice) => void;
}) => {
  const t = useTexts(texts);
  const may = (area: Area): number => (limit === undefined ? levels.length : levels.indexOf(limit[area]));
  return (
    <ul className={classes.matrix}>
      {areas.map((area) => (
        <li key={area} className={classes.row}>
          <span>
            {t.areas[area]}
            <small>{t.areaTexts[area]}</small>
          </span>
          <SegmentedControl
            size="xs"
            aria-label={t.areas[area]}
            disabled={disabled}
            data={levels.map((level, index) => ({ value: level, label: words[level], disabled: index > may(area) }))}
            value={value[area] ?? 'none'}
            onChange={(level) => onChange?.({ ...value, [area]: level })}
          />
        </li>
      ))}
    </ul>
  );
};
