import { expect, test } from 'vitest';
import { relativeTime } from './relative-time.ts';

const now = Date.UTC(2026, 10, 22, 10);
const hour = 3_600_000;

test('a moment is told in its largest whole unit, in the language of the page', () => {
  expect(relativeTime('en', now - 3 * 24 * hour, now)).toBe('3 days ago');
  expect(relativeTime('en', now + 90 * 24 * hour, now)).toBe('in 3 months');
  expect(relativeTime('de', now - 2 * hour, now)).toBe('vor 2 Stunden');
});

test('what was within the minute is now', () => {
  expect(relativeTime('en', now - 59_000, now)).toBe('now');
  expect(relativeTime('de', now, now)).toBe('jetzt');
});
