import { z } from 'zod';
import { timestamp } from './common.ts';

const count = z.object({ total: z.number().int(), totalIsEstimate: z.boolean() });

/** What an organization has, by the page that lists it; without what the caller may not see. */
const countsSchema = z
  .object({
    devices: count,
    deviceTokens: count.describe('Live ones.'),
    users: count,
    groups: count,
    departments: count,
    identityProviders: count.describe('Of the draft.'),
    domains: count,
    applications: count,
    auditEvents: count,
    administrators: count.describe('Active ones.'),
    apiKeys: count.describe('Live ones.'),
  })
  .partial();

/** What somebody should look at. */
const attentionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('devices'), state: z.enum(['pending', 'quarantined']), ...count.shape }),
  z.object({
    kind: z.literal('draft'),
    changes: z.number().int().describe('That are saved and not active.'),
    errors: z.number().int().describe('That forbid activation.'),
    updatedAt: timestamp,
    updatedBy: z.string().describe('As in the audit.'),
  }),
  z.object({
    kind: z.literal('active'),
    problems: z.number().int().describe('Of the active settings: facts they stand on have changed.'),
  }),
  z.object({ kind: z.literal('domain'), name: z.string(), state: z.enum(['claimed', 'failing', 'contested']) }),
  z
    .object({
      kind: z.literal('ending'),
      what: z.enum(['device_token', 'api_key', 'certificate']),
      id: z.string(),
      name: z.string(),
      endsAt: timestamp,
    })
    .describe('Ends within 90 days. The soonest first, 20 of a kind at most; without tokens that have a successor.'),
]);
export type AttentionView = z.output<typeof attentionSchema>;

/** How an organization stands: everything its start page shows but what happens over time. */
export const overviewSchema = z
  .object({
    at: timestamp,
    counts: countsSchema,
    setUp: z
      .array(z.object({ step: z.enum(['domain', 'idp', 'activate', 'token', 'device']), done: z.boolean() }))
      .describe('The way to the first device, without what the caller may not see.'),
    attention: z.array(attentionSchema),
  })
  .meta({ id: 'Overview' });
export type OverviewView = z.output<typeof overviewSchema>;

export const activityQuerySchema = z.object({
  hours: z.coerce.number().int().min(1).max(720).default(24).describe('How far back; 30 days at most.'),
});

const hourly = z.array(z.number().int()).optional();

/** What happened, hour by hour, the last one up to now; without what the caller may not see. A background job counts. */
export const activitySchema = z
  .object({
    from: timestamp.describe('Where the first hour begins.'),
    signIns: hourly.describe("By devices, to Latchkey or to other people's service providers."),
    refusals: hourly.describe('Of sign-ins and enrollments, as far as they are audited.'),
    enrollments: hourly,
    upToDate: z.boolean().describe('Whether everything older than a minute is counted.'),
  })
  .meta({ id: 'Activity' });
export type ActivityView = z.output<typeof activitySchema>;

/** The server under it all, as far as whoever may ask need know. */
export const healthSchema = z
  .object({
    at: timestamp.describe("The server's clock."),
    version: z.string(),
    database: z.object({
      engine: z.enum(['sqlite', 'postgresql']),
      takesWrites: z.boolean().describe('Whether something could be made durable just now.'),
    }),
    nodes: z.number().int().describe('That have been at work in the last minutes.'),
    backedUpAt: timestamp
      .nullable()
      .describe('When the last backup was taken through the API. null: none, or the database is backed up by its own tools.'),
    certificateEndsAt: timestamp.nullable().describe('Of TLS. null: a proxy speaks TLS, or nobody does.'),
  })
  .meta({ id: 'Health' });
export type HealthView = z.output<typeof healthSchema>;
