import type { ImportView } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { countsOf, effective, isCancellable, lookAgain } from './states.ts';

const job = (change: Partial<ImportView>): ImportView => ({
  id: 'imp_1',
  fileName: 'users.csv',
  existing: 'error',
  state: 'ready',
  reason: '',
  rows: 10,
  progress: 0,
  counts: { add: 4, modify: 0, delete: 1, none: 3, error: 2, skipped: 0 },
  newGroups: [],
  newDepartments: [],
  createdAt: '2026-11-23T00:00:00.000Z',
  createdBy: 'administrator:adm_1',
  endedAt: null,
  ...change,
});

test('what has problems comes first, and what there is none of not at all', () => {
  expect(countsOf(job({}))).toEqual(['error', 'add', 'delete', 'none']);
  expect(effective(job({}))).toBe(5);
});

test('an import can be called off until it is decided', () => {
  const states = ['uploading', 'checking', 'ready', 'preparing', 'finishing', 'applied', 'cancelling'] as const;
  expect(states.filter((state) => isCancellable(job({ state })))).toEqual(['uploading', 'checking', 'ready', 'preparing']);
});

test('only what the server works on is looked at again', () => {
  expect(lookAgain([job({}), job({ state: 'applied' })])).toBe(false);
  expect(lookAgain([job({}), job({ state: 'finishing' })])).toBeGreaterThan(0);
});
