import { z } from 'zod';
import { apiKeyAreas } from './api-key.ts';
import { id, line, pageOf, timestamp } from './common.ts';

/** What a role is about: the areas of API keys, and those that only keys of everything reach. */
export const areas = [...apiKeyAreas, 'administrators', 'api-keys', 'operator'] as const;
const areaSchema = z.enum(areas).meta({ id: 'Area' });
export type Area = z.output<typeof areaSchema>;

/** What the roles of an organization are about, and what those of operators are about: nobody's role is about both. */
export const organizationAreas: readonly Area[] = areas.filter((area) => area !== 'backup' && area !== 'operator');
export const operatorAreas: readonly Area[] = ['administrators', 'api-keys', 'audit', 'backup', 'operator', 'organization'];

const permissionSchema = z.enum(['none', 'view', 'full']).meta({ id: 'Permission' });
export type Permission = z.output<typeof permissionSchema>;
export const permissionsSchema = z.record(areaSchema, permissionSchema).meta({ id: 'Permissions' });
export type Permissions = Readonly<z.output<typeof permissionsSchema>>;

export const minPasswordLength = 12;
export const maxPasswordLength = 256;

const userName = z.string().min(1).max(508).describe('In the form of an e-mail address; 127 characters at most.');
const displayName = z.string().max(508).describe('For people; 127 characters at most.');
/** What a new one has to be is judged by the server, which says what is wrong with it. */
const password = z.string().min(1).max(4096);
const newPassword = password.describe(
  `${minPasswordLength} to ${maxPasswordLength} characters of any kind; not one of the most common (NIST SP 800-63B §3.1.1.2).`,
);
const code = z.string().trim().min(1).max(100);

const secondFactorSchema = z.enum(['passkey', 'totp', 'recovery_code']);
export type SecondFactor = z.output<typeof secondFactorSchema>;

/** How far the browser that asks is with signing in. */
export const consoleSessionSchema = z
  .object({
    state: z
      .enum(['setup_needed', 'signed_out', 'second_factor', 'second_factor_enrolment', 'signed_in'])
      .describe('`setup_needed`: there is no administrator yet; a setup or reset code makes the first operator.'),
    version: z.string(),
    secondFactors: z.array(secondFactorSchema).optional().describe('In `second_factor`: what may be shown now.'),
    administrator: z
      .object({
        id,
        userName: z.string(),
        displayName: z.string(),
        organizationId: id.nullable().describe('null: an operator.'),
        hasPasskey: z.boolean(),
        hasTotp: z.boolean(),
        recoveryCodesLeft: z.number().int(),
      })
      .optional(),
    organization: z.object({ id, name: z.string() }).nullable().optional(),
    permissions: permissionsSchema.optional(),
    reauthenticatedUntil: timestamp.nullable().optional().describe('Until when what is dangerous may be done.'),
    expiresAt: timestamp.optional().describe('When this session ends, if nothing ends it before.'),
  })
  .meta({ id: 'ConsoleSession' });
export type ConsoleSessionView = z.output<typeof consoleSessionSchema>;

/** A browser that is signed in as whoever asks. */
export const consoleSessionPageSchema = pageOf(
  z
    .object({
      id: z.string(),
      current: z.boolean().describe('It is the one that asks.'),
      remoteAddress: z.string().describe('Where it was signed in from; empty: not known.'),
      createdAt: timestamp,
      lastSeenAt: timestamp.describe('To the minute.'),
      expiresAt: timestamp,
    })
    .meta({ id: 'SignedInBrowser' }),
);
export type SignedInBrowserView = z.output<typeof consoleSessionPageSchema>['items'][number];

export const consoleSetUpSchema = z
  .strictObject({
    code: z.string().min(1).max(200).describe('The one-time setup code, or a reset code.'),
    userName,
    displayName,
    password: newPassword,
  })
  .meta({ id: 'ConsoleSetUp' });

export const consoleSignInSchema = z.strictObject({ userName, password }).meta({ id: 'ConsoleSignIn' });

export const codeSchema = z.strictObject({ code }).meta({ id: 'Code' });

export const newTotpSchema = z
  .object({
    secret: z.string().describe('Base32, for typing.'),
    uri: z.string().describe('otpauth://totp/..., for a QR code.'),
  })
  .meta({ id: 'NewTotp' });

export const recoveryCodesSchema = z
  .object({ recoveryCodes: z.array(z.string()).describe('Each works once. They are shown this once.') })
  .meta({ id: 'RecoveryCodes' });

