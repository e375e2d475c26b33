import { z } from 'zod';
import { pageOf, timestamp } from './common.ts';

const idpMembers = {
  id: z.string().min(1).max(63).describe('Names it in URLs.'),
  name: z.string().max(127),
  status: z.enum(['enabled', 'disabled']),
  domains: z
    .union([z.literal('any'), z.array(z.string().min(1).max(253)).max(1000)])
    .describe('`any`: every domain nobody else names. Unselected domains go to the default identity provider.'),
  autoProvisioning: z.boolean().describe('SAML auto-provisioning: make the account at the first valid assertion.'),
};

export const deviceIdpSchema = z.strictObject({ kind: z.literal('device'), ...idpMembers }).meta({ id: 'DeviceIdp' });
export const samlIdpSchema = z
  .strictObject({ kind: z.literal('saml'), ...idpMembers, signInUrl: z.string().max(2048).describe('Its sign-in page.') })
  .meta({ id: 'SamlIdp' });

/** The authentication settings of an organization. What else must hold is checked by `core/settings`. */
export const settingsDocumentSchema = z
  .strictObject({
    identityProviders: z.array(z.discriminatedUnion('kind', [deviceIdpSchema, samlIdpSchema])).max(200),
    defaultIdp: z.string().nullable().describe('Takes the domains nobody names.'),
  })
  .meta({ id: 'SettingsDocument' });
export type SettingsDocumentView = z.output<typeof settingsDocumentSchema>;

export const settingsProblemSchema = z
  .object({
    path: z.string().describe('JSON Pointer (RFC 6901) into the document.'),
    code: z.string(),
    message: z.string(),
    severity: z.enum(['error', 'warning']).describe('An `error` forbids activation.'),
  })
  .meta({ id: 'SettingsProblem' });
export type SettingsProblemView = z.output<typeof settingsProblemSchema>;

export const settingsDraftSchema = z
  .object({
    document: settingsDocumentSchema,
    revision: z.number().int().describe('Also the ETag; 0 until the first save.'),
    updatedAt: timestamp.nullable(),
    updatedBy: z.string().nullable(),
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
    changes: z.array(
      z.object({
        kind: z.enum(['added', 'removed', 'changed']),
        path: z.string(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
  })
  .meta({ id: 'SettingsDiff' });
export type SettingsDiffView = z.output<typeof settingsDiffSchema>;

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
