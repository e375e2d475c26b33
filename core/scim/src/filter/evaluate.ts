import { valueIn } from '../resource.ts';
import { isJsonObject, isList, type Json, type Resource, schemasOf } from '../schema.ts';
import { compareText, foldValue, parseDateTime } from '../value.ts';
import type { CompareOperator, ResolvedFilter, Target } from './filter.ts';

type Compare = Extract<ResolvedFilter, { kind: 'compare' }>;

/** `schemas` is no part of a resource as kept: it follows from what the resource has. */
const valueOfTarget = (resource: Resource, target: Target): Json | undefined =>
  target.attribute.name === 'schemas' && !target.extension ? schemasOf(resource, target.schema) : valueIn(resource, target);

const asList = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : isList(value) ? value : [value]);

/** The part of one value that the target names: itself, or its sub-attribute. */
const part = (value: Json, { sub }: Target): readonly Json[] => {
  if (sub === undefined) return [value];
  const found = isJsonObject(value) ? value[sub.name] : undefined;
  return found === undefined ? [] : asList(found);
};

/** RFC 7644 §3.4.2.2: an empty text and a complex value without parts are not present. */
const isPresent = (value: Json): boolean =>
  value !== null && value !== '' && !(isJsonObject(value) && Object.keys(value).length === 0);

const byOrder: Readonly<Record<Exclude<CompareOperator, 'co' | 'sw' | 'ew'>, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const compareTexts = (operator: CompareOperator, a: string, b: string): boolean => {
  switch (operator) {
    case 'co':
      return a.includes(b);
    case 'sw':
      return a.startsWith(b);
    case 'ew':
      return a.endsWith(b);
    default:
      return byOrder[operator](compareText(a, b));
  }
};

const compareOne = (value: Json, { target, operator, value: wanted }: Compare): boolean => {
  const compared = target.sub ?? target.attribute;
  if (typeof wanted === 'string') {
    if (typeof value !== 'string') return false;
    return compared.caseExact
      ? compareTexts(operator, value, wanted)
      : compareTexts(operator, foldValue(value), foldValue(wanted));
  }
  if (operator === 'co' || operator === 'sw' || operator === 'ew') return false;
  const present = compared.type === 'dateTime' && typeof value === 'string' ? parseDateTime(value) : value;
  if (typeof present !== 'number' && typeof present !== 'boolean') return false;
  return byOrder[operator](Number(present) - Number(wanted));
};

const compareAny = (values: readonly Json[], filter: Compare): boolean =>
  // What has no value is not identical to any: ne is true of it.
  values.length === 0 ? filter.operator === 'ne' : values.some((value) => compareOne(value, filter));

/** `one`: inside brackets, the value that is looked at. */
const evaluate = (filter: ResolvedFilter, resource: Resource, one: Json | undefined): boolean => {
  const values = (target: Target): readonly Json[] =>
    one === undefined ? asList(valueOfTarget(resource, target)).flatMap((value) => part(value, target)) : part(one, target);
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => evaluate(each, resource, one));
    case 'or':
      return filter.filters.some((each) => evaluate(each, resource, one));
    case 'not':
      return !evaluate(filter.filter, resource, one);
    case 'constant':
      return filter.value;
    case 'present':
      return values(filter.target).some(isPresent);
    case 'compare':
      return compareAny(values(filter.target), filter);
    case 'valuePath':
      return asList(valueOfTarget(resource, filter.target)).some((value) => evaluate(filter.filter, resource, value));
  }
};

export const evaluateFilter = (filter: ResolvedFilter, resource: Resource): boolean => evaluate(filter, resource, undefined);

/** Does one value of a multi-valued attribute match the filter in the brackets? */
export const evaluateValueFilter = (filter: ResolvedFilter, value: Json): boolean => evaluate(filter, {}, value);
