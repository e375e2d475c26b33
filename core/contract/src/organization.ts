import { z } from 'zod';
import { id, line, pageOf, timestamp } from './common.ts';

export const organizationSchema = z
  .object({ id, name: z.string(), state: z.enum(['active', 'suspended']), createdAt: timestamp })
  .meta({ id: 'Organization' });
export type OrganizationView = z.output<typeof organizationSchema>;
export const organizationPageSchema = pageOf(organizationSchema);

export const newOrganizationSchema = z
  .strictObject({ name: line(127).describe('What people call it.') })
  .meta({ id: 'NewOrganization' });

export const domainSchema = z
  .object({
    name: z.string(),
    proof: z.enum(['granted', 'dns', 'none']).describe('`granted` by an operator, proved by `dns`, or only claimed.'),
    createdAt: timestamp,
  })
  .meta({ id: 'Domain' });
export type DomainView = z.output<typeof domainSchema>;
export const domainPageSchema = pageOf(domainSchema);

export const newDomainSchema = z
  .strictObject({ name: z.string().min(1).max(253).describe('As acme.com.') })
  .meta({ id: 'NewDomain' });
