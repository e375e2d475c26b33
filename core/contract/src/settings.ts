import { z } from 'zod';
import { pageOf, timestamp } from './common.ts';
import { newScimSettingsSchema, scimSettingsSchema } from './scim.ts';

const idpMembers = {
  id: z.string().min(1).max(63).describe('Names it in URLs.'),
  name: z.string().max(127),
  status: z.enum(['enabled', 'disabled']),
  domains: z
    .union([z.literal('any'), z.array(z.string().min(1).max(253)).max(1000)])
    .describe('`any`: every domain nobody else names. Unselected domains go to the default identity provider.'),
  autoProvisioning: z.boolean().describe('SAML auto-provisioning: make the account at the first valid assertion.'),
};

const idpSchemas = <Scim extends z.ZodType>(scim: Scim, prefix = '') =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('device'), ...idpMembers, scim: scim.optional() }).meta({ id: `${prefix}DeviceIdp` }),
    z
      .strictObject({
        kind: z.literal('saml'),
        ...idpMembers,
        scim: scim.optional(),
        signInUrl: z.string().max(2048).describe('Its sign-in page.'),
      })
      .meta({ id: `${prefix}SamlIdp` }),
  ]);

// In the order an export has.
const profileMembers = <Frequency extends z.ZodType>(authenticationFrequency: Frequency) => ({
  authenticationType: z
    .literal('saml', 'must be "saml": people sign in through the identity providers, passwords are not kept here')
    .describe('People sign in through the identity providers.'),
  userRepositoryType: z.enum(['hosted', 'directory']).describe('Where users live: here, or in a directory that owns them.'),
  authenticationFrequency,
  authenticationFrequencyDays: z.number().int().nullable().describe('With `custom`: 1 to 180. Otherwise null.'),
  deviceSessionSeconds: z
    .number()
    .int()
    .describe('How long the session of a device lasts at most: 300 to 86400. Live sessions too, once it is active.'),
  collectedParameters: z
    .array(z.enum(['loginName', 'hostName', 'serial', 'externalDeviceId']))
    .max(4)
    .describe('What agents say of person and machine besides what a sign-in needs; what is not here is neither sent nor kept.'),
});

const frequency = z
  .enum(['daily', 'only_once', 'session', 'custom'])
  .describe('How often a browser has to authenticate again. It changes nothing for devices, which sign in silently.');
/** Beside our own words, those of the reference system's console, API and SDK: docs/guides/settings.md. */
const frequencySpelling = z.enum([
  ...frequency.options,
  'Daily',
  'OnlyOnce',
  'Session',
  'Custom',
  'DAILY_COOKIE',
  'WEEKLY_COOKIE',
  'MONTHLY_COOKIE',
  'SESSION_COOKIE',
  'ALWAYS',
  'CUSTOM_FREQUENCY',
]);

export const authenticationProfileSchema = z.strictObject(profileMembers(frequency)).meta({ id: 'AuthenticationProfile' });

const documentMembers = <Idp extends z.ZodType>(idp: Idp) => ({
  identityProviders: z.array(idp).max(200),
  defaultIdp: z.string().nullable().describe('Takes the domains nobody names.'),
});

/** The authentication settings of an organization, as they are kept. */
export const settingsDocumentSchema = z
  .strictObject({ authenticationProfile: authenticationProfileSchema, ...documentMembers(idpSchemas(scimSettingsSchema)) })
  .meta({ id: 'SettingsDocument' });
export type SettingsDocumentView = z.output<typeof settingsDocumentSchema>;

/** As they may come in. What else must hold is checked by `core/settings`. */
export const newSettingsDocumentSchema = z
  .strictObject({
    authenticationProfile: z
      .strictObject(profileMembers(frequencySpelling))
      .partial()
      .optional()
      .describe('What is left out has its default.'),
    ...documentMembers(idpSchemas(newScimSettingsSchema, 'New')),
  })
  .meta({ id: 'NewSettingsDocument' });

export const settingsProblemSchema = z
  .object({
    path: z.string().describe('JSON Pointer (RFC 6901) into the document.'),
    code: z.string(),
    message: z.string(),
    severity: z.enum(['error', 'warning']).describe('An `error` forbids activation.'),
  })
  .meta({ id: 'SettingsProblem' });
export type SettingsProblemView = z.output<typeof settingsProblemSchema>;

const changeSchema = z.object({
  kind: z.enum(['added', 'removed', 'changed']),
  path: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

export const settingsDraftSchema = z
  .object({
    document: settingsDocumentSchema,
    revision: z.number().int().describe('Also the ETag; 0 until the first save.'),
    updatedAt: timestamp.nullable(),
    updatedBy: z.string().nullable(),
    editors: z
      .array(z.object({ actor: z.string(), lastSeenAt: timestamp }))
      .describe('Who else has looked at the draft or saved it in the last 10 minutes.'),
    problems: z.array(settingsProblemSchema),
  })
  .meta({ id: 'SettingsDraft' });
export type SettingsDraftView = z.output<typeof settingsDraftSchema>;

export const settingsValidationSchema = z
  .object({ valid: z.boolean().describe('Whether it could be activated now.'), problems: z.array(settingsProblemSchema) })
  .meta({ id: 'SettingsValidation' });
export type SettingsValidationView = z.output<typeof settingsValidationSchema>;

export const settingsDiffSchema = z
  .object({
    activeVersion: z.number().int().nullable(),
    revision: z.number().int(),
    changes: z.array(changeSchema),
  })
  .meta({ id: 'SettingsDiff' });
export type SettingsDiffView = z.output<typeof settingsDiffSchema>;

export const settingsPlanSchema = z
  .object({
    activeVersion: z.number().int().nullable(),
    revision: z.number().int().describe('Of the draft; also the ETag.'),
    changes: z.array(changeSchema).describe('From what is live to this document.'),
    draftChanges: z.array(changeSchema).describe('From the draft to this document.'),
    pending: z.array(changeSchema).describe('From what is live to the draft: what somebody has drafted and not activated.'),
    valid: z.boolean().describe('Whether the document could be activated now.'),
    problems: z.array(settingsProblemSchema),
  })
  .meta({ id: 'SettingsPlan' });
export type SettingsPlanView = z.output<typeof settingsPlanSchema>;

export const activationSchema = z.strictObject({ comment: z.string().max(1000).default('') }).meta({ id: 'Activation' });

const versionMembers = {
  version: z.number().int(),
  activatedAt: timestamp,
  activatedBy: z.string(),
  comment: z.string(),
};

export const settingsVersionSummarySchema = z.object(versionMembers).meta({ id: 'SettingsVersionSummary' });
export const settingsVersionSchema = z
  .object({ ...versionMembers, document: settingsDocumentSchema })
  .meta({ id: 'SettingsVersion' });
export type SettingsVersionView = z.output<typeof settingsVersionSchema>;
export const settingsVersionPageSchema = pageOf(settingsVersionSummarySchema);
