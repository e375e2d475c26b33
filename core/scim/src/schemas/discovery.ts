import { type Attribute, attribute, complex } from '../attribute.ts';
import { schemaUrns } from '../names.ts';
import type { Schema } from '../schema.ts';

/** RFC 7643 §8.7.2, with `pagination` of RFC 9865 §4: the schemas of what tells about schemas. All of it is readOnly. */

type Simple = Exclude<Attribute['type'], 'complex'>;

const readOnly = { mutability: 'readOnly', caseExact: true } as const;
const required = { ...readOnly, required: true } as const;

const text = (name: string, description: string, more: object = readOnly): Attribute =>
  attribute(name, 'string', description, { ...readOnly, ...more });
const simple = (name: string, type: Simple, description: string, more: object = required): Attribute =>
  attribute(name, type, description, { ...readOnly, ...more });

const supported = simple('supported', 'boolean', 'True: it is supported.');
const feature = (name: string, description: string, subAttributes: readonly Attribute[] = []): Attribute =>
  complex(name, description, [supported, ...subAttributes], required);

const serviceProviderConfig: Schema = {
  id: schemaUrns.serviceProviderConfig,
  name: 'Service Provider Configuration',
  description: 'What this service provider can do.',
  attributes: [
    simple('documentationUri', 'reference', 'Where people read about it.', { referenceTypes: ['external'] }),
    feature('patch', 'PATCH.'),
    feature('bulk', 'Bulk operations.', [
      simple('maxOperations', 'integer', 'Operations in a request at most.'),
      simple('maxPayloadSize', 'integer', 'Bytes of a request at most.'),
    ]),
    feature('filter', 'Filters.', [simple('maxResults', 'integer', 'Resources in an answer at most.')]),
    feature('changePassword', 'Passwords can be changed.'),
    feature('sort', 'Sorting.'),
    feature('etag', 'Versions.'),
    complex(
      'pagination',
      'Paging (RFC 9865).',
      [
        simple('cursor', 'boolean', 'By cursor.'),
        simple('index', 'boolean', 'By index.'),
        text('defaultPaginationMethod', 'What is done when nothing is asked.', { canonicalValues: ['cursor', 'index'] }),
        simple('defaultPageSize', 'integer', 'Resources in a page when nothing is asked.', {}),
        simple('maxPageSize', 'integer', 'Resources in a page at most.', {}),
        simple('cursorTimeout', 'integer', 'Seconds a cursor is valid.', {}),
      ],
      readOnly,
    ),
    complex(
      'authenticationSchemes',
      'How clients prove who they are.',
      [
        text('type', 'The scheme.', {
          required: true,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        text('name', 'Its name.', required),
        text('description', 'What it is.', required),
        simple('specUri', 'reference', 'Where it is specified.', { referenceTypes: ['external'] }),
        simple('documentationUri', 'reference', 'Where people read about it.', { referenceTypes: ['external'] }),
        simple('primary', 'boolean', 'True of the preferred scheme.', {}),
      ],
      { ...required, multiValued: true },
    ),
  ],
};

const resourceType: Schema = {
  id: schemaUrns.resourceType,
  name: 'ResourceType',
  description: 'A type of resource.',
  attributes: [
    text('name', 'Its name.', required),
    text('description', 'What it is.'),
    simple('endpoint', 'reference', 'Where it is, below the base URL.', { required: true, referenceTypes: ['uri'] }),
    simple('schema', 'reference', 'The URN of its core schema.', { required: true, referenceTypes: ['uri'] }),
    complex(
      'schemaExtensions',
      'Its extensions.',
      [
        simple('schema', 'reference', 'The URN of the extension.', { required: true, referenceTypes: ['uri'] }),
        simple('required', 'boolean', 'True: every resource has it.'),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
};

/** The characteristics of an attribute, which are the same for a sub-attribute. */
const characteristics: readonly Attribute[] = [
  text('name', 'The name of the attribute.', required),
  text('type', 'The type of its values.', {
    required: true,
    canonicalValues: ['string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
  }),
  simple('multiValued', 'boolean', 'True: it has several values.'),
  text('description', 'What it is.'),
  simple('required', 'boolean', 'True: it must be there.'),
  text('canonicalValues', 'Values to use.', { multiValued: true }),
  simple('caseExact', 'boolean', 'True: the case of values matters.', {}),
  text('mutability', 'Who may change it.', { canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] }),
  text('returned', 'When it is returned.', { canonicalValues: ['always', 'never', 'default', 'request'] }),
  text('uniqueness', 'How far a value is unique.', { canonicalValues: ['none', 'server', 'global'] }),
  text('referenceTypes', 'What a reference may refer to.', { multiValued: true }),
];

const schema: Schema = {
  id: schemaUrns.schema,
  name: 'Schema',
  description: 'A schema.',
  attributes: [
    text('name', 'Its name.'),
    text('description', 'What it is.'),
    complex(
      'attributes',
      'Its attributes.',
      [
        ...characteristics,
        // RFC 7643 §8.7.2: the one complex attribute within a complex one.
        complex('subAttributes', 'The parts of a complex attribute.', characteristics, { ...readOnly, multiValued: true }),
      ],
      { ...required, multiValued: true },
    ),
  ],
};

export const discoverySchemas: readonly Schema[] = [serviceProviderConfig, resourceType, schema];
