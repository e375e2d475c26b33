import { expect, test } from 'vitest';
import { formatMoment } from './moment.ts';

const moment = new Date(Date.UTC(2026, 10, 22, 23, 30));

test('in UTC a moment says so, wherever the browser is', () => {
  expect(formatMoment('en-GB', 'utc', moment)).toBe('22 Nov 2026, 23:30 UTC');
  expect(formatMoment('de', 'utc', moment)).toBe('22.11.2026, 23:30 UTC');
  expect(formatMoment('en-GB', 'utc', moment, { dateStyle: 'medium' })).toBe('22 Nov 2026');
});

test('by the clock of the browser it says nothing more', () => {
  const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
  expect(formatMoment('en-GB', 'local', moment)).toBe(local);
});
