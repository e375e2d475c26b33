import { z } from 'zod';
import { id, line, pageOf, timestamp } from './common.ts';

export const organizationSchema = z
  .object({
    id,
    name: z.string(),
    state: z.enum(['active', 'suspended']),
    createdAt: timestamp,
    deletesAt: timestamp.nullable().describe('When everything of it is removed; null: it stays.'),
  })
  .meta({ id: 'Organization' });
export type OrganizationView = z.output<typeof organizationSchema>;
export const organizationPageSchema = pageOf(organizationSchema);

export const newOrganizationSchema = z
  .strictObject({ name: line(127).describe('What people call it.') })
  .meta({ id: 'NewOrganization' });

export const domainSchema = z
  .object({
    name: z.string(),
    state: z
      .enum(['claimed', 'proved', 'failing', 'contested'])
      .describe(
        '`failing`: proved, but its DNS record is gone; lost at `lostAt`. `contested`: its DNS record is there, but another organization has proved the name.',
      ),
    proof: z.enum(['granted', 'dns', 'none']).describe('`granted` by an operator, proved by `dns`, or only claimed.'),
    createdAt: timestamp,
    record: z
      .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
      .nullable()
      .describe('The DNS record that proves it; null for a granted one.'),
    checkedAt: timestamp.nullable().describe('When the record was last looked up.'),
    lostAt: timestamp.nullable(),
  })
  .meta({ id: 'Domain' });
export type DomainView = z.output<typeof domainSchema>;
export const domainVerificationSchema = z
  .object({ finding: z.enum(['present', 'absent', 'unknown']).describe('What DNS says of the record.'), domain: domainSchema })
  .meta({ id: 'DomainVerification' });
export type DomainVerificationView = z.output<typeof domainVerificationSchema>;
export const domainPageSchema = pageOf(domainSchema);

export const newDomainSchema = z
  .strictObject({ name: z.string().min(1).max(253).describe('As acme.com.') })
  .meta({ id: 'NewDomain' });
