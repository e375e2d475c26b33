/** Signatures of what is being built; each moves to its own file when it is whole. */
import type { ScimError } from './errors.ts';
import type { Json, JsonObject, ResourceType, Schema } from './schema.ts';

export declare const defineExtension: (definition: unknown) => Schema;

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
