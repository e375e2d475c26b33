/** What the charts may look back at: hours, and how long one bar is. */
export const periods = {
  '24h': { hours: 24, bar: 'hour' },
  '7d': { hours: 168, bar: 'quarter' },
  '30d': { hours: 720, bar: 'day' },
} as const;
export type Period = keyof typeof periods;
type Bar = (typeof periods)[Period]['bar'];

const HOUR = 3_600_000;

/** The names of what begins with a bar: hours of one bar have the same, by the clock that is looked at. */
const nameOf = (bar: Bar, moment: Date, utc: boolean): string => {
  const [day, hour] = utc
    ? [moment.toISOString().slice(0, 10), moment.getUTCHours()]
    : [moment.toDateString(), moment.getHours()];
  if (bar === 'day') return day;
  return bar === 'quarter' ? `${day} ${Math.floor(hour / 6)}` : moment.toISOString();
};

export interface Counted {
  readonly from: Date;
  readonly count: number;
}

/** Hours gathered to bars: hours, quarters of days or days, by the clock of the browser or in UTC. */
export const barsOf = (from: string, hourly: readonly number[], bar: Bar, utc: boolean): readonly Counted[] => {
  const bars = new Map<string, Counted>();
  for (const [index, count] of hourly.entries()) {
    const moment = new Date(Date.parse(from) + index * HOUR);
    const name = nameOf(bar, moment, utc);
    const known = bars.get(name);
    bars.set(name, known === undefined ? { from: moment, count } : { ...known, count: known.count + count });
  }
  return [...bars.values()];
};
