import { findName, findSub } from './catalog.ts';
import type { DialectName } from './dialect.ts';
import { ScimError } from './errors.ts';
import type { FilterLimits, ResolvedFilter, Target } from './filter/filter.ts';
import { parseFilter, parsePath } from './filter/parse.ts';
import { resolveFilter } from './filter/resolve.ts';
import { foldName, messageUrns } from './names.ts';
import { type Projection, readProjection } from './projection.ts';
import { isPrimary, readKeys } from './read-value.ts';
import { valueIn } from './resource.ts';
import { isJsonObject, isList, isObject, type Json, type JsonObject, type Resource, type ResourceType } from './schema.ts';
import { compareText, foldValue, parseDateTime } from './value.ts';

/** What a query asks of one resource type (RFC 7644 §3.4.2). */
export interface ListQuery {
  readonly filter: ResolvedFilter | undefined;
  readonly sortBy: Target | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** From 1. */
  readonly startIndex: number;
  /** 0: only the total is asked for. */
  readonly count: number;
  /** RFC 9865: '' asks for the first page; undefined: pages are counted by index. */
  readonly cursor: string | undefined;
  readonly projection: Projection;
}

export interface ListLimits {
  readonly defaultCount: number;
  readonly maxCount: number;
  readonly filter: FilterLimits;
}

/** The parameters of a URL, decoded; what is given twice has an array. */
export type QueryParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface ListOptions {
  readonly dialect: DialectName;
  readonly limits: ListLimits;
  /** `absent`: the query spans several types, so an attribute this one has not is one without a value (RFC 7644 §3.4.2.1). */
  readonly unknown?: 'refuse' | 'absent';
}

/** What both forms of a query say, as texts. */
interface Parameters {
  readonly one: (name: string) => string | undefined;
  readonly many: (name: string) => readonly string[];
}

const split = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Parameters nobody knows are ignored: Entra ID's flags are glued to the address. */
const ofUrl = (parameters: QueryParameters): Parameters => {
  const folded = new Map(Object.keys(parameters).map((name) => [foldName(name), parameters[name]]));
  return {
    one: (name) => {
      const value = folded.get(foldName(name));
      if (value === undefined || typeof value === 'string') return value;
      if (value.length > 1) throw new ScimError('invalidValue', `The parameter ${name} is given ${value.length} times.`);
      return value[0];
    },
    many: (name) => [folded.get(foldName(name)) ?? []].flat().flatMap(split),
  };
};

const integer = (text: string | undefined, name: string, code: 'invalidValue' | 'invalidCount'): number | undefined => {
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new ScimError(code, `${name} is a whole number, not "${text.slice(0, 40)}".`);
  return Number(text);
};

const readSortBy = (text: string, type: ResourceType, unknown: 'refuse' | 'absent'): Target | undefined => {
  const { attribute: name, filter } = parsePath(text);
  const found = findName(name, type);
  if (found.kind !== 'target') {
    if (unknown === 'absent') return undefined;
    throw new ScimError('invalidPath', `sortBy: ${found.kind === 'unknown' ? found.problem : `${text} is a schema`}.`);
  }
  const { target } = found;
  const sub = target.sub ?? findSub(target.attribute, 'value');
  const sorted = sub === undefined ? target : { ...target, sub };
  if (filter !== undefined || (sorted.sub ?? sorted.attribute).type === 'complex') {
    throw new ScimError('invalidPath', `sortBy: name one sub-attribute of ${target.attribute.name}.`);
  }
  if (target.attribute.returned === 'never') {
    throw new ScimError('invalidPath', `sortBy: ${target.attribute.name} is never returned.`);
  }
  return sorted;
};

const readSortOrder = (text: string | undefined): ListQuery['sortOrder'] => {
  const folded = foldName(text ?? '');
  if (folded === 'descending') return folded;
  if (folded === '' || folded === 'ascending') return 'ascending';
  throw new ScimError('invalidValue', 'sortOrder is ascending or descending.');
};

