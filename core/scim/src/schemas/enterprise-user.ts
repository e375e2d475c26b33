import { attribute, complex } from '../attribute.ts';
import { schemaUrns } from '../names.ts';
import type { Schema } from '../schema.ts';

/** RFC 7643 §4.3, §8.7.1. */
export const enterpriseUserSchema: Schema = {
  id: schemaUrns.enterpriseUser,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute('employeeNumber', 'string', 'The number the organization gives to the user.'),
    attribute('costCenter', 'string', 'The name of a cost center.'),
    attribute('organization', 'string', 'The name of an organization.'),
    attribute('division', 'string', 'The name of a division.'),
    attribute('department', 'string', 'The name of a department.'),
    complex('manager', "The user's manager.", [
      attribute('value', 'string', 'The id of the manager.', { caseExact: true }),
      attribute('$ref', 'reference', 'The URI of the manager.', { referenceTypes: ['User'] }),
      attribute('displayName', 'string', 'The name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
};
