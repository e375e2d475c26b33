import { z } from 'zod';
import { id, line, pageOf, timestamp } from './common.ts';

const evidenceLevel = z.enum(['E0', 'E1', 'E2', 'E3', 'E4']);

/** As a browser writes an origin (RFC 6454 §6.2): lower case, no default port. Plain http is for loopback only, as everywhere. */
const siteOrigin = z
  .string()
  .max(255)
  .regex(
    /^(https:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(?!:443$)|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(?!:80$))(:[1-9]\d{0,4})?$/,
    'must be an origin in lower case, as https://wiki.acme.com: nothing after host and port, no default port; http is for loopback only',
  );

export const applicationSchema = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(['saml', 'api', 'gateway']),
    identifier: z
      .string()
      .describe('SAML entityID, the audience of access tokens, or the origin of the site behind the gateway.'),
    enabled: z.boolean(),
    minEvidence: evidenceLevel.describe('How well device and user must be proven to get in.'),
    allowBearer: z.boolean().describe('Behind the gateway: access tokens that are not bound to a device key get in too.'),
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
    z.strictObject({
      kind: z.literal('gateway'),
      name: line(127),
      identifier: siteOrigin.describe(
        "The site's origin, as https://wiki.acme.com; it is the audience of its access tokens too.",
      ),
      minEvidence: evidenceLevel.default('E0'),
      allowBearer: z.boolean().default(false).describe('Let access tokens in that are not bound to a device key.'),
    }),
  ])
  .meta({ id: 'NewApplication' });

export const applicationChangeSchema = z
  .strictObject({
    name: line(127).optional(),
    enabled: z.boolean().optional(),
    minEvidence: evidenceLevel.optional(),
    allowBearer: z.boolean().optional(),
  })
  .meta({ id: 'ApplicationChange' });
