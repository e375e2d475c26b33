/** Signatures of what is being built; each moves to its own file when it is whole. */
import type { DialectName } from './dialect.ts';
import type { ScimError } from './errors.ts';
import type { FilterLimits, ResolvedFilter, Target } from './filter/filter.ts';
import type { Json, JsonObject, Resource, ResourceType, Schema } from './schema.ts';

export declare const defineExtension: (definition: unknown) => Schema;

export declare const readResource: (json: unknown, type: ResourceType, dialect: DialectName) => Resource;

/** What a PUT or PATCH did. */
export interface Change {
  readonly resource: Resource;
  /** Attributes that differ now (`userName`, `urn:...:User:department`), without the one kept as rows; empty: nothing changed. */
  readonly changed: readonly string[];
  /** Of the attribute kept as rows; undefined: not touched. */
  readonly rows: RowsChange | undefined;
}
/** First all rows are removed if `clear`; then the `remove` and the `add`. No value is in both. */
export interface RowsChange {
  readonly clear: boolean;
  readonly remove: readonly string[];
  /** Each with a `value`; no two with the same. Adding one that is present changes nothing. */
  readonly add: readonly JsonObject[];
}
/** `current` without its rows. */
export declare const replaceResource: (current: Resource, next: Resource, type: ResourceType) => Change;

export interface PatchRequest {
  readonly type: ResourceType;
  readonly dialect: DialectName;
  readonly operations: readonly unknown[];
  /** True: `applyPatch` must be handed the resource with its rows. */
  readonly needsRows: boolean;
}
export declare const readPatch: (json: unknown, type: ResourceType, dialect: DialectName, limits?: FilterLimits) => PatchRequest;
export declare const applyPatch: (resource: Resource, request: PatchRequest) => Change;

export interface Projection {
  readonly type: ResourceType;
}
export declare const readProjection: (
  input: { readonly attributes?: readonly string[]; readonly excludedAttributes?: readonly string[] },
  type: ResourceType,
  dialect: DialectName,
) => Projection;
/** Is this attribute asked for (`members`, `groups`)? Ask before reading what is dear. */
export declare const wants: (projection: Projection, attribute: string) => boolean;
export declare const project: (resource: Resource, projection: Projection) => JsonObject;

/** What a list query asks, for one resource type. */
export interface ListQuery {
  readonly filter: ResolvedFilter | undefined;
  readonly sortBy: Target | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** From 1. */
  readonly startIndex: number;
  /** 0: only the total. */
  readonly count: number;
  /** RFC 9865; '' asks for the first page; undefined: paging by index. */
  readonly cursor: string | undefined;
  readonly projection: Projection;
}
export interface ListLimits {
  readonly defaultCount: number;
  readonly maxCount: number;
  readonly filter: FilterLimits;
}
/** The parameters of a GET, decoded: a name given twice has an array. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>;
export interface ListOptions {
  readonly dialect: DialectName;
  readonly limits: ListLimits;
  /** `absent` for a query that spans several types. */
  readonly unknown?: 'refuse' | 'absent';
}
export declare const readListQuery: (parameters: QueryParameters, type: ResourceType, options: ListOptions) => ListQuery;
/** The body of POST .search. */
export declare const readSearchRequest: (json: unknown, type: ResourceType, options: ListOptions) => ListQuery;
/** `attributes` and `excludedAttributes` of a request for one resource. */
export declare const readResourceQuery: (parameters: QueryParameters, type: ResourceType, dialect: DialectName) => Projection;
/** Sorts as `sortBy` asks, slowly: what the database must do. */
export declare const compareBy: (target: Target, order: 'ascending' | 'descending') => (a: Resource, b: Resource) => number;
export declare const listResponse: (page: {
  readonly resources: readonly JsonObject[];
  readonly totalResults?: number;
  readonly startIndex?: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}) => JsonObject;

/** `W/"7"`: for `meta.version` and ETag. */
export declare const writeVersion: (version: string | number) => string;
/** Throws `preconditionFailed` unless the If-Match header allows this version (undefined: there is no resource). */
export declare const checkIfMatch: (header: string | undefined, version: string) => void;
/** True: answer 304. */
export declare const isNotModified: (ifNoneMatch: string | undefined, version: string) => boolean;

export interface BulkOperation {
  /** Place in the request, from 0. */
  readonly index: number;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly bulkId: string | undefined;
  readonly version: string | undefined;
  readonly type: ResourceType;
  /** Undefined for POST; may be `bulkId:x` until `resolveBulkIds`. */
  readonly id: string | undefined;
  readonly data: Json | undefined;
}
/**
 * `complete`: the operation was run before with the references left out that lead in a circle; give the resource its whole data now.
 * `refuse`: the operation is refused as it stands.
 */
export type BulkStep =
  | { readonly kind: 'run' | 'complete'; readonly operation: BulkOperation }
  | {
      readonly kind: 'refuse';
      readonly index: number;
      readonly method: string;
      readonly bulkId: string | undefined;
      readonly error: ScimError;
    };
export interface BulkPlan {
  /** Stop after so many errors; undefined: never. */
  readonly failOnErrors: number | undefined;
  readonly steps: readonly BulkStep[];
}
export declare const planBulk: (
  json: unknown,
  options: { readonly types: readonly ResourceType[]; readonly maxOperations: number },
) => BulkPlan;
/** The operation with the ids its references stand for; throws `conflict` for one whose operation has failed. */
export declare const resolveBulkIds: (step: BulkStep, ids: ReadonlyMap<string, string>) => BulkOperation;
export declare const bulkResponse: (
  results: readonly {
    readonly method: string;
    readonly bulkId?: string | undefined;
    readonly location?: string | undefined;
    readonly version?: string | undefined;
    readonly status: number;
    readonly response?: unknown;
  }[],
) => JsonObject;

export interface Discovery {
  /** Absolute, without a slash at its end. */
  readonly baseUrl: string;
  readonly types: readonly ResourceType[];
  readonly documentationUri?: string;
  readonly bulk: { readonly supported: boolean; readonly maxOperations: number; readonly maxPayloadSize: number };
  readonly maxResults: number;
  readonly changePassword: boolean;
  readonly sort: boolean;
  readonly etag: boolean;
  readonly pagination: {
    readonly cursor: boolean;
    readonly index: boolean;
    readonly defaultPageSize: number;
    readonly maxPageSize: number;
    /** Seconds. */
    readonly cursorTimeout?: number;
  };
}
export declare const serviceProviderConfig: (discovery: Discovery) => JsonObject;
export declare const resourceTypeDocuments: (discovery: Discovery) => readonly JsonObject[];
export declare const schemaDocuments: (discovery: Discovery) => readonly JsonObject[];
