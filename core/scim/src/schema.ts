import type { Attribute } from './attribute.ts';

/** RFC 7643 §7. */
export interface Schema {
  /** Its URN. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** RFC 7643 §6, `schemaExtensions`. */
export interface SchemaExtension {
  readonly schema: Schema;
  /** True: every resource of the type has it. */
  readonly required: boolean;
}

/** RFC 7643 §6. */
export interface ResourceType {
  readonly name: string;
  readonly description: string;
  /** Below the base URL: `/Users`. */
  readonly endpoint: string;
  readonly schema: Schema;
  readonly extensions: readonly SchemaExtension[];
  /**
   * The multi-valued attribute that is kept as rows, not with the resource: PATCH tells its changes as a delta and reads its present
   * values only when an operation cannot do without.
   */
  readonly rows?: string;
}

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * A resource as this core has read it: the names as the schemas spell them, what an extension defines below the extension's URN, nothing
 * that is unassigned (no null, no empty array). `schemas` is not part of it: `project` writes it.
 */
export type Resource = JsonObject;