const passkeyResponse = z.looseObject({ id: z.string(), response: z.record(z.string(), z.unknown()) });
/** What `navigator.credentials` has answered, as JSON (WebAuthn §5.1 `toJSON`). */
export const passkeyResponseSchema = z.strictObject({ response: passkeyResponse }).meta({ id: 'PasskeyResponse' });
/** What `navigator.credentials` is to be asked (WebAuthn §5.1 `parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`). */
export const passkeyOptionsSchema = z.looseObject({ challenge: z.string() }).meta({ id: 'PasskeyOptions' });

export const newPasskeySchema = z.strictObject({ response: passkeyResponse, name: line(100) }).meta({ id: 'NewPasskey' });

export const passkeySchema = z
  .object({ id, name: z.string(), createdAt: timestamp, lastUsedAt: timestamp.nullable() })
  .meta({ id: 'Passkey' });
export type PasskeyView = z.output<typeof passkeySchema>;
export const passkeyPageSchema = pageOf(passkeySchema);
export const createdPasskeySchema = passkeySchema
  .extend({ recoveryCodes: z.array(z.string()).optional().describe('If there were none: shown this once.') })
  .meta({ id: 'CreatedPasskey' });

export const reauthenticateSchema = z
  .strictObject({
    password,
    totp: code.optional(),
    passkey: passkeyResponse.optional().describe('The answer to `POST /console/re-authenticate/passkey/options`.'),
  })
  .meta({ id: 'Reauthenticate' });

export const changePasswordSchema = z.strictObject({ current: password, new: newPassword }).meta({ id: 'ChangePassword' });

const roleId = z
  .string()
  .regex(/^(full|view|rol_[0-9a-f]{32})$/, 'is not the id of a role')
  .describe('`full`, `view` or the id of a role of the organization.');

export const administratorSchema = z
  .object({
    id,
    organizationId: id.nullable().describe('null: an operator.'),
    userName: z.string(),
    displayName: z.string(),
    roleId,
    state: z.enum(['active', 'disabled']),
    hasPasskey: z.boolean(),
    hasTotp: z.boolean(),
    createdAt: timestamp,
    lastSignedInAt: timestamp.nullable(),
  })
  .meta({ id: 'Administrator' });
export type AdministratorView = z.output<typeof administratorSchema>;
export const administratorPageSchema = pageOf(administratorSchema);

export const administratorChangeSchema = z
  .strictObject({ roleId: roleId.optional(), state: z.enum(['active', 'disabled']).optional() })
  .meta({ id: 'AdministratorChange' });

export const newRoleSchema = z
  .strictObject({
    name: line(100),
    permissions: z
      .partialRecord(areaSchema, permissionSchema)
      .refine((permissions) => Object.keys(permissions).every((area) => organizationAreas.some((each) => each === area)), {
        error: 'a role of an organization is not about what operators do',
      })
      .describe('An area that is not named is `none`.'),
  })
  .meta({ id: 'NewRole' });

export const roleSchema = z
  .object({
    id: roleId,
    name: z.string(),
    builtIn: z.boolean(),
    permissions: permissionsSchema,
    administrators: z.number().int().describe('How many have it.'),
  })
  .meta({ id: 'Role' });
export type RoleView = z.output<typeof roleSchema>;
export const rolePageSchema = pageOf(roleSchema);

export const newInvitationSchema = z.strictObject({ userName, roleId }).meta({ id: 'NewInvitation' });

export const invitationSchema = z
  .object({
    id,
    userName: z.string(),
    roleId,
    createdAt: timestamp,
    createdBy: z.string().describe('As in the audit: `administrator:<id>`, `api-key:<id>`.'),
    expiresAt: timestamp,
  })
  .meta({ id: 'Invitation' });
export type InvitationView = z.output<typeof invitationSchema>;
export const invitationPageSchema = pageOf(invitationSchema);
export const createdInvitationSchema = invitationSchema
  .extend({ link: z.string().describe('Good for 7 days and once. It is shown this once.') })
  .meta({ id: 'CreatedInvitation' });
export type CreatedInvitationView = z.output<typeof createdInvitationSchema>;

export const acceptInvitationSchema = z
  .strictObject({
    token: z.string().min(1).max(200).describe('What stands behind the # of the link.'),
    displayName,
    password: newPassword,
  })
  .meta({ id: 'AcceptInvitation' });
