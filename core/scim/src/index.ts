/** SCIM 2.0: schema, filter, path, PATCH, projection, lists, bulk, discovery, client dialects. The only door of this core. */

export type { Attribute, AttributeType } from './attribute.ts';
/**
 * Bulk: the operations in an order in which every reference is known, circles included; `ids` grows as operations succeed.
 * @example for (const step of planBulk(body, { types, maxOperations: 1000 }).steps) if (step.kind === 'run') run(resolveBulkIds(step, ids))
 */
export {
  type BulkMethod,
  type BulkOperation,
  type BulkPlan,
  type BulkStep,
  bulkResponse,
  planBulk,
  resolveBulkIds,
} from './bulk.ts';
/**
 * Clients' habits, and which of them contradict the RFCs.
 * @example deviationsOf('entra') // [{ quirk: 'replaceCreatesElement', meaning: '...', clause: 'RFC 7644 §3.5.2.3: noTarget' }, ...]
 */
export {
  type DialectName,
  deviationsOf,
  dialectNames,
  type Quirk,
  type QuirkName,
  quirks,
  understands,
} from './dialect.ts';
/**
 * What the server says of itself, from the very tables it works by.
 * @example serviceProviderConfig(discovery).patch // { supported: true }
 */
export { type Discovery, resourceTypeDocuments, schemaDocuments, serviceProviderConfig } from './discovery.ts';
/**
 * A refusal, and the message RFC 7644 §3.12 makes of it.
 * @example errorBody(new ScimError('notFound', 'There is no user 7.')) // { schemas: [...], status: '404', detail: '...' }
 */
export { type ErrorBody, errorBody, ScimError, type ScimErrorCode } from './errors.ts';
/**
 * A schema of one's own; throws `ScimError('invalidValue')` with what is wrong about the definition.
 * @example defineExtension({ id: 'urn:example:2.0:User', name: 'Badge', attributes: [{ name: 'badge', type: 'string' }] })
 */
export { defineExtension } from './extension.ts';
/**
 * Is a filter true of a resource? Slow and obvious: what the database's answer is measured by.
 * @example evaluateFilter(resolveFilter(parseFilter('userName sw "j"'), userType), { userName: 'jane@acme.com' }) // true
 */
export { evaluateFilter } from './filter/evaluate.ts';
export {
  type AttributeName,
  type CompareOperator,
  defaultFilterLimits,
  type Filter,
  type FilterLimits,
  type Path,
  type ResolvedFilter,
  type Target,
} from './filter/filter.ts';
/**
 * The text of a filter or of a PATCH path, parsed by one grammar; throws `ScimError('invalidFilter')`, of a path `invalidPath`, with the
 * character where it goes wrong.
 * @example parseFilter('emails[type eq "work"] and title pr'); parsePath('emails[type eq "work"].value')
 */
export { type ParseOptions, parseFilter, parsePath } from './filter/parse.ts';
/**
 * A filter, a path or a name as text.
 * @example printFilter(parseFilter('( title PR )')) // 'title pr'
 */
export { printFilter, printPath, printTarget } from './filter/print.ts';
/**
 * What a filter's names and values mean in a resource type; throws `ScimError('invalidFilter')` for one that means nothing.
 * @example resolveFilter(parseFilter('manager eq "7"'), userType) // ...:User:manager.value eq "7"
 */
export { type ResolveOptions, resolveFilter } from './filter/resolve.ts';
/**
 * Queries by URL or by POST .search, the order they ask for, and the message that answers.
 * @example const { filter, startIndex, count, projection } = readListQuery(query, userType, { dialect: 'standard', limits })
 */
export {
  compareBy,
  type ListLimits,
  type ListOptions,
  type ListQuery,
  listResponse,
  type QueryParameters,
  readListQuery,
  readResourceQuery,
  readSearchRequest,
} from './list.ts';
/**
 * The URNs of the RFCs.
 * @example schemaUrns.user // 'urn:ietf:params:scim:schemas:core:2.0:User'
 */
export { messageUrns, schemaUrns } from './names.ts';
/**
 * PATCH: the message read and checked against the schemas, then applied to a resource, all or nothing. Of a group only what changes about
 * its members is told, and `needsRows` says whether the present members are needed for it.
 * @example const request = readPatch(body, groupType, 'entra'); const { resource, rows } = applyPatch(group, request)
 */
export { applyPatch } from './patch.ts';
export { type PatchRequest, readPatch } from './patch-request.ts';
/**
 * What of a resource is returned. `wants` tells before anything is read whether members or groups are asked for.
 * @example project(user, readProjection({ attributes: ['name.givenName'] }, userType, 'standard')) // { schemas, id, name: { givenName } }
 */
export { type Projection, project, readProjection, wants } from './projection.ts';
/**
 * The body of a POST or PUT, read; and what a PUT makes of the present resource. Both throw `ScimError`.
 * @example const { resource, changed, rows } = replaceResource(current, readResource(body, userType, 'standard'), userType)
 */
export { type Change, type RowsChange, readResource, replaceResource } from './resource.ts';
/**
 * The resource types of RFC 7643, and how one gets extensions of one's own.
 * @example const type = extendType(userType, [{ schema: defineExtension(definition), required: false }])
 */
export { extendType, groupType, userType } from './resource-types.ts';
export type { Json, JsonObject, Resource, ResourceType, Schema, SchemaExtension } from './schema.ts';
/**
 * How values are compared: texts that are not caseExact by `foldValue`, in the order of `compareText`, dates as instants.
 * @example foldValue('ÉMILE') === foldValue('émile') // true
 */
export { compareText, foldValue, parseDateTime } from './value.ts';
/**
 * Versions and preconditions (RFC 7644 §3.14).
 * @example checkIfMatch(request.headers['if-match'], writeVersion(user.version))
 */
export { checkIfMatch, isNotModified, writeVersion } from './version.ts';
