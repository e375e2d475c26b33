import type { Attribute } from './attribute.ts';
import { schemaUrns } from './names.ts';
import type { JsonObject, ResourceType, Schema } from './schema.ts';
import { discoverySchemas } from './schemas/discovery.ts';

/** What a server can do; the documents of RFC 7643 §5 to §7 are made of it and of the tables that everything else follows. */
export interface Discovery {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string;
  readonly types: readonly ResourceType[];
  readonly documentationUri?: string;
  readonly bulk: { readonly supported: boolean; readonly maxOperations: number; readonly maxPayloadSize: number };
  /** Of a filter. */
  readonly maxResults: number;
  readonly changePassword: boolean;
  readonly sort: boolean;
  readonly etag: boolean;
  /** RFC 9865. Without parameters, pages are counted by index, as every client expects. */
  readonly pagination: {
    readonly cursor: boolean;
    readonly defaultPageSize: number;
    readonly maxPageSize: number;
    /** Seconds. */
    readonly cursorTimeout?: number;
  };
}

export const serviceProviderConfig = (discovery: Discovery): JsonObject => {
  const { baseUrl, documentationUri, bulk, maxResults, changePassword, sort, etag, pagination } = discovery;
  return {
    schemas: [schemaUrns.serviceProviderConfig],
    ...(documentationUri === undefined ? {} : { documentationUri }),
    patch: { supported: true },
    bulk,
    filter: { supported: true, maxResults },
    changePassword: { supported: changePassword },
    sort: { supported: sort },
    etag: { supported: etag },
    pagination: { ...pagination, index: true, defaultPaginationMethod: 'index' },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A bearer token of this endpoint in the Authorization header (RFC 6750).',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
};

export const resourceTypeDocuments = ({ baseUrl, types }: Discovery): readonly JsonObject[] =>
  types.map(({ name, description, endpoint, schema, extensions }) => ({
    schemas: [schemaUrns.resourceType],
    id: name,
    name,
    description,
    endpoint,
    schema: schema.id,
    schemaExtensions: extensions.map((extension) => ({ schema: extension.schema.id, required: extension.required })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${name}` },
  }));

const attributeDocument = ({ closed: _, subAttributes, ...characteristics }: Attribute): JsonObject => ({
  ...characteristics,
  ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(attributeDocument) }),
});

/** The schemas of the types and their extensions, and of these documents themselves (RFC 7643 §8.7). */
export const schemaDocuments = ({ baseUrl, types }: Discovery): readonly JsonObject[] => {
  const all = types.flatMap(({ schema, extensions }) => [schema, ...extensions.map((extension) => extension.schema)]);
  const byId = new Map<string, Schema>([...all, ...discoverySchemas].map((schema) => [schema.id, schema]));
  return [...byId.values()].map(({ id, name, description, attributes }) => ({
    schemas: [schemaUrns.schema],
    id,
    name,
    description,
    attributes: attributes.map(attributeDocument),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
  }));
};
