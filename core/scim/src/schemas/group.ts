import { attribute, complex } from '../attribute.ts';
import { schemaUrns } from '../names.ts';
import type { Schema } from '../schema.ts';

/** RFC 7643 §4.2, §8.7.1. */
export const groupSchema: Schema = {
  id: schemaUrns.group,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'string', 'The name of the group.', { required: true, uniqueness: 'server' }),
    complex(
      'members',
      'The members of the group: users and other groups.',
      [
        attribute('value', 'string', 'The id of the member.', { required: true, mutability: 'immutable', caseExact: true }),
        attribute('$ref', 'reference', 'The URI of the member.', {
          mutability: 'immutable',
          referenceTypes: ['User', 'Group'],
        }),
        attribute('type', 'string', 'What the member is.', {
          mutability: 'immutable',
          canonicalValues: ['User', 'Group'],
          closed: true,
        }),
        // RFC 7643 §2.4 and the example of §8.4; §8.7.1 leaves it out.
        attribute('display', 'string', 'The name of the member.', { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
};
