import { describe, expect, test } from 'vitest';
import { type DeviceIdp, diff, emptySettings, type SamlIdp, type SettingsDocument, validate } from './index.ts';

const device: DeviceIdp = {
  id: 'device',
  kind: 'device',
  name: 'Devices',
  status: 'enabled',
  domains: 'any',
  autoProvisioning: true,
};
const okta: SamlIdp = {
  id: 'okta',
  kind: 'saml',
  name: 'Okta',
  status: 'enabled',
  domains: ['b.com'],
  autoProvisioning: false,
  signInUrl: 'https://acme.okta.com/app',
};
const facts = { provedDomains: ['a.com', 'b.com'] };

const codes = (document: SettingsDocument, severity?: 'error' | 'warning'): readonly string[] =>
  validate(document, facts)
    .filter((problem) => severity === undefined || problem.severity === severity)
    .map((problem) => `${problem.path} ${problem.code}`);

const cases: readonly (readonly [string, SettingsDocument, readonly string[]])[] = [
  ['the device IdP for Any domain and as default is fine', { identityProviders: [device], defaultIdp: 'device' }, []],
  ['a default IdP needs no domain', { identityProviders: [{ ...device, domains: [] }], defaultIdp: 'device' }, []],
  [
    'a non-default IdP without a domain is refused (seed 000, F17)',
    { identityProviders: [{ ...device, domains: [] }, okta], defaultIdp: 'okta' },
    ['/identityProviders/0/domains domains_missing'],
  ],
  [
    'two IdPs cannot both take Any',
    { identityProviders: [device, { ...okta, domains: 'any' }], defaultIdp: 'device' },
    ['/identityProviders/1/domains any_taken'],
  ],
  [
    'a domain has one IdP',
    { identityProviders: [{ ...device, domains: ['a.com', 'b.com'] }, okta], defaultIdp: 'device' },
    ['/identityProviders/1/domains/0 domain_taken'],
  ],
  [
    'a domain is listed once',
    { identityProviders: [{ ...device, domains: ['a.com', 'a.com'] }], defaultIdp: 'device' },
    ['/identityProviders/0/domains/1 domain_taken'],
  ],
  [
    'a domain of somebody else is refused',
    { identityProviders: [{ ...device, domains: ['a.com', 'evil.com'] }], defaultIdp: 'device' },
    ['/identityProviders/0/domains/1 domain_not_proved'],
  ],
  ['the default must exist', { identityProviders: [device], defaultIdp: 'okta' }, ['/defaultIdp default_unknown']],
  [
    'there is one device IdP',
    { identityProviders: [device, { ...device, id: 'device2', domains: ['a.com'] }], defaultIdp: 'device' },
    ['/identityProviders/1/id device_idp_id'],
  ],
  [
    'no other IdP may call itself device',
    { identityProviders: [{ ...okta, id: 'device' }], defaultIdp: 'device' },
    ['/identityProviders/0/id device_idp_id'],
  ],
  [
    'ids are unique',
    { identityProviders: [okta, { ...okta, domains: ['a.com'] }], defaultIdp: 'okta' },
    ['/identityProviders/1/id id_taken'],
  ],
  [
    'ids fit into a URL',
    { identityProviders: [{ ...okta, id: '../x' }], defaultIdp: '../x' },
    ['/identityProviders/0/id id_invalid'],
  ],
  [
    'a name is needed',
    { identityProviders: [{ ...device, name: ' ' }], defaultIdp: 'device' },
    ['/identityProviders/0/name name_invalid'],
  ],
  [
    'a sign-in page is https',
    { identityProviders: [{ ...okta, signInUrl: 'javascript:alert(1)' }], defaultIdp: 'okta' },
    ['/identityProviders/0/signInUrl sign_in_url_invalid'],
  ],
  [
    '65 identity providers are one too many (F35)',
    {
      identityProviders: Array.from({ length: 65 }, (_, n) => ({
        ...okta,
        id: `idp-${n}`,
        domains: n === 0 ? ['a.com'] : [],
      })).map((idp, n) => (n < 2 ? idp : { ...idp, domains: [] })),
      defaultIdp: 'idp-1',
    },
    ['/identityProviders too_many_identity_providers'],
  ],
];

describe('validate', () => {
  test.each(cases)('%s', (_, document, expected) => {
    const found = codes(document, 'error').filter(
      (line) => !/\/identityProviders\/([2-9]|\d\d)\/domains domains_missing/.test(line),
    );
    expect(found).toEqual(expected);
  });

  test('lists every problem, not the first', () => {
    expect(codes({ identityProviders: [{ ...device, name: '', domains: ['evil.com'] }], defaultIdp: 'x' }, 'error')).toHaveLength(
      3,
    );
  });

  test.each<readonly [string, SettingsDocument, readonly string[]]>([
    ['nothing is enabled', emptySettings, ['/identityProviders no_identity_provider', '/defaultIdp default_missing']],
    [
      'a disabled default',
      { identityProviders: [{ ...device, domains: [], status: 'disabled' }, okta], defaultIdp: 'device' },
      ['/defaultIdp default_disabled'],
    ],
    [
      'a default that Any hides',
      { identityProviders: [device, { ...okta, domains: [] }], defaultIdp: 'okta' },
      ['/defaultIdp default_unreachable'],
    ],
    ['domains that go nowhere', { identityProviders: [okta], defaultIdp: null }, ['/defaultIdp default_missing']],
  ])('warns of %s and lets it be activated', (_, document, expected) => {
    expect(codes(document)).toEqual(expected);
  });

  test('an unproved domain is a problem of the facts, so the draft may be saved', () => {
    const [problem] = validate({ identityProviders: [{ ...device, domains: ['new.com'] }], defaultIdp: 'device' }, facts);
    expect(problem).toMatchObject({ code: 'domain_not_proved', severity: 'error', cause: 'facts' });
  });

  test('warns when there is no domain at all', () => {
    expect(validate({ identityProviders: [device], defaultIdp: 'device' }, { provedDomains: [] })).toMatchObject([
      { code: 'no_domains' },
    ]);
  });
});

describe('diff', () => {
  const active: SettingsDocument = { identityProviders: [device, okta], defaultIdp: 'device' };

  test('of a document and itself is empty, whatever the order of domains and providers', () => {
    const a: SettingsDocument = { identityProviders: [{ ...device, domains: ['a.com', 'b.com'] }, okta], defaultIdp: null };
    const b: SettingsDocument = { identityProviders: [okta, { ...device, domains: ['b.com', 'a.com'] }], defaultIdp: null };
    expect(diff(a, b)).toEqual([]);
  });

  test('names what was added, removed and changed', () => {
    const draft: SettingsDocument = {
      identityProviders: [
        { ...device, status: 'disabled', domains: ['a.com'] },
        { ...okta, id: 'entra' },
      ],
      defaultIdp: 'entra',
    };
    expect(diff(active, draft)).toEqual([
      { kind: 'changed', path: 'identityProviders/device/status', before: 'enabled', after: 'disabled' },
      { kind: 'changed', path: 'identityProviders/device/domains', before: 'any', after: ['a.com'] },
      { kind: 'removed', path: 'identityProviders/okta', before: okta },
      { kind: 'added', path: 'identityProviders/entra', after: { ...okta, id: 'entra' } },
      { kind: 'changed', path: 'defaultIdp', before: 'device', after: 'entra' },
    ]);
  });
});
