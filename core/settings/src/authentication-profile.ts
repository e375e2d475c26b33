/**
 * How often a browser has to authenticate again. It does not apply to devices (reference system §3.1): they sign in anew, silently, within
 * `deviceSessionSeconds`, which is never longer than a day, the shortest frequency that can be counted.
 */
export type AuthenticationFrequency = 'daily' | 'only_once' | 'session' | 'custom';

/** What agents may say of person and machine that nothing depends on: an organization may choose not to know it. */
export const collectableParameters = ['loginName', 'hostName', 'serial', 'externalDeviceId'] as const;
export type CollectableParameter = (typeof collectableParameters)[number];

/** The authentication profile: the answers that hold for every identity provider. */
export interface AuthenticationProfile {
  /** People sign in through the identity providers; passwords kept here are not offered. */
  readonly authenticationType: 'saml';
  /** Where users live: here, or in a directory that owns them (which forbids SCIM, and allows auto-provisioning on one IdP at most). */
  readonly userRepositoryType: 'hosted' | 'directory';
  readonly authenticationFrequency: AuthenticationFrequency;
  /** With `custom`, every so many days; otherwise null. */
  readonly authenticationFrequencyDays: number | null;
  /** How long the session of a device lasts at most: by the version active when it begins, and by the one active now. */
  readonly deviceSessionSeconds: number;
  /** What agents send, and the server keeps, of those that may be left out. */
  readonly collectedParameters: readonly CollectableParameter[];
}

/** reference system §3.1: "Custom 1-180 days". */
export const mostFrequencyDays = 180;
export const leastDeviceSessionSeconds = 300;
export const mostDeviceSessionSeconds = 86_400;

export const defaultAuthenticationProfile: AuthenticationProfile = {
  authenticationType: 'saml',
  userRepositoryType: 'hosted',
  authenticationFrequency: 'only_once',
  authenticationFrequencyDays: null,
  deviceSessionSeconds: 43_200,
  collectedParameters: collectableParameters,
};

/** What is understood for a frequency: our own words, those of the reference system's console, and those of its API and SDK. */
export type FrequencySpelling =
  | AuthenticationFrequency
  | 'Daily'
  | 'OnlyOnce'
  | 'Session'
  | 'Custom'
  | 'DAILY_COOKIE'
  | 'WEEKLY_COOKIE'
  | 'MONTHLY_COOKIE'
  | 'SESSION_COOKIE'
  | 'ALWAYS'
  | 'CUSTOM_FREQUENCY';

/**
 * Each spelling and the word that is kept. The reference system's page, SDK and console do not agree (reference system, conflict 1), so
 * the union is taken. `ALWAYS` stands beside no explanation: it is read as the strictest of them.
 */
const frequencies: Readonly<Record<FrequencySpelling, readonly [AuthenticationFrequency, days?: number]>> = {
  daily: ['daily'],
  Daily: ['daily'],
  DAILY_COOKIE: ['daily'],
  only_once: ['only_once'],
  OnlyOnce: ['only_once'],
  session: ['session'],
  Session: ['session'],
  SESSION_COOKIE: ['session'],
  ALWAYS: ['session'],
  WEEKLY_COOKIE: ['custom', 7],
  MONTHLY_COOKIE: ['custom', 30],
  custom: ['custom'],
  Custom: ['custom'],
  CUSTOM_FREQUENCY: ['custom'],
};

/** An authentication profile as it may come in: whatever is left out has its default. */
export type AuthenticationProfileInput = {
  readonly [Member in keyof Omit<AuthenticationProfile, 'authenticationFrequency'>]?: AuthenticationProfile[Member] | undefined;
} & { readonly authenticationFrequency?: FrequencySpelling | undefined };

/** The profile as it is kept. Days that do not fit are kept too: `validate` says what is wrong with them. */
export const canonicalProfile = (input: AuthenticationProfileInput): AuthenticationProfile => {
  const standard = defaultAuthenticationProfile;
  const [authenticationFrequency, days] = frequencies[input.authenticationFrequency ?? standard.authenticationFrequency];
  return {
    authenticationType: input.authenticationType ?? standard.authenticationType,
    userRepositoryType: input.userRepositoryType ?? standard.userRepositoryType,
    authenticationFrequency,
    authenticationFrequencyDays: days ?? input.authenticationFrequencyDays ?? null,
    deviceSessionSeconds: input.deviceSessionSeconds ?? standard.deviceSessionSeconds,
    // In one order, each once.
    collectedParameters: collectableParameters.filter((name) =>
      (input.collectedParameters ?? collectableParameters).includes(name),
    ),
  };
};
