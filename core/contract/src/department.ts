import { z } from 'zod';
import { foundOf, id, timestamp } from './common.ts';

export const departmentSchema = z
  .object({
    id,
    name: z.string(),
    comments: z.string(),
    source: z.string().describe('`console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made it and owns it.'),
    readOnly: z.array(z.string()).describe('What cannot be changed here: `name`, `existence`.'),
    revision: z.number().int().describe('Also the ETag.'),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Department' });
export type DepartmentView = z.output<typeof departmentSchema>;
export const departmentPageSchema = foundOf(departmentSchema);
