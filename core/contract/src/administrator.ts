import { z } from 'zod';
import { apiKeyAreas } from './api-key.ts';
import { id, timestamp } from './common.ts';

/** What a role is about: the areas of API keys, and those that only keys of everything reach. */
export const areas = [...apiKeyAreas, 'administrators', 'api-keys', 'operator'] as const;
const areaSchema = z.enum(areas).meta({ id: 'Area' });
export type Area = z.output<typeof areaSchema>;

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
      .describe('`setup_needed`: no person is operator yet, a setup or reset code makes one.'),
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
