import { describe, expect, test } from 'vitest';
import {
  canonicalSettings,
  type DeviceIdp,
  diff,
  emptySettings,
  readSettings,
  type SamlIdp,
  type SettingsDocument,
  type SettingsInput,
  validate,
} from './index.ts';

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

const codes = (document: SettingsInput, severity?: 'error' | 'warning'): readonly string[] =>
  validate(readSettings(document), facts)
    .filter((problem) => severity === undefined || problem.severity === severity)
    .map((problem) => `${problem.path} ${problem.code}`);

const withProfile = (authenticationProfile: SettingsInput['authenticationProfile']): SettingsInput => ({
  authenticationProfile,
  identityProviders: [device],
  defaultIdp: 'device',
});

const cases: readonly (readonly [string, SettingsInput, readonly string[]])[] = [
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
  [
    'custom every 0 days is refused (F27)',
    withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: 0 }),
    ['/authenticationProfile/authenticationFrequencyDays frequency_days_invalid'],
  ],
  [
    'custom every 181 days is refused (F27)',
    withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: 181 }),
    ['/authenticationProfile/authenticationFrequencyDays frequency_days_invalid'],
  ],
  [
    'custom without days is refused',
    withProfile({ authenticationFrequency: 'CUSTOM_FREQUENCY' }),
    ['/authenticationProfile/authenticationFrequencyDays frequency_days_invalid'],
  ],
  [
    'days without custom are refused',
    withProfile({ authenticationFrequency: 'daily', authenticationFrequencyDays: 5 }),
    ['/authenticationProfile/authenticationFrequencyDays frequency_days_invalid'],
  ],
  ['custom every day is fine', withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: 1 }), []],
  ['custom every 180 days is fine', withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: 180 }), []],
  [
    'a device session of less than 5 minutes is refused',
    withProfile({ deviceSessionSeconds: 299 }),
    ['/authenticationProfile/deviceSessionSeconds device_session_invalid'],
  ],
  [
    'a device session of more than 24 hours is refused',
    withProfile({ deviceSessionSeconds: 86_401 }),
    ['/authenticationProfile/deviceSessionSeconds device_session_invalid'],
  ],
  ['a device session of 24 hours is fine', withProfile({ deviceSessionSeconds: 86_400 }), []],
  [
    'the device IdP beside an IdP with auto-provisioning, users in a directory: refused (seed 000, F21)',
    {
      ...withProfile({ userRepositoryType: 'directory' }),
      identityProviders: [device, { ...okta, autoProvisioning: true }],
    },
    ['/identityProviders/1/autoProvisioning auto_provisioning_elsewhere'],
  ],
  [
    'the prerequisite is met by auto-provisioning off on the existing IdP (seed 000, F21)',
    { ...withProfile({ userRepositoryType: 'directory' }), identityProviders: [device, okta] },
    [],
  ],
  [
    'the prerequisite is met by the repository hosted (seed 000, F21)',
    { ...withProfile({ userRepositoryType: 'hosted' }), identityProviders: [device, { ...okta, autoProvisioning: true }] },
    [],
  ],
  [
    'with a directory, auto-provisioning is on for one IdP at most (F28)',
    {
      ...withProfile({ userRepositoryType: 'directory' }),
      identityProviders: [
        { ...okta, autoProvisioning: true },
        { ...okta, id: 'entra', domains: ['a.com'], autoProvisioning: true },
      ],
      defaultIdp: 'okta',
    },
    ['/identityProviders/1/autoProvisioning auto_provisioning_twice'],
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

  test.each<readonly [string, SettingsInput, readonly string[]]>([
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
    [
      'a frequency, which is about browsers and changes nothing for devices',
      withProfile({ authenticationFrequency: 'custom', authenticationFrequencyDays: 180 }),
      ['/authenticationProfile/authenticationFrequency frequency_without_effect'],
    ],
    ['domains that go nowhere', { identityProviders: [okta], defaultIdp: null }, ['/defaultIdp default_missing']],
  ])('warns of %s and lets it be activated', (_, document, expected) => {
    expect(codes(document)).toEqual(expected);
  });

  test('an unproved domain is a problem of the facts, so the draft may be saved', () => {
    const [problem] = validate(
      readSettings({ identityProviders: [{ ...device, domains: ['new.com'] }], defaultIdp: 'device' }),
      facts,
    );
    expect(problem).toMatchObject({ code: 'domain_not_proved', severity: 'error', cause: 'facts' });
  });

  test('warns when there is no domain at all', () => {
    const document = readSettings({ identityProviders: [device], defaultIdp: 'device' });
    expect(validate(document, { provedDomains: [] })).toMatchObject([{ code: 'no_domains' }]);
  });
});

test('the prerequisite says what to do, and may be drafted', () => {
  const document = readSettings({
    ...withProfile({ userRepositoryType: 'directory' }),
    identityProviders: [device, { ...okta, autoProvisioning: true }],
  });
  expect(validate(document, facts)).toMatchObject([
    {
      severity: 'error',
      cause: 'facts',
      message: expect.stringMatching(/--auto-provisioning off.*or set the user repository type to "hosted"/),
    },
  ]);
});