const read = ({ one, many }: Parameters, type: ResourceType, options: ListOptions): ListQuery => {
  const { dialect, limits, unknown = 'refuse' } = options;
  const [filter, sortBy, cursor] = [one('filter') ?? '', one('sortBy') ?? '', one('cursor')];
  const count = integer(one('count'), 'count', cursor === undefined ? 'invalidValue' : 'invalidCount');
  const startIndex = integer(one('startIndex'), 'startIndex', 'invalidValue') ?? 1;
  // RFC 9865 §2: unreserved characters only.
  if (cursor !== undefined && !/^[\w.~-]*$/.test(cursor)) {
    throw new ScimError('invalidCursor', 'The cursor is none that was given out: begin again with an empty one.');
  }
  return {
    filter:
      filter.trim() === ''
        ? undefined
        : resolveFilter(parseFilter(filter, { dialect, limits: limits.filter }), type, { unknown }),
    sortBy: sortBy.trim() === '' ? undefined : readSortBy(sortBy, type, unknown),
    sortOrder: readSortOrder(one('sortOrder')),
    // RFC 7644 §3.4.2.4: less than 1 is 1, a negative count is 0; and no page is larger than the server's.
    startIndex: cursor === undefined ? Math.max(1, startIndex) : 1,
    count: Math.min(Math.max(0, count ?? limits.defaultCount), limits.maxCount),
    cursor,
    projection: readProjection({ attributes: many('attributes'), excludedAttributes: many('excludedAttributes') }, type, dialect),
  };
};

export const readListQuery = (parameters: QueryParameters, type: ResourceType, options: ListOptions): ListQuery =>
  read(ofUrl(parameters), type, options);

/** The parameters of a request for one resource, or of a write: which attributes to return. */
export const readResourceQuery = (parameters: QueryParameters, type: ResourceType, dialect: DialectName): Projection => {
  const { many } = ofUrl(parameters);
  return readProjection({ attributes: many('attributes'), excludedAttributes: many('excludedAttributes') }, type, dialect);
};

/** RFC 7644 §3.4.3. */
export const readSearchRequest = (json: unknown, type: ResourceType, options: ListOptions): ListQuery => {
  if (!isObject(json)) throw new ScimError('invalidSyntax', 'The body is one JSON object: a SearchRequest message.');
  const keys = readKeys(json, 'The body');
  const schemas = keys.get('schemas');
  if (
    !Array.isArray(schemas) ||
    !schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(messageUrns.searchRequest))
  ) {
    throw new ScimError('invalidSyntax', `"schemas" is an array that names ${messageUrns.searchRequest}.`);
  }
  const one = (name: string): string | undefined => {
    const value = keys.get(foldName(name));
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new ScimError('invalidValue', `"${name}" is a text or a number.`);
  };
  const many = (name: string): readonly string[] => {
    const value = keys.get(foldName(name)) ?? [];
    const names: readonly unknown[] = Array.isArray(value) ? value : [value];
    return names.flatMap((each) => {
      if (typeof each !== 'string') throw new ScimError('invalidValue', `"${name}" is an array of names of attributes.`);
      return split(each);
    });
  };
  return read({ one, many }, type, options);
};

/** RFC 7644 §3.4.2.3: of several values the primary one counts, else the first. */
const sortValue = (resource: Resource, target: Target): Json | undefined => {
  const value = valueIn(resource, target);
  const one = isList(value) ? (value.find(isPrimary) ?? value[0]) : value;
  if (target.sub === undefined) return one;
  return isJsonObject(one) ? one[target.sub.name] : undefined;
};

/** The order of a list: what the database's is measured by. What has no value comes last, descending first. */
export const compareBy = (target: Target, order: ListQuery['sortOrder']): ((a: Resource, b: Resource) => number) => {
  const { type, caseExact } = target.sub ?? target.attribute;
  const rank = (value: Json): string | number => {
    if (typeof value !== 'string') return Number(value);
    if (type === 'dateTime') return parseDateTime(value) ?? 0;
    return caseExact ? value : foldValue(value);
  };
  const ascending = (a: Json | undefined, b: Json | undefined): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const [x, y] = [rank(a), rank(b)];
    return typeof x === 'string' && typeof y === 'string' ? compareText(x, y) : Number(x) - Number(y);
  };
  const sign = order === 'ascending' ? 1 : -1;
  return (a, b) => sign * ascending(sortValue(a, target), sortValue(b, target));
};

/** RFC 7644 §3.4.2, RFC 9865 §2. `Resources` is there even when it is empty: clients look for it. */
export const listResponse = (page: {
  readonly resources: readonly JsonObject[];
  readonly totalResults?: number;
  readonly startIndex?: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}): JsonObject => {
  const { resources, ...rest } = page;
  return { schemas: [messageUrns.listResponse], ...rest, itemsPerPage: resources.length, Resources: resources };
};
