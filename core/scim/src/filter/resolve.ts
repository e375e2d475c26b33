import type { AttributeType } from '../attribute.ts';
import { findName, findSub } from '../catalog.ts';
import { ScimError } from '../errors.ts';
import { foldName } from '../names.ts';
import type { ResourceType } from '../schema.ts';
import { parseDateTime } from '../value.ts';
import type { AttributeName, CompareOperator, Filter, ResolvedFilter, Target } from './filter.ts';

export interface ResolveOptions {
  /** `absent`: an attribute the type has not is one without a value, as in a query over several types (RFC 7644 §3.4.2.1). */
  readonly unknown?: 'refuse' | 'absent';
}

/** Where names are looked up: in a resource, or in one value of an attribute. */
interface Scope {
  readonly type: ResourceType;
  readonly inside: Target | undefined;
  readonly unknown: 'refuse' | 'absent';
  readonly code: 'invalidFilter' | 'invalidPath';
}

const equality: ReadonlySet<CompareOperator> = new Set(['eq', 'ne']);
const ordering: ReadonlySet<CompareOperator> = new Set([...equality, 'gt', 'ge', 'lt', 'le']);
const text: ReadonlySet<CompareOperator> = new Set([...ordering, 'co', 'sw', 'ew']);

/** RFC 7644 §3.4.2.2, Table 3: boolean and binary values have no order; only texts have parts. */
const operators: Readonly<Record<Exclude<AttributeType, 'complex'>, ReadonlySet<CompareOperator>>> = {
  string: text,
  reference: text,
  binary: new Set([...equality, 'co', 'sw', 'ew']),
  boolean: equality,
  integer: ordering,
  decimal: ordering,
  dateTime: ordering,
};

const refuse = ({ code }: Scope, name: AttributeName, problem: string): ScimError =>
  new ScimError(code, `At character ${name.at + 1}: ${problem}.`);

/** The attribute a name stands for; undefined: it is unknown, and may be. */
const resolveName = (name: AttributeName, scope: Scope): Target | undefined => {
  if (scope.inside !== undefined) {
    const { attribute } = scope.inside;
    if (name.urn !== undefined || name.sub !== undefined) {
      throw refuse(scope, name, `inside the brackets, name a sub-attribute of ${attribute.name} alone`);
    }
    // RFC 7643 §2.4: "value" is what a value of a simple attribute is called.
    if (attribute.subAttributes === undefined && foldName(name.name) === 'value') return scope.inside;
    const sub = findSub(attribute, name.name);
    if (sub === undefined) throw refuse(scope, name, `${attribute.name} has no sub-attribute ${name.name}`);
    return { ...scope.inside, sub };
  }
  const found = findName(name, scope.type);
  if (found.kind === 'target') {
    // A filter on what is never shown would tell it letter by letter.
    if ((found.target.sub ?? found.target.attribute).returned === 'never') {
      throw refuse(scope, name, `${found.target.attribute.name} is never returned and cannot be asked for`);
    }
    return found.target;
  }
  if (scope.unknown === 'absent') return undefined;
  throw refuse(scope, name, found.kind === 'unknown' ? found.problem : `name an attribute after the URN ${found.schema.id}`);
};

/** The value as the attribute's type has it; undefined: it is of another type. */
const convert = (value: string | number | boolean, type: AttributeType): string | number | boolean | undefined => {
  switch (type) {
    case 'boolean': {
      // Entra ID writes roles[primary eq "True"].
      const folded = typeof value === 'string' ? foldName(value) : value;
      return folded === true || folded === 'true' ? true : folded === false || folded === 'false' ? false : undefined;
    }
    case 'integer':
    case 'decimal':
      return typeof value === 'number' ? value : undefined;
    case 'dateTime':
      return typeof value === 'string' ? parseDateTime(value) : undefined;
    default:
      return typeof value === 'string' ? value : undefined;
  }
};

const resolveCompare = (filter: Extract<Filter, { kind: 'compare' }>, scope: Scope): ResolvedFilter => {
  const { attribute: name, operator, value } = filter;
  const target = resolveName(name, scope);
  if (value === null) {
    if (!equality.has(operator)) throw refuse(scope, name, `null is compared with eq or ne, not with ${operator}`);
    // RFC 7643 §2.5: null is what has no value.
    const present: ResolvedFilter = target === undefined ? { kind: 'constant', value: false } : { kind: 'present', target };
    return operator === 'ne' ? present : { kind: 'not', filter: present };
  }
  if (target === undefined) return { kind: 'constant', value: operator === 'ne' };
  const compared = target.sub ?? target.attribute;
  if (compared.type === 'complex') {
    // RFC 7644 §3.4.2.2 writes emails co "example.com" for emails.value.
    const sub = findSub(compared, 'value');
    if (sub === undefined) throw refuse(scope, name, `${compared.name} is complex: name one of its sub-attributes`);
    return resolveCompare({ ...filter, attribute: { ...name, sub: sub.name } }, scope);
  }
  if (!operators[compared.type].has(operator)) {
    throw refuse(scope, name, `${compared.name} is of type ${compared.type}, which has no operator ${operator}`);
  }
  const converted = convert(value, compared.type);
  if (converted === undefined) {
    throw refuse(scope, name, `${compared.name} is of type ${compared.type}; ${JSON.stringify(value)} is not`);
  }
  return { kind: 'compare', target, operator, value: converted };
};

const resolve = (filter: Filter, scope: Scope): ResolvedFilter => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, filters: filter.filters.map((part) => resolve(part, scope)) };
    case 'not':
      return { kind: 'not', filter: resolve(filter.filter, scope) };
    case 'present': {
      const target = resolveName(filter.attribute, scope);
      return target === undefined ? { kind: 'constant', value: false } : { kind: 'present', target };
    }
    case 'compare':
      return resolveCompare(filter, scope);
    case 'valuePath': {
      const target = resolveName(filter.attribute, scope);
      if (target === undefined) return { kind: 'constant', value: false };
      return { kind: 'valuePath', target, filter: resolveInside(filter.filter, target, filter.attribute, scope) };
    }
  }
};

const resolveInside = (filter: Filter, target: Target, name: AttributeName, scope: Scope): ResolvedFilter => {
  if (target.sub !== undefined) throw refuse(scope, name, 'brackets follow an attribute, not a sub-attribute');
  const { attribute } = target;
  if (!attribute.multiValued && attribute.type !== 'complex') {
    throw refuse(scope, name, `${attribute.name} has one simple value, of which brackets choose nothing`);
  }
  return resolve(filter, { ...scope, inside: target });
};

export const resolveFilter = (filter: Filter, type: ResourceType, { unknown = 'refuse' }: ResolveOptions = {}): ResolvedFilter =>
  resolve(filter, { type, inside: undefined, unknown, code: 'invalidFilter' });

/** The filter in the brackets of a PATCH path. */
export const resolveValueFilter = (filter: Filter, target: Target, name: AttributeName, type: ResourceType): ResolvedFilter =>
  resolveInside(filter, target, name, { type, inside: undefined, unknown: 'refuse', code: 'invalidPath' });