describe('the canonical document', () => {
  test.each([
    ['daily', 'daily', null],
    ['Daily', 'daily', null],
    ['DAILY_COOKIE', 'daily', null],
    ['only_once', 'only_once', null],
    ['OnlyOnce', 'only_once', null],
    ['session', 'session', null],
    ['Session', 'session', null],
    ['SESSION_COOKIE', 'session', null],
    ['ALWAYS', 'session', null],
    ['WEEKLY_COOKIE', 'custom', 7],
    ['MONTHLY_COOKIE', 'custom', 30],
  ] as const)('%s is kept as %s (reference system, conflict 1)', (spelling, kept, days) => {
    const { authenticationProfile } = canonicalSettings(withProfile({ authenticationFrequency: spelling }));
    expect(authenticationProfile).toMatchObject({ authenticationFrequency: kept, authenticationFrequencyDays: days });
  });

  test.each(['custom', 'Custom', 'CUSTOM_FREQUENCY'] as const)('%s keeps its days', (authenticationFrequency) => {
    const input = withProfile({ authenticationFrequency, authenticationFrequencyDays: 12 });
    expect(canonicalSettings(input).authenticationProfile).toMatchObject({
      authenticationFrequency: 'custom',
      authenticationFrequencyDays: 12,
    });
  });

  test('a document without an authentication profile has the default one', () => {
    expect(canonicalSettings({ identityProviders: [], defaultIdp: null })).toEqual(emptySettings);
  });

  test('the device IdP comes first, then ids and domains in order; written down again it is the same text', () => {
    const made = canonicalSettings({
      identityProviders: [{ ...okta, domains: ['b.com', 'a.com'] }, { ...okta, id: 'entra', domains: [] }, device],
      defaultIdp: 'entra',
    });
    expect(made.identityProviders.map(({ id, domains }) => [id, domains])).toEqual([
      ['device', 'any'],
      ['entra', []],
      ['okta', ['a.com', 'b.com']],
    ]);
    expect(JSON.stringify(canonicalSettings(made))).toBe(JSON.stringify(made));
  });
});

describe('SCIM', () => {
  const scim = { enabled: true } as const;
  const provided: SettingsInput = {
    identityProviders: [device, { ...okta, autoProvisioning: true, scim }],
    defaultIdp: 'device',
  };

  test('what is left out is as the preset has it, and auto-provisioning is off while it is on', () => {
    const [, made] = canonicalSettings(provided).identityProviders;
    expect(made).toMatchObject({
      autoProvisioning: false,
      scim: { preset: 'standard', dialect: 'standard', deactivation: 'disable' },
    });
    const of = (preset: 'internet-access' | 'private-access') =>
      canonicalSettings({ identityProviders: [{ ...okta, scim: { enabled: true, preset, maxPageSize: 77 } }], defaultIdp: null })
        .identityProviders[0]?.scim;
    expect(of('internet-access')).toMatchObject({
      requestsPerSecond: 5,
      userNameDomains: 'proved',
      groupsPerUser: 128,
      maxPageSize: 77,
    });
    expect(of('private-access')).toMatchObject({ deactivation: 'delete', userNameMutable: false, defaultPageSize: 10 });
    expect(JSON.stringify(canonicalSettings(canonicalSettings(provided)))).toBe(JSON.stringify(canonicalSettings(provided)));
  });

  test('while it is off, auto-provisioning stays as it was', () => {
    const [made] = canonicalSettings({
      identityProviders: [{ ...okta, autoProvisioning: true, scim: { enabled: false } }],
      defaultIdp: null,
    }).identityProviders;
    expect(made?.autoProvisioning).toBe(true);
  });

  test('a directory that owns the users forbids it', () => {
    expect(codes(provided, 'error')).toEqual([]);
    expect(codes({ ...provided, authenticationProfile: { userRepositoryType: 'directory' } }, 'error')).toEqual([
      '/identityProviders/1/scim scim_in_directory',
    ]);
  });

  test('numbers out of range are named', () => {
    const wrong = { ...okta, scim: { ...scim, requestsPerSecond: 0, maxPageSize: 5.5, defaultPageSize: 9 } };
    expect(codes({ identityProviders: [wrong], defaultIdp: null }, 'error')).toEqual([
      '/identityProviders/0/scim/maxPageSize scim_invalid',
      '/identityProviders/0/scim/requestsPerSecond scim_invalid',
      '/identityProviders/0/scim/defaultPageSize scim_invalid',
    ]);
  });
});

describe('diff', () => {
  const active = readSettings({ identityProviders: [device, okta], defaultIdp: 'device' });

  test('of a document and itself is empty, whatever the order of domains and providers', () => {
    const a = readSettings({ identityProviders: [{ ...device, domains: ['a.com', 'b.com'] }, okta], defaultIdp: null });
    const b = readSettings({ identityProviders: [okta, { ...device, domains: ['b.com', 'a.com'] }], defaultIdp: null });
    expect(diff(a, b)).toEqual([]);
  });

  test('names what changed in the authentication profile', () => {
    const draft = { ...active, authenticationProfile: { ...active.authenticationProfile, deviceSessionSeconds: 3600 } };
    expect(diff(active, draft)).toEqual([
      { kind: 'changed', path: 'authenticationProfile/deviceSessionSeconds', before: 43_200, after: 3600 },
    ]);
  });

  test('names what was added, removed and changed', () => {
    const draft: SettingsDocument = {
      ...active,
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
