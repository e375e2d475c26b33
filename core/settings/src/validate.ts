import { leastDeviceSessionSeconds, mostDeviceSessionSeconds, mostFrequencyDays } from './authentication-profile.ts';
import { type IdentityProvider, maxIdentityProviders, type SettingsDocument, type SettingsFacts } from './document.ts';
import type { ProblemCode, Rule, SettingsProblem } from './problem.ts';
import { scimRanges } from './scim-settings.ts';

const error = (path: string, code: ProblemCode, message: string): SettingsProblem => ({
  path,
  code,
  message,
  severity: 'error',
  cause: 'document',
});
const factError = (path: string, code: ProblemCode, message: string): SettingsProblem => ({
  path,
  code,
  message,
  severity: 'error',
  cause: 'facts',
});
const warning = (path: string, code: ProblemCode, message: string): SettingsProblem => ({
  path,
  code,
  message,
  severity: 'warning',
  cause: 'facts',
});

const at = (index: number, member: string): string => `/identityProviders/${index}/${member}`;

/** Runs a rule for each identity provider. */
const eachIdp =
  (
    rule: (idp: IdentityProvider, index: number, document: SettingsDocument, facts: SettingsFacts) => readonly SettingsProblem[],
  ): Rule =>
  (document, facts) =>
    document.identityProviders.flatMap((idp, index) => rule(idp, index, document, facts));

const frequencyDays: Rule = ({ authenticationProfile }) => {
  const { authenticationFrequency, authenticationFrequencyDays: days } = authenticationProfile;
  const wrong =
    authenticationFrequency === 'custom'
      ? days === null || !Number.isInteger(days) || days < 1 || days > mostFrequencyDays
      : days !== null;
  if (!wrong) return [];
  return [
    error(
      '/authenticationProfile/authenticationFrequencyDays',
      'frequency_days_invalid',
      authenticationFrequency === 'custom'
        ? `With the frequency "custom", give 1 to ${mostFrequencyDays} days.`
        : `Days belong to the frequency "custom" only: leave them out for "${authenticationFrequency}".`,
    ),
  ];
};

// reference system §3.1: it does not apply to devices; and Latchkey opens no session for a browser, which its IdP authenticates.
const frequencyEffect: Rule = ({ authenticationProfile: { authenticationFrequency: frequency } }) =>
  frequency === 'only_once'
    ? []
    : [
        warning(
          '/authenticationProfile/authenticationFrequency',
          'frequency_without_effect',
          `"${frequency}" is about sessions of browsers, and none are opened here: it changes nothing. How soon a device has to sign in again, silently, is what deviceSessionSeconds says (latchkey settings set --device-session SECONDS).`,
        ),
      ];

const deviceSession: Rule = ({ authenticationProfile: { deviceSessionSeconds: seconds } }) =>
  Number.isInteger(seconds) && seconds >= leastDeviceSessionSeconds && seconds <= mostDeviceSessionSeconds
    ? []
    : [
        error(
          '/authenticationProfile/deviceSessionSeconds',
          'device_session_invalid',
          `The session of a device lasts ${leastDeviceSessionSeconds} to ${mostDeviceSessionSeconds} seconds (5 minutes to 24 hours).`,
        ),
      ];

const idpLimit: Rule = ({ identityProviders }) =>
  identityProviders.length <= maxIdentityProviders
    ? []
    : [
        error(
          '/identityProviders',
          'too_many_identity_providers',
          `An organization has at most ${maxIdentityProviders} identity providers.`,
        ),
      ];

const idShape = eachIdp((idp, index) =>
  /^[a-z0-9](?:[a-z0-9-]{0,62})$/.test(idp.id)
    ? []
    : [
        error(
          at(index, 'id'),
          'id_invalid',
          'An id is 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit.',
        ),
      ],
);

const idUnique = eachIdp((idp, index, { identityProviders }) =>
  identityProviders.findIndex((other) => other.id === idp.id) === index
    ? []
    : [error(at(index, 'id'), 'id_taken', `Another identity provider has the id "${idp.id}" already.`)],
);

const nameShape = eachIdp((idp, index) =>
  idp.name.trim() !== '' && idp.name.length <= 127
    ? []
    : [error(at(index, 'name'), 'name_invalid', 'Give the identity provider a name of 1 to 127 characters.')],
);

