import { expect, test } from 'vitest';
import { readSetsSearch, readUsersSearch } from './search.ts';

test('the filters of a list are read from the URL, and what no filter is called stays out', () => {
  const given = {
    q: 'doe',
    state: 'disabled',
    source: 'jit:device',
    department: 'dep_1',
    group: 'grp_1',
    open: 'usr_1',
    page: '2',
  };
  const { page: _, ...known } = given;
  expect(readUsersSearch(given)).toEqual(known);
  expect(readSetsSearch(given)).toEqual({ q: 'doe', open: 'usr_1' });
});

test('what is empty, no text or no state of a user is no filter', () => {
  expect(readUsersSearch({ q: '', state: 'deleted', source: 7, group: null })).toEqual({});
});
