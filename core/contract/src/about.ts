import { z } from 'zod';
import { timestamp } from './common.ts';

/** What an operator is asked for beside what `/health` says. */
export const aboutSchema = z
  .object({
    releasedAt: timestamp.describe('The version that answers.'),
    origin: z.string(),
    dataFolder: z.string().describe('On the machine that answers.'),
    masterKeyFile: z.string().describe('It is in no backup: keep a copy elsewhere.'),
    node: z.string().describe('The version of Node that runs it.'),
    startedAt: timestamp.describe('The node that answers.'),
  })
  .meta({ id: 'About' });
export type AboutView = z.output<typeof aboutSchema>;
