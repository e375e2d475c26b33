import { z } from 'zod';
import { timestamp } from './common.ts';

/** The server, for its operators. */
export const aboutSchema = z
  .object({
    version: z.string(),
    releasedAt: timestamp,
    origin: z.string(),
    engine: z.enum(['sqlite', 'postgresql']),
    dataFolder: z.string().describe('On the machine that answers.'),
    masterKeyFile: z.string().describe('It is in no backup: keep a copy elsewhere.'),
    node: z.string().describe('The version of Node that runs it.'),
    startedAt: timestamp.describe('The node that answers.'),
  })
  .meta({ id: 'About' });
export type AboutView = z.output<typeof aboutSchema>;
