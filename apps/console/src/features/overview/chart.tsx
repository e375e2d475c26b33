import { Text } from '@mantine/core';
import { useLanguage } from '../../app/language.tsx';
import type { Counted } from './activity.ts';
import classes from './chart.module.css';

const WIDTH = 10;
const HEIGHT = 48;
/** What is not nothing is seen. */
const LEAST = 2;

/** How often something happened: bars without axes, what they say in words, and each bar's own figure for whoever points at it. */
export const Chart = ({
  title,
  bars,
  tone,
  nameOf,
  endOf,
  summary,
}: {
  readonly title: string;
  readonly bars: readonly Counted[];
  readonly tone: 'good' | 'bad' | 'calm';
  /** When a bar is. */
  readonly nameOf: (bar: Counted) => string;
  /** The same in short, for the first and the last one. */
  readonly endOf: (bar: Counted) => string;
  /** All of it in one sentence. */
  readonly summary: (sum: string, most: string, when: string) => string;
}) => {
  const { locale } = useLanguage();
  const number = new Intl.NumberFormat(locale);
  const sum = bars.reduce((all, { count }) => all + count, 0);
  const peak = bars.reduce<Counted | undefined>((most, bar) => (bar.count > (most?.count ?? 0) ? bar : most), undefined);
  const [first, last] = [bars[0], bars.at(-1)];
  const label = `${title}: ${summary(number.format(sum), number.format(peak?.count ?? 0), peak === undefined ? '' : nameOf(peak))}`;
  return (
    <figure className={classes.chart}>
      <figcaption>
        <span>{title}</span>
        <strong>{number.format(sum)}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        data-tone={tone}
      >
        {bars.map((bar, index) => {
          const height = bar.count === 0 ? 0 : Math.max(LEAST, (bar.count / (peak?.count ?? 1)) * HEIGHT);
          return (
            <g key={bar.from.getTime()}>
              <rect className={classes.space} x={index * WIDTH} width={WIDTH} height={HEIGHT}>
                <title>{`${nameOf(bar)}: ${number.format(bar.count)}`}</title>
              </rect>
              <rect className={classes.bar} x={index * WIDTH + 1} y={HEIGHT - height} width={WIDTH - 2} height={height} />
            </g>
          );
        })}
      </svg>
      {first !== undefined && last !== undefined && (
        <Text component="div" size="xs" c="dimmed" className={classes.ends} aria-hidden="true">
          <span>{endOf(first)}</span>
          <span>{endOf(last)}</span>
        </Text>
      )}
    </figure>
  );
};
