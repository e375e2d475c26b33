import type { SettingsDocumentView, SettingsProblemView } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { differencesOf, newErrors, placeOf, withIdentityProvider, withoutIdentityProvider } from './document.ts';

const device = {
  kind: 'device',
  id: 'device',
  name: 'Latchkey',
  status: 'enabled',
  domains: ['acme.com'],
  autoProvisioning: true,
} as const;
const document: SettingsDocumentView = {
  authenticationProfile: {
    authenticationType: 'saml',
    userRepositoryType: 'hosted',
    authenticationFrequency: 'only_once',
    authenticationFrequencyDays: null,
    deviceSessionSeconds: 43_200,
    collectedParameters: [],
  },
  identityProviders: [],
  defaultIdp: null,
};
const idp = { ...device, domains: [...device.domains] };

test('an identity provider is added once, and takes the place of its former self', () => {
  const once = withIdentityProvider(document, idp, true);
  const twice = withIdentityProvider(once, { ...idp, name: 'Fleet' }, false);
  expect(once.defaultIdp).toBe('device');
  expect(twice.identityProviders.map(({ name }) => name)).toEqual(['Fleet']);
  expect(twice.defaultIdp).toBeNull();
});

test('the default of another one is left alone', () => {
  expect(withIdentityProvider({ ...document, defaultIdp: 'okta' }, idp, false).defaultIdp).toBe('okta');
});

test('whoever is removed is no default any more', () => {
  expect(withoutIdentityProvider(withIdentityProvider(document, idp, true), 'device')).toEqual(document);
});

test('a change answers for the errors that it brings, and for no warning', () => {
  const problem = (code: string, severity: 'error' | 'warning'): SettingsProblemView => ({
    path: '',
    code,
    message: code,
    severity,
  });
  const before = [problem('domain_not_proved', 'error')];
  const after = [...before, problem('any_taken', 'error'), problem('default_missing', 'warning')];
  expect(newErrors(before, after).map(({ code }) => code)).toEqual(['any_taken']);
});

test('a problem leads to the page, and the window, where it can be mended', () => {
  const one = withIdentityProvider(document, idp, false);
  expect(placeOf(one, '/identityProviders/0/domains/1')).toEqual({ page: 'identity-providers', open: 'device' });
  expect(placeOf(one, '/authenticationProfile/deviceSessionSeconds')).toEqual({ page: 'profile' });
  expect(placeOf(one, '/defaultIdp')).toEqual({ page: 'identity-providers' });
});

test('what is added as a whole is told member by member', () => {
  const lines = differencesOf([{ kind: 'added', path: 'identityProviders/device', after: idp }]);
  expect(lines.map(({ path }) => path.at(-1))).toEqual(['kind', 'name', 'status', 'domains', 'autoProvisioning']);
  expect(lines[0]).toEqual({ path: ['identityProviders', 'device', 'kind'], before: undefined, after: 'device' });
  expect(differencesOf([{ kind: 'changed', path: 'defaultIdp', before: null, after: 'device' }])).toEqual([
    { path: ['defaultIdp'], before: null, after: 'device' },
  ]);
});
