import { expect, test } from 'vitest';
import { concerns, queryOf, readAuditSearch } from './audit-search.ts';

test('a URL is read as it is, and what is none of it is left out', () => {
  const search = {
    action: 'user.created',
    outcome: 'refused',
    last: '24h',
    open: 'evt_1',
    actor: '',
    from: 'yesterday',
    page: 3,
  };
  expect(readAuditSearch(search)).toEqual({ action: 'user.created', outcome: 'refused', last: '24h', open: 'evt_1' });
  expect(readAuditSearch({ last: 'toString', outcome: 'maybe', action: 7 })).toEqual({});
});

test('the last so long begins at a whole minute, so that a list that is asked for twice is the same', () => {
  const now = Date.UTC(2026, 10, 22, 10, 30, 59, 999);
  expect(queryOf({ last: '1h', action: 'a', open: 'evt_1' }, now)).toEqual({ action: 'a', from: '2026-11-22T09:30:00.000Z' });
  expect(queryOf({ from: '2026-01-01T00:00:00.000Z' }, now)).toEqual({ from: '2026-01-01T00:00:00.000Z' });
});

test('what is heard of counts as new where the list could have it', () => {
  expect(concerns({})('user.created')).toBe(true);
  expect(concerns({ action: 'user.created' })('user.changed')).toBe(false);
});