// One device IdP: its id is fixed, and ids are unique.
const deviceId = eachIdp((idp, index) =>
  (idp.kind === 'device') === (idp.id === 'device')
    ? []
    : [
        error(
          at(index, 'id'),
          'device_idp_id',
          'The device identity provider has the id "device", there is one at most, and no other may have that id.',
        ),
      ],
);

const signInUrl = eachIdp((idp, index) =>
  idp.kind === 'device' || /^https:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/.test(idp.signInUrl)
    ? []
    : [error(at(index, 'signInUrl'), 'sign_in_url_invalid', 'Give the address of the sign-in page, beginning with https://.')],
);

const oneAny = eachIdp((idp, index, { identityProviders }) => {
  const first = identityProviders.findIndex((other) => other.domains === 'any');
  return idp.domains !== 'any' || first === index
    ? []
    : [
        error(
          at(index, 'domains'),
          'any_taken',
          `"${identityProviders[first]?.id}" takes Any already. Name the domains of one of the two.`,
        ),
      ];
});

// seed 000: "Except the default IdP, any additional IdPs must be mapped to at least one domain."
const nonDefaultNamesDomain = eachIdp((idp, index, { defaultIdp }) =>
  idp.domains === 'any' || idp.domains.length > 0 || idp.id === defaultIdp
    ? []
    : [
        error(
          at(index, 'domains'),
          'domains_missing',
          `"${idp.id}" is not the default identity provider, so it must have a domain: name one, or say "any".`,
        ),
      ],
);

const domainOnce: Rule = ({ identityProviders }) => {
  const owner = new Map<string, string>();
  return identityProviders.flatMap((idp, index) =>
    (idp.domains === 'any' ? [] : idp.domains).flatMap((domain, position) => {
      const taken = owner.get(domain);
      if (taken === undefined) owner.set(domain, idp.id);
      return taken === undefined
        ? []
        : [
            error(
              at(index, `domains/${position}`),
              'domain_taken',
              `${domain} is given to "${taken}" already. A domain signs in at one place.`,
            ),
          ];
    }),
  );
};

const defaultExists: Rule = ({ identityProviders, defaultIdp }) =>
  defaultIdp === null || identityProviders.some((idp) => idp.id === defaultIdp)
    ? []
    : [error('/defaultIdp', 'default_unknown', `There is no identity provider "${defaultIdp}".`)];

// seed 000: "Disable SAML auto-provisioning for your existing IdP or change the User Repository Type to Hosted DB".
const devicePrerequisite = eachIdp((idp, index, { authenticationProfile, identityProviders }) =>
  idp.kind === 'saml' &&
  idp.autoProvisioning &&
  authenticationProfile.userRepositoryType === 'directory' &&
  identityProviders.some(({ kind }) => kind === 'device')
    ? [
        factError(
          at(index, 'autoProvisioning'),
          'auto_provisioning_elsewhere',
          `The device identity provider cannot stand beside "${idp.id}" like this. Turn auto-provisioning of "${idp.id}" off (latchkey idp set ${idp.id} --auto-provisioning off), or set the user repository type to "hosted" (latchkey settings set --user-repository hosted).`,
        ),
      ]
    : [],
);

// reference system §3.1: with a directory as repository, SAML auto-provisioning is on for one IdP at most. Beside the device IdP the
// rule above asks for more already.
const oneAutoProvisioning: Rule = ({ authenticationProfile, identityProviders }) => {
  const [first, ...others] = identityProviders.filter(({ autoProvisioning }) => autoProvisioning);
  if (authenticationProfile.userRepositoryType === 'hosted' || identityProviders.some(({ kind }) => kind === 'device')) return [];
  return others.map((idp) =>
    factError(
      at(identityProviders.indexOf(idp), 'autoProvisioning'),
      'auto_provisioning_twice',
      `A directory owns the users, so one identity provider at most may make accounts, and "${first?.id}" does. Turn auto-provisioning of "${idp.id}" off, or set the user repository type to "hosted" (latchkey settings set --user-repository hosted).`,
    ),
  );
};

