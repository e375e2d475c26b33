import { apiKeyScopeSchema } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { grantsOf, scopesOf } from './scopes.ts';

test('what is chosen area by area becomes scopes that the server knows', () => {
  const scopes = scopesOf('chosen', { devices: 'full', audit: 'view', settings: 'none' });
  expect(scopes).toEqual(['devices:write', 'audit:read']);
  for (const scope of scopes) expect(apiKeyScopeSchema.options).toContain(scope);
  expect(scopesOf('all:read', { devices: 'full' })).toEqual(['all:read']);
});

test('a key is told by the larger of what its scopes say of an area', () => {
  expect(grantsOf(['devices:read', 'devices:write', 'audit:read'])).toEqual([
    ['devices', 'full'],
    ['audit', 'view'],
  ]);
  expect(grantsOf(['all:write', 'all:read'])).toEqual([['all', 'full']]);
});
