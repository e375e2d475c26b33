import type { DeviceTokenView } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { endingTokens, type Standing, stepsOf } from './standing.ts';

const nothing: Standing = {
  domains: undefined,
  draft: undefined,
  diff: undefined,
  active: null,
  tokens: undefined,
  devices: undefined,
};
const profile = {
  authenticationType: 'saml',
  userRepositoryType: 'hosted',
  authenticationFrequency: 'only_once',
  authenticationFrequencyDays: null,
  deviceSessionSeconds: 43_200,
} as const;
const settings = (status: 'enabled' | 'disabled') => ({
  document: {
    authenticationProfile: profile,
    identityProviders: [
      { kind: 'device' as const, id: 'device', name: 'Latchkey', status, domains: 'any' as const, autoProvisioning: true },
    ],
    defaultIdp: null,
  },
});
const doneOf = (standing: Standing) => stepsOf(standing).flatMap(({ name, done }) => (done ? [name] : []));

test('nothing is done on an empty server', () => {
  expect(doneOf(nothing)).toEqual([]);
});

test('a device IdP that is saved is added, and only when it is live activated', () => {
  const draft = { ...settings('enabled'), revision: 1, updatedAt: null, updatedBy: null, editors: [], problems: [] };
  expect(doneOf({ ...nothing, draft })).toEqual(['idp']);
  const active = { ...settings('enabled'), version: 1, activatedAt: '', activatedBy: '', comment: '' };
  expect(doneOf({ ...nothing, draft, active })).toEqual(['idp', 'activate']);
  expect(doneOf({ ...nothing, active: { ...active, ...settings('disabled') } })).toEqual([]);
});

test('a token is watched for two weeks before its end, unless it has a successor', () => {
  const now = Date.UTC(2026, 10, 22);
  const token = (days: number, rotatedTo: string | null = null): DeviceTokenView => ({
    id: `tok_${days}`,
    description: '',
    state: 'live',
    hint: '',
    domains: [],
    platforms: [],
    networks: [],
    enrollment: 'approval',
    enrollments: 0,
    maxEnrollments: null,
    createdAt: '',
    createdBy: '',
    expiresAt: new Date(now + days * 86_400_000).toISOString(),
    revokedAt: null,
    lastUsedAt: null,
    rotatedTo,
  });
  expect(endingTokens([token(3), token(20), token(4, 'tok_9')], now).map(({ id }) => id)).toEqual(['tok_3']);
});
