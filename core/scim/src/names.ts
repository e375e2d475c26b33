/** The names RFC 7643 and RFC 7644 give to schemas and messages. */

/** RFC 7643 §10.3. */
export const schemaUrns = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterpriseUser: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  serviceProviderConfig: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
} as const;

/** RFC 7644 §8.2. */
export const messageUrns = {
  listResponse: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  searchRequest: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patchOp: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** Names are compared without regard to case (RFC 7643 §2.1, RFC 7644 §3.4.2.2); they are ASCII. */
export const foldName = (name: string): string => name.toLowerCase();

/** Names that reach into what objects inherit. No attribute, schema or key of a message may have one. */
export const isForbiddenName = (name: string): boolean => {
  const folded = foldName(name);
  return folded === '__proto__' || folded === 'constructor' || folded === 'prototype';
};
