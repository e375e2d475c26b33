import { z } from 'zod';
import { expiresInSeconds, id, line, pageOf, timestamp } from './common.ts';

const members = {
  enabled: z.boolean().describe('While it is, SAML auto-provisioning of the identity provider is off.'),
  preset: z.enum(['standard', 'internet-access', 'private-access']).describe('What is left out is as the preset has it.'),
  dialect: z
    .enum(['standard', 'entra', 'entra-reference', 'okta', 'onelogin'])
    .describe("Which client's deviations from the RFCs are understood."),
  deactivation: z.enum(['disable', 'delete']).describe('What `active: false` does to a user.'),
  undoDays: z
    .number()
    .int()
    .describe('With `delete`: for so many days the user is only disabled, and comes back with `active: true`.'),
  defaultPageSize: z.number().int(),
  maxPageSize: z.number().int(),
  requestsPerSecond: z.number().int().describe('Beyond that: 429 with Retry-After.'),
  userNameDomains: z.enum(['any', 'proved']).describe('`proved`: a user name ends in a domain of the organization.'),
  groupsPerUser: z.number().int(),
  userNameMutable: z.boolean(),
  adoption: z
    .boolean()
    .describe('Whether users and groups that others have made are taken over, as far as they may be. If not: 409.'),
  logDays: z.number().int().describe('For how many days the sync log is kept.'),
};

export const scimSettingsSchema = z.strictObject(members).meta({ id: 'ScimSettings' });
export type ScimSettingsView = z.output<typeof scimSettingsSchema>;
export const newScimSettingsSchema = z
  .strictObject(members)
  .partial()
  .required({ enabled: true })
  .meta({ id: 'NewScimSettings' });

export const scimTokenSchema = z
  .object({
    id,
    identityProvider: z.string(),
    description: z.string(),
    state: z.enum(['live', 'expired', 'revoked']),
    hint: z.string().describe('The last four characters, to recognize it by.'),
    createdAt: timestamp,
    createdBy: z.string(),
    expiresAt: timestamp,
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: 'ScimToken' });
export type ScimTokenView = z.output<typeof scimTokenSchema>;
export const scimTokenPageSchema = pageOf(scimTokenSchema);

export const newScimTokenSchema = z
  .strictObject({
    description: line(255),
    expiresInSeconds: expiresInSeconds.describe('Seconds until it expires: 90 days unless said, 366 at most.'),
  })
  .meta({ id: 'NewScimToken' });

export const createdScimTokenSchema = scimTokenSchema
  .extend({
    token: z.string().describe('The secret. It is shown this once.'),
    baseUrl: z.string().describe('What the client calls: Tenant URL, or Base URL.'),
  })
  .meta({ id: 'CreatedScimToken' });
export type CreatedScimTokenView = z.output<typeof createdScimTokenSchema>;

/** One exchange with a provisioning source that could change something. */
export const scimExchangeSchema = z
  .object({
    id,
    at: timestamp,
    identityProvider: z.string(),
    client: z.string().describe('What it calls itself: User-Agent.'),
    tokenId: id,
    entity: z.string().describe('`User`, `Group`, `Bulk` or ``.'),
    method: z.string(),
    path: z.string(),
    status: z.number().int(),
    milliseconds: z.number(),
    correlationId: z.string(),
    request: z.string().describe('The body, without secrets; cut at 16 KiB.'),
    response: z.string(),
  })
  .meta({ id: 'ScimExchange' });
export type ScimExchangeView = z.output<typeof scimExchangeSchema>;
export const scimExchangePageSchema = pageOf(scimExchangeSchema);

export const scimLogFilterSchema = z.object({
  client: z.string().max(200).optional(),
  entity: z.enum(['User', 'Group', 'Bulk']).optional(),
  method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  path: z.string().max(500).optional().describe('The end of it: an id will do.'),
  status: z.coerce.number().int().optional(),
  failed: z.stringbool().optional().describe('Only those that were refused, or only those that were not.'),
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
