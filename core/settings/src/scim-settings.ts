/** What a provisioning source gets: one policy for all its members, which each may still be set apart. */
export type ScimPreset = 'standard' | 'internet-access' | 'private-access';

/** Which client's deviations from the RFCs are understood beside what every client may say. */
export type ScimDialect = 'standard' | 'entra' | 'entra-reference' | 'okta' | 'onelogin';

/** The SCIM endpoint of an identity provider (RFC 7644). */
export interface ScimSettings {
  readonly enabled: boolean;
  readonly preset: ScimPreset;
  readonly dialect: ScimDialect;
  /** What `active: false` does to a user. */
  readonly deactivation: 'disable' | 'delete';
  /** With `delete`: for so many days the user is only disabled, and comes back with `active: true`. */
  readonly undoDays: number;
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  readonly requestsPerSecond: number;
  /** `proved`: a user name ends in a domain of the organization. */
  readonly userNameDomains: 'any' | 'proved';
  readonly groupsPerUser: number;
  readonly userNameMutable: boolean;
  /** Whether users and groups that administrators have made, or other identity providers at a sign-in, are taken over. */
  readonly adoption: boolean;
  readonly logDays: number;
}

type Policy = Omit<ScimSettings, 'enabled' | 'preset' | 'dialect'>;

const standard: Policy = {
  deactivation: 'disable',
  undoDays: 30,
  defaultPageSize: 100,
  maxPageSize: 1000,
  requestsPerSecond: 1000,
  userNameDomains: 'any',
  groupsPerUser: 10_000,
  userNameMutable: true,
  adoption: false,
  logDays: 14,
};

/** reference system §5: `internet-access` is its 5.1, `private-access` its 5.2, which names no rate: 50 is that of its 5.3. */
export const scimPresets: Readonly<Record<ScimPreset, Policy>> = {
  standard,
  'internet-access': { ...standard, requestsPerSecond: 5, userNameDomains: 'proved', groupsPerUser: 128 },
  'private-access': {
    ...standard,
    deactivation: 'delete',
    defaultPageSize: 10,
    maxPageSize: 100,
    requestsPerSecond: 50,
    userNameDomains: 'proved',
    userNameMutable: false,
  },
};

/** As it may come in: what is left out is as the preset has it. */
export type ScimSettingsInput = {
  readonly [Member in keyof Omit<ScimSettings, 'enabled'>]?: ScimSettings[Member] | undefined;
} & { readonly enabled: boolean };

/** The least and the most of each number. */
export const scimRanges: Readonly<
  Record<
    'undoDays' | 'defaultPageSize' | 'maxPageSize' | 'requestsPerSecond' | 'groupsPerUser' | 'logDays',
    readonly [least: number, most: number]
  >
> = {
  undoDays: [0, 90],
  defaultPageSize: [1, 10_000],
  maxPageSize: [1, 10_000],
  requestsPerSecond: [1, 100_000],
  groupsPerUser: [1, 100_000],
  logDays: [1, 365],
};

/** The settings as they are kept: everything is there, in one order. */
export const canonicalScim = (input: ScimSettingsInput): ScimSettings => {
  const preset = input.preset ?? 'standard';
  const policy = scimPresets[preset];
  return {
    enabled: input.enabled,
    preset,
    dialect: input.dialect ?? 'standard',
    deactivation: input.deactivation ?? policy.deactivation,
    undoDays: input.undoDays ?? policy.undoDays,
    defaultPageSize: input.defaultPageSize ?? policy.defaultPageSize,
    maxPageSize: input.maxPageSize ?? policy.maxPageSize,
    requestsPerSecond: input.requestsPerSecond ?? policy.requestsPerSecond,
    userNameDomains: input.userNameDomains ?? policy.userNameDomains,
    groupsPerUser: input.groupsPerUser ?? policy.groupsPerUser,
    userNameMutable: input.userNameMutable ?? policy.userNameMutable,
    adoption: input.adoption ?? policy.adoption,
    logDays: input.logDays ?? policy.logDays,
  };
};
