import { z } from 'zod';
import { expiresInSeconds, id, line, pageOf, timestamp } from './common.ts';

export const apiKeySchema = z
  .object({
    id,
    organizationId: id.nullable().describe("null: an operator's key."),
    description: z.string(),
    state: z.enum(['live', 'expired', 'revoked']),
    hint: z.string().describe('The last four characters, to recognize it by.'),
    createdAt: timestamp,
    expiresAt: timestamp,
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.output<typeof apiKeySchema>;
export const apiKeyPageSchema = pageOf(apiKeySchema);

export const newApiKeySchema = z.strictObject({ description: line(255), expiresInSeconds }).meta({ id: 'NewApiKey' });

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
