import { useLanguage } from '../app/language.tsx';
import { type Preferences, usePreferences } from '../app/preferences.tsx';

/** A moment in full: by the browser's clock, or in UTC and saying so. */
export const formatMoment = (
  locale: string,
  times: Preferences['times'],
  moment: Date,
  parts: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' },
): string => {
  const utc = times === 'utc';
  const format = new Intl.DateTimeFormat(locale, { ...parts, ...(utc ? { timeZone: 'UTC' } : {}) });
  const says = parts.timeStyle !== undefined || parts.hour !== undefined;
  return `${format.format(moment)}${utc && says ? ' UTC' : ''}`;
};

/** The same, as the user of this browser wants it. */
export const useFormatMoment = (): ((moment: Date, parts?: Intl.DateTimeFormatOptions) => string) => {
  const { locale } = useLanguage();
  const { times } = usePreferences();
  return (moment, parts) => formatMoment(locale, times, moment, parts);
};
