import type { Attribute } from '../attribute.ts';

/** RFC 7644 §3.4.2.2, Table 3; `pr` is a kind of its own. */
export type CompareOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A name as written: `urn:...:User:name.familyName`. Case is kept; which attribute it is, `resolveFilter` says. */
export interface AttributeName {
  readonly urn?: string;
  readonly name: string;
  readonly sub?: string;
  /** Where it begins in the text, from 0. */
  readonly at: number;
}

/** A filter as parsed, knowing no schema. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly attribute: AttributeName }
  | {
      readonly kind: 'compare';
      readonly attribute: AttributeName;
      readonly operator: CompareOperator;
      readonly value: string | number | boolean | null;
    }
  | { readonly kind: 'valuePath'; readonly attribute: AttributeName; readonly filter: Filter };

/** A PATCH path as parsed (RFC 7644 §3.5.2, Figure 7): an attribute, perhaps which of its values, perhaps which part of them. */
export interface Path {
  readonly attribute: AttributeName;
  readonly filter?: Filter;
  /** After a filter: `emails[type eq "work"].value`. */
  readonly sub?: string;
}

/** What a name means in a resource type. */
export interface Target {
  /** The URN of the schema that defines it; the core schema's for `id`, `externalId`, `meta` and `schemas`. */
  readonly schema: string;
  /** True: the resource keeps it below the URN. */
  readonly extension: boolean;
  readonly attribute: Attribute;
  readonly sub?: Attribute;
}

/**
 * A filter of which every name is known and every value has the type of its attribute. What only looks like a comparison is said
 * plainly: `eq null` is not present, `emails co "x"` is `emails.value co "x"`. The targets inside a value path name the same attribute
 * as the path; their `sub` is the part of the one value that is looked at (none: the value itself).
 */
export type ResolvedFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly ResolvedFilter[] }
  | { readonly kind: 'not'; readonly filter: ResolvedFilter }
  | { readonly kind: 'present'; readonly target: Target }
  | {
      readonly kind: 'compare';
      readonly target: Target;
      readonly operator: CompareOperator;
      /** Of a dateTime: milliseconds since 1970, perhaps with a fraction. */
      readonly value: string | number | boolean;
    }
  | { readonly kind: 'valuePath'; readonly target: Target; readonly filter: ResolvedFilter }
  /** About an attribute that this type does not have, in a query that spans several types (RFC 7644 §3.4.2.1). */
  | { readonly kind: 'constant'; readonly value: boolean };

export interface FilterLimits {
  /** Characters of the text. */
  readonly maxLength: number;
  /** Parentheses, brackets and `not` within each other. */
  readonly maxDepth: number;
  /** Comparisons. */
  readonly maxTerms: number;
}

export const defaultFilterLimits: FilterLimits = { maxLength: 65_536, maxDepth: 32, maxTerms: 1_000 };
