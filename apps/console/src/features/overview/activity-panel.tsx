import type { ActivityView } from '@latchkey/contract';
import { Button, SegmentedControl, Skeleton, Text } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useLanguage, useTexts } from '../../app/language.tsx';
import { usePreferences } from '../../app/preferences.tsx';
import { useFormatMoment } from '../../components/moment.ts';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { barsOf, type Counted, type Period, periods } from './activity.ts';
import classes from './activity-panel.module.css';
import { Chart } from './chart.tsx';
import { texts } from './texts.ts';

/** Milliseconds after which what is shown is asked for anew: sign-ins are too many to hear of each. */
const ANEW = 10_000;

const series = [
  { name: 'signIns', tone: 'good' },
  { name: 'refusals', tone: 'bad' },
  { name: 'enrollments', tone: 'calm' },
] as const;

const moments: Readonly<Record<(typeof periods)[Period]['bar'], Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', hour: 'numeric', minute: '2-digit' },
  quarter: { weekday: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
};
const ends: typeof moments = {
  hour: { hour: 'numeric', minute: '2-digit' },
  quarter: { weekday: 'short', day: 'numeric' },
  day: moments.day,
};

/** Sign-ins, refusals and enrollments over time, as small charts or as a table. */
export const ActivityPanel = ({
  organization,
  period,
  onPeriod,
}: {
  readonly organization: string;
  readonly period: Period;
  readonly onPeriod: (period: Period) => void;
}) => {
  const t = useTexts(texts);
  const { locale } = useLanguage();
  const { times } = usePreferences();
  const format = useFormatMoment();
  const [asTable, setAsTable] = useState(false);
  const { hours } = periods[period];
  const { data, error, refetch } = useQuery({
    queryKey: ['overview', organization, 'activity', hours],
    queryFn: ({ signal }) => call<ActivityView>('GET', `/organizations/${organization}/activity?hours=${hours}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ANEW,
  });
  const shown = series.flatMap(({ name, tone }) => {
    const hourly = data?.[name];
    // What was asked for before and is still shown is of another length.
    const bar = Object.values(periods).find((each) => each.hours === hourly?.length)?.bar ?? 'hour';
    return data === undefined || hourly === undefined
      ? []
      : [{ name, tone, bar, bars: barsOf(data.from, hourly, bar, times === 'utc') }];
  });
  const [one] = shown;
  if (data !== undefined && one === undefined) return null;
  const nameOf = ({ from }: Counted): string => format(from, moments[one?.bar ?? 'hour']);
  const endOf = ({ from }: Counted): string => format(from, ends[one?.bar ?? 'hour']);
  const number = new Intl.NumberFormat(locale);
  return (
    <Panel
      title={t.activity}
      actions={
        <div className={classes.actions}>
          <SegmentedControl
            size="xs"
            aria-label={t.period}
            data={(Object.keys(periods) as Period[]).map((value) => ({ value, label: t.periods[value] }))} // its own keys
            value={period}
            onChange={(value) => onPeriod(value as Period)} // of what it was given
          />
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={asTable ? <IconChartBar size={15} /> : <IconTable size={15} />}
            onClick={() => setAsTable((old) => !old)}
          >
            {asTable ? t.asCharts : t.asTable}
          </Button>
        </div>
      }
    >
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={96} m="lg" width="auto" />}
      {one !== undefined && !asTable && (
        <div className={classes.charts}>
          {shown.map(({ name, tone, bars }) => (
            <Chart key={name} title={t.series[name]} bars={bars} tone={tone} nameOf={nameOf} endOf={endOf} summary={t.chart} />
          ))}
        </div>
      )}
      {one !== undefined && asTable && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard (WCAG 2.1.1)
        <section className={classes.scroll} tabIndex={0} aria-label={t.asTable}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t.from}</th>
                {shown.map(({ name }) => (
                  <th key={name} scope="col">
                    {t.series[name]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {one.bars.map((bar, index) => (
                <tr key={bar.from.getTime()}>
                  <th scope="row">{nameOf(bar)}</th>
                  {shown.map(({ name, bars }) => (
                    <td key={name}>{number.format(bars[index]?.count ?? 0)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {data?.upToDate === false && (
        <Text size="xs" c="dimmed" px="lg" pb="md">
          {t.counting}
        </Text>
      )}
    </Panel>
  );
};
