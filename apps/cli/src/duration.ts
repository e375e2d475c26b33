import { usage } from './errors.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90d`, `12h`, `30m` or `45s`, in seconds. */
export const readDuration = (text: string): number => {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (amount === undefined || factor === undefined || Number(amount) === 0) {
    throw usage(`"${text}" is not a duration.`, 'Write a number and a unit: 90d, 12h, 30m or 45s.');
  }
  return Number(amount) * factor;
};

/** A moment: ISO 8601, or how long ago (`2h`). */
export const readMoment = (text: string, now: number): string => {
  if (/^\d+[smhd]$/.test(text)) return new Date(now - readDuration(text) * 1000).toISOString();
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw usage(`"${text}" is not a moment.`, 'Write how long ago (2h, 7d) or a time like 2026-11-22T20:00:00Z.');
  return new Date(at).toISOString();
};
