import type { UserView } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { mayAct, mayAdopt } from './acts.ts';

const user = (change: Partial<UserView>): UserView => ({
  id: 'usr_1',
  userName: 'j.doe@acme.com',
  displayName: '',
  email: '',
  department: null,
  comments: '',
  state: 'active',
  disabledBy: null,
  source: 'console',
  readOnly: [],
  revision: 1,
  createdAt: '2026-11-23T00:00:00.000Z',
  updatedAt: '2026-11-23T00:00:00.000Z',
  ...change,
});
const provisioned = { source: 'scim:okta', readOnly: ['userName', 'state', 'existence'] };

test('anybody may be disabled; whom a provisioning source has disabled, it enables', () => {
  expect(mayAct('disable', user(provisioned))).toBe(true);
  expect(mayAct('disable', user({ state: 'disabled' }))).toBe(false);
  expect(mayAct('enable', user({ ...provisioned, state: 'disabled', disabledBy: 'scim:okta' }))).toBe(false);
  expect(mayAct('enable', user({ ...provisioned, state: 'disabled', disabledBy: 'console' }))).toBe(true);
  expect(mayAct('enable', user({ state: 'disabled', disabledBy: 'csv' }))).toBe(true);
});

test('whom a provisioning source owns is deleted there', () => {
  expect(mayAct('delete', user(provisioned))).toBe(false);
  expect(mayAct('delete', user({ source: 'jit:device', readOnly: ['userName', 'displayName'] }))).toBe(true);
});

test('only a user that was made at a sign-in can be taken over', () => {
  expect(['jit:device', 'scim:okta', 'console'].map((source) => mayAdopt(user({ source })))).toEqual([true, false, false]);
});
