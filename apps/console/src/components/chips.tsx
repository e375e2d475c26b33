import { CloseButton } from '@mantine/core';
import { useTexts } from '../app/language.tsx';
import classes from './chips.module.css';
import { texts } from './texts.ts';

export interface Chip {
  readonly name: string;
  readonly value: string;
  readonly onRemove: () => void;
}

/** The filters that narrow a list, each to be taken away. */
export const Chips = ({ chips }: { readonly chips: readonly Chip[] }) => {
  const t = useTexts(texts);
  if (chips.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label={t.filters}>
      {chips.map(({ name, value, onRemove }) => (
        <li key={name} className={classes.chip}>
          <b>{name}</b>
          <span title={value}>{value}</span>
          <CloseButton size="sm" iconSize={14} radius="xl" aria-label={t.removeFilter(name)} onClick={onRemove} />
        </li>
      ))}
    </ul>
  );
};
