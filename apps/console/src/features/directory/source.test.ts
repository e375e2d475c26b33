import { expect, test } from 'vitest';
import { isHosted, readSource } from './source.ts';

test('a source says what it is, and of an identity provider which one', () => {
  expect(readSource('console')).toEqual({ kind: 'console', idp: '' });
  expect(readSource('jit:okta')).toEqual({ kind: 'jit', idp: 'okta' });
  expect(readSource('scim:okta:eu')).toEqual({ kind: 'scim', idp: 'okta:eu' });
});

test('a source that is not known yet owns what a provisioning source owns', () => {
  expect(readSource('ldap:corp')).toEqual({ kind: 'scim', idp: 'corp' });
  expect(isHosted('ldap:corp')).toBe(false);
  expect(['console', 'api', 'csv'].every(isHosted)).toBe(true);
});
