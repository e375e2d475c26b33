import { expect, test } from 'vitest';
import { compareDetails } from './comparison.ts';

test('before and after stand side by side, member by member, what differs first', () => {
  const before = { name: 'Jane', profile: { seconds: 60, kind: 'saml' } };
  const after = { name: 'Jane', profile: { seconds: 30, kind: 'saml' } };
  expect(compareDetails({ before, after, why: 'asked' })).toEqual({
    compared: [
      { name: 'profile.seconds', before: '60', after: '30', differs: true },
      { name: 'name', before: 'Jane', after: 'Jane', differs: false },
      { name: 'profile.kind', before: 'saml', after: 'saml', differs: false },
    ],
    members: [['why', 'asked']],
  });
});

test('plain values are compared as they are; nothing before is nothing', () => {
  expect(compareDetails({ before: null, after: 'granted' }).compared).toEqual([
    { name: '', before: '', after: 'granted', differs: true },
  ]);
  expect(compareDetails({ before: null, after: { id: 'usr_1' } }).compared).toEqual([
    { name: 'id', before: '', after: 'usr_1', differs: true },
  ]);
});

test('an event without before and after has members only', () => {
  expect(compareDetails({ parameters: { hostName: 'laptop' }, list: [1], empty: {} })).toEqual({
    compared: [],
    members: [
      ['parameters.hostName', 'laptop'],
      ['list', '[\n 1\n]'],
      ['empty', '{}'],
    ],
  });
});

test('the changes of an activation stand side by side, too, each at its path', () => {
  const changes = [
    { kind: 'changed', path: 'authenticationProfile/deviceSessionSeconds', before: 43_200, after: 3600 },
    { kind: 'added', path: 'identityProviders/device', after: { name: 'Latchkey', domains: ['acme.com'] } },
  ];
  expect(compareDetails({ version: 2, changes })).toEqual({
    compared: [
      { name: 'authenticationProfile/deviceSessionSeconds', before: '43200', after: '3600', differs: true },
      { name: 'identityProviders/device.name', before: '', after: 'Latchkey', differs: true },
      { name: 'identityProviders/device.domains', before: '', after: 'acme.com', differs: true },
    ],
    members: [['version', '2']],
  });
  expect(compareDetails({ changes: [] }).members).toEqual([['changes', '']]);
});
