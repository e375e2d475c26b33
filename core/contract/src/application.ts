import { z } from 'zod';
import { id, line, pageOf, timestamp } from './common.ts';

const evidenceLevel = z.enum(['E0', 'E1', 'E2', 'E3', 'E4']);

export const applicationSchema = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(['saml', 'api']),
    identifier: z.string().describe('SAML entityID, or the audience of access tokens.'),
    enabled: z.boolean(),
    minEvidence: evidenceLevel.describe('How well device and user must be proven to get in.'),
    createdAt: timestamp,
  })
  .meta({ id: 'Application' });
export type ApplicationView = z.output<typeof applicationSchema>;
export const applicationPageSchema = pageOf(applicationSchema);

export const newApplicationSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('saml'),
      name: line(127),
      metadata: z.string().min(1).max(500_000).describe("The service provider's metadata (XML)."),
      minEvidence: evidenceLevel.default('E0'),
    }),
    z.strictObject({
      kind: z.literal('api'),
      name: line(127),
      identifier: z.string().trim().min(1).max(512).describe('The audience of access tokens.'),
      minEvidence: evidenceLevel.default('E0'),
    }),
  ])
  .meta({ id: 'NewApplication' });

export const applicationChangeSchema = z
  .strictObject({ name: line(127).optional(), enabled: z.boolean().optional(), minEvidence: evidenceLevel.optional() })
  .meta({ id: 'ApplicationChange' });
