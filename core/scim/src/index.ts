/** SCIM 2.0: schema, filter, path, PATCH, projection, lists, bulk, discovery, client dialects. The only door of this core. */

export type { Attribute, AttributeType } from './attribute.ts';
export type { DialectName } from './dialect.ts';
export { type ErrorBody, errorBody, ScimError, type ScimErrorCode } from './errors.ts';
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
export { messageUrns, schemaUrns } from './names.ts';
export * from './planned.ts';
export { extendType, groupType, userType } from './resource-types.ts';
export type { Json, JsonObject, Resource, ResourceType, Schema, SchemaExtension } from './schema.ts';
