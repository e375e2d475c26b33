const HOUR = 3_600_000;

/** What stands in the URL for a time: the last so long, counted from when it is looked at. */
export const lasts = { '1h': HOUR, '24h': 24 * HOUR, '7d': 7 * 24 * HOUR, '30d': 30 * 24 * HOUR } as const;
export type Last = keyof typeof lasts;
export const isLast = (value: unknown): value is Last => typeof value === 'string' && Object.hasOwn(lasts, value);

/** Its first moment, to the minute, so that the same list is asked for the same. */
export const beginOf = (last: Last | undefined, now: number): string | undefined =>
  last === undefined ? undefined : new Date(Math.floor((now - lasts[last]) / 60_000) * 60_000).toISOString();

/** A date and time as the browser's own field has it, in its own zone. */
export const toField = (moment: string | undefined): string => {
  if (moment === undefined) return '';
  const date = new Date(moment);
  return Number.isNaN(date.getTime())
    ? ''
    : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
export const fromField = (value: string): string | undefined => {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};
