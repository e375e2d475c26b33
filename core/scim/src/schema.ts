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

/** An attribute's name never has a colon; the URN of an extension always has. */
export const isUrn = (key: string): boolean => key.includes(':');

/** RFC 7643 §3: the core schema, and the extensions the resource has attributes of. */
export const schemasOf = (resource: JsonObject, coreUrn: string): readonly string[] => [
  coreUrn,
  ...Object.keys(resource).filter(isUrn),
];

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same JSON, whatever the order of names. */
export const sameJson = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((value, i) => sameJson(value, b[i]));
  }
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]));
};

/** Array.isArray, which does not narrow readonly arrays. */
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export const isJsonObject = (value: Json | undefined): value is JsonObject => isObject(value);
