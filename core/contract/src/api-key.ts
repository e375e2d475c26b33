import { z } from 'zod';
import { expiresInSeconds, id, line, pageOf, timestamp } from './common.ts';

/** What a key may be made for. */
export const apiKeyAreas = [
  'applications',
  'audit',
  'backup',
  'device-tokens',
  'devices',
  'directory',
  'organization',
  'settings',
  'webhook',
] as const;
const areas = ['all', ...apiKeyAreas] as const;

/** What a key may be used for: an area, to read or to write; who may write may read. */
export const apiKeyScopeSchema = z
  .enum(areas.flatMap((area) => [`${area}:read`, `${area}:write`] as const))
  .meta({ id: 'ApiKeyScope' });
export type ApiKeyScope = z.output<typeof apiKeyScopeSchema>;

const scopes = z.array(apiKeyScopeSchema);

export const apiKeySchema = z
  .object({
    id,
    organizationId: id.nullable().describe("null: an operator's key."),
    description: z.string(),
    state: z.enum(['live', 'expired', 'revoked']),
    hint: z.string().describe('The last four characters, to recognize it by.'),
    scopes: scopes.describe('What it may be used for.'),
    createdAt: timestamp,
    expiresAt: timestamp,
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.output<typeof apiKeySchema>;
export const apiKeyPageSchema = pageOf(apiKeySchema);

export const newApiKeySchema = z
  .strictObject({
    description: line(255),
    expiresInSeconds,
    scopes: scopes
      .min(1)
      .max(areas.length * 2)
      .default(['all:write'])
      .describe('`all` is every area, API keys among them; who may write may read.'),
  })
  .meta({ id: 'NewApiKey' });

export const createdApiKeySchema = apiKeySchema
  .extend({ key: z.string().describe('The secret. It is shown this once.') })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKeyView = z.output<typeof createdApiKeySchema>;

export const setupSchema = z
  .strictObject({ code: z.string().min(1).max(200).describe('The one-time code that the server printed at its first start.') })
  .meta({ id: 'Setup' });

/** Who the caller's key makes the caller. */
export const whoamiSchema = z
  .object({
    kind: z.enum(['operator', 'organization']),
    apiKey: apiKeySchema,
    organization: z.object({ id, name: z.string() }).nullable(),
  })
  .meta({ id: 'Whoami' });
export type WhoamiView = z.output<typeof whoamiSchema>;
