import { type Attribute, attribute, complex } from '../attribute.ts';

const readOnly = { mutability: 'readOnly', caseExact: true } as const;

/** RFC 7643 §3 and §3.1: attributes of every resource, which no schema lists. */
export const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'reference', 'The URNs of the schemas the resource has attributes of.', {
    ...readOnly,
    multiValued: true,
    returned: 'always',
    referenceTypes: ['uri'],
  }),
  attribute('id', 'string', 'The identifier given by the service provider.', {
    ...readOnly,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'string', 'The identifier given by the client.', { caseExact: true }),
  complex(
    'meta',
    'What the service provider says of the resource.',
    [
      attribute('resourceType', 'string', 'The name of the resource type.', readOnly),
      attribute('created', 'dateTime', 'When the resource was created.', { mutability: 'readOnly' }),
      attribute('lastModified', 'dateTime', 'When the resource was last changed.', { mutability: 'readOnly' }),
      attribute('location', 'reference', 'The URI of the resource.', { ...readOnly, referenceTypes: ['uri'] }),
      attribute('version', 'string', 'The version of the resource, as in the ETag header.', readOnly),
    ],
    { mutability: 'readOnly' },
  ),
];
