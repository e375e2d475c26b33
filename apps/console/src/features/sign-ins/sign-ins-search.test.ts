import { deviceErrorTexts } from '@latchkey/device';
import { expect, test } from 'vitest';
import { germanReasons } from './german-reasons.ts';
import { idIn, readSignInsSearch } from './sign-ins-search.ts';

test('the id is found in what the agent prints', () => {
  const id = 'cor_019ab2f0c5d87f3aa1b2c3d4e5f60718';
  expect(idIn(`This device is in quarantine: ask your administrator. (device_quarantined, ${id})`)).toBe(id);
  expect(idIn(` ${id.toUpperCase().replace('COR', 'cor')} `)).toBe(id);
  expect(idIn(' something else ')).toBe('something else');
});

test('a URL is read as it is, and what is none of it is left out', () => {
  expect(readSignInsSearch({ id: 'cor_1', kind: 'sign_in', result: 'refused', last: '7d', open: '' })).toEqual({
    id: 'cor_1',
    kind: 'sign_in',
    result: 'refused',
    last: '7d',
  });
  expect(readSignInsSearch({ kind: 'access', result: 1, last: 'year' })).toEqual({});
});

test('every code that a device can meet has its German words, and no other has', () => {
  expect(Object.keys(germanReasons).toSorted()).toEqual(Object.keys(deviceErrorTexts).toSorted());
});