const scimNumbers = eachIdp(({ scim }, index) => {
  if (scim === undefined) return [];
  const names = Object.keys(scimRanges) as (keyof typeof scimRanges)[]; // the keys of a table
  const wrong = names.filter((name) => {
    const [least, most] = scimRanges[name];
    return !Number.isInteger(scim[name]) || scim[name] < least || scim[name] > most;
  });
  return [
    ...wrong.map((name) =>
      error(at(index, `scim/${name}`), 'scim_invalid', `Give a whole number from ${scimRanges[name].join(' to ')}.`),
    ),
    ...(scim.defaultPageSize > scim.maxPageSize
      ? [error(at(index, 'scim/defaultPageSize'), 'scim_invalid', 'A page has no more than maxPageSize unless asked.')]
      : []),
  ];
});

// reference system §5.1: users of a directory are the directory's; SCIM would write what it writes again.
const scimRepository = eachIdp((idp, index, { authenticationProfile }) =>
  idp.scim?.enabled === true && authenticationProfile.userRepositoryType === 'directory'
    ? [
        factError(
          at(index, 'scim'),
          'scim_in_directory',
          `A directory owns the users, so "${idp.id}" cannot provide them by SCIM. Set the user repository type to "hosted" (latchkey settings set --user-repository hosted), or switch SCIM off (latchkey scim disable ${idp.id}).`,
        ),
      ]
    : [],
);

const domainsProved = eachIdp((idp, index, _, { provedDomains }) =>
  (idp.domains === 'any' ? [] : idp.domains).flatMap((domain, position) => {
    if (provedDomains.includes(domain)) return [];
    const folded = domain.toLowerCase();
    return [
      factError(
        at(index, `domains/${position}`),
        'domain_not_proved',
        provedDomains.includes(folded)
          ? `Write ${folded} in lower case.`
          : `${domain} is not a proved domain of this organization. Prove it or have an operator grant it, or take it off the list.`,
      ),
    ];
  }),
);

const someDomain: Rule = (_, { provedDomains }) =>
  provedDomains.length > 0
    ? []
    : [warning('', 'no_domains', 'The organization has no proved domain, so nobody can sign in. Ask an operator to grant one.')];

const someIdp: Rule = ({ identityProviders }) =>
  identityProviders.some((idp) => idp.status === 'enabled')
    ? []
    : [
        warning(
          '/identityProviders',
          'no_identity_provider',
          'No identity provider is enabled, so nobody can sign in. Add or enable one.',
        ),
      ];

const defaultReach: Rule = ({ identityProviders, defaultIdp }, { provedDomains }) => {
  const any = identityProviders.find((idp) => idp.domains === 'any');
  const chosen = identityProviders.find((idp) => idp.id === defaultIdp);
  if (chosen === undefined) {
    const named = new Set(identityProviders.flatMap((idp) => (idp.domains === 'any' ? [] : idp.domains)));
    const lost = provedDomains.filter((domain) => !named.has(domain));
    return any !== undefined || lost.length === 0
      ? []
      : [
          warning(
            '/defaultIdp',
            'default_missing',
            `There is no default identity provider, so nobody of ${lost.join(', ')} can sign in.`,
          ),
        ];
  }
  const problems: SettingsProblem[] = [];
  if (chosen.status === 'disabled') {
    problems.push(
      warning(
        '/defaultIdp',
        'default_disabled',
        `The default identity provider "${chosen.id}" is disabled: domains nobody names cannot sign in.`,
      ),
    );
  }
  if (any !== undefined && any !== chosen) {
    problems.push(
      warning(
        '/defaultIdp',
        'default_unreachable',
        `"${any.id}" takes Any domain, so nothing is left for the default "${chosen.id}".`,
      ),
    );
  }
  return problems;
};

/** In the order an administrator reads the document. */
const rules: readonly Rule[] = [
  frequencyDays,
  frequencyEffect,
  deviceSession,
  idpLimit,
  idShape,
  idUnique,
  deviceId,
  nameShape,
  signInUrl,
  oneAny,
  nonDefaultNamesDomain,
  domainOnce,
  devicePrerequisite,
  oneAutoProvisioning,
  scimNumbers,
  scimRepository,
  domainsProved,
  defaultExists,
  someDomain,
  someIdp,
  defaultReach,
];

/**
 * Every problem of a settings document, each with its path. No problem with severity `error` means it may be activated; one with
 * cause `document` means it may not even be saved.
 *
 * @example validate(emptySettings, { provedDomains: ['acme.com'] }) // [{ code: 'no_identity_provider', severity: 'warning', ... }, ...]
 */
export const validate = (document: SettingsDocument, facts: SettingsFacts): readonly SettingsProblem[] =>
  rules.flatMap((rule) => rule(document, facts));
