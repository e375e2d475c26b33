import type { Attribute } from './attribute.ts';
import { catalogOf, findName, findSub } from './catalog.ts';
import { type DialectName, understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import type { FilterLimits, Path, ResolvedFilter, Target } from './filter/filter.ts';
import { parsePath } from './filter/parse.ts';
import { printTarget } from './filter/print.ts';
import { resolveValueFilter } from './filter/resolve.ts';
import { foldName, messageUrns } from './names.ts';
import { isUnassigned, readElement, readKeys, readValue } from './read-value.ts';
import { isObject, type Json, type ResourceType, type Schema } from './schema.ts';

export type Op = 'add' | 'remove' | 'replace';

/** One thing a PATCH does to one attribute. An operation without a path is several. */
export interface Edit {
  readonly op: Op;
  readonly target: Target;
  /** Which of the values. */
  readonly filter?: ResolvedFilter;
  /**
   * Of `target.sub`, else of one value chosen by `filter`, else of the attribute; undefined: none, or null. Of a `remove`: the values to
   * remove.
   */
  readonly value: Json | undefined;
  /** Of a readOnly attribute in an operation without path: it must be this already. */
  readonly same?: boolean;
  readonly dialect: DialectName;
  /** For the error: `Operations[0]`. */
  readonly where: string;
}

/** A PATCH, read and checked against the schemas, but not against a resource. */
export interface PatchRequest {
  readonly type: ResourceType;
  readonly dialect: DialectName;
  readonly edits: readonly Edit[];
  /** True: the resource handed to `applyPatch` must have its rows. Never so for adding, replacing and removing them by value. */
  readonly needsRows: boolean;
}

/** What is read of a PATCH at most. */
const maxOperations = 10_000;

interface Operation {
  readonly op: Op;
  readonly type: ResourceType;
  readonly dialect: DialectName;
  readonly limits: FilterLimits | undefined;
  readonly where: string;
}

const isOp = (text: string): text is Op => text === 'add' || text === 'remove' || text === 'replace';

/** The value an edit is read by: of the sub-attribute, of one element, or of the attribute. */
const readEditValue = (value: unknown, target: Target, filtered: boolean, { dialect, where }: Operation): Json | undefined => {
  const reading = { dialect, where: `${where}: ${printTarget(target)}` };
  if (target.sub !== undefined) return readValue(target.sub, value, reading);
  if (!filtered) return readValue(target.attribute, value, reading);
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return one === null || one === undefined ? undefined : readElement(target.attribute, one, reading);
};

const checkWritable = (target: Target, where: string): void => {
  const readOnly: Attribute | undefined = [target.attribute, target.sub].find((each) => each?.mutability === 'readOnly');
  if (readOnly === undefined) return;
  throw new ScimError('mutability', `${where}: ${printTarget(target)} is readOnly: leave it out.`);
};

/** The edits that objects such as {"displayName": ..., "name.givenName": ...} stand for. */
const editsOfObject = (value: unknown, schema: Schema | undefined, operation: Operation): readonly Edit[] => {
  const { op, where, type, limits, dialect } = operation;
  if (!isObject(value)) {
    throw new ScimError('invalidValue', `${where}: without a path to an attribute, "value" is an object of attributes.`);
  }
  const options = { ...(limits === undefined ? {} : { limits }), dialect };
  readKeys(value, where);
  return Object.keys(value).flatMap((key): readonly Edit[] => {
    const part = value[key];
    const nested = schema === undefined ? catalogOf(type).schemas.get(foldName(key)) : undefined;
    if (nested !== undefined) return part === null ? [] : editsOfObject(part, nested.schema, operation);
    // A key is a path: Entra ID writes "name.givenName" and 'emails[type eq "work"].value'. Others are no attribute.
    if (!/^[\w$.:-]+(?:\[.*)?$/s.test(key)) return [];
    const path = parsePath(key, options);
    if (schema !== undefined && path.attribute.urn !== undefined) return [];
    const found = findName(schema === undefined ? path.attribute : { ...path.attribute, urn: schema.id }, type);
    // What no schema knows is left out, as in a POST; "schemas" follows from the attributes.
    if (found.kind !== 'target' || found.target.attribute.name === 'schemas') return [];
    if (found.target.attribute.mutability === 'readOnly') {
      // A part of the caller's JSON, which is only compared.
      const value = isUnassigned(part) ? undefined : (part as Json);
      return [{ op, target: found.target, value, same: true, dialect, where }];
    }
    return editsOfPath(path, found.target, part, operation);
  });
};

const editsOfPath = (path: Path, found: Target, value: unknown, operation: Operation): readonly Edit[] => {
  const { op, where, type } = operation;
  const { filter, sub } = path;
  const target = sub === undefined ? found : withSub(found, sub, where);
  checkWritable(target, where);
  const resolved = filter === undefined ? undefined : resolveValueFilter(filter, found, path.attribute, type);
  // remove has no value in the RFC, but of a multi-valued attribute: Entra ID lists there what to remove.
  const listed = op === 'remove' && value !== null && value !== undefined && target.attribute.multiValued;
  const takesValue = op !== 'remove' || (listed && target.sub === undefined && filter === undefined);
  const read = takesValue ? readEditValue(value, target, filter !== undefined, operation) : undefined;
  // A list of nothing removes nothing; only no list at all removes everything.
  if (op === 'remove' && takesValue && read === undefined) return [];
  const chosen = resolved === undefined ? {} : { filter: resolved };
  return [{ op, target, ...chosen, value: read, dialect: operation.dialect, where }];
};

const withSub = (target: Target, name: string, where: string): Target => {
  const sub = findSub(target.attribute, name);
  if (sub === undefined) {
    throw new ScimError('invalidPath', `${where}: ${target.attribute.name} has no sub-attribute ${name}.`);
  }
  return { ...target, sub };
};

/** The edits that take a whole extension away. */
const removeSchema = (schema: Schema, { op, type, dialect, where }: Operation): readonly Edit[] =>
  [...(catalogOf(type).schemas.get(foldName(schema.id))?.targets.values() ?? [])]
    .filter(({ attribute }) => attribute.mutability !== 'readOnly')
    .map((target) => ({ op, target, value: undefined, dialect, where }));

const readOperation = (json: unknown, index: number, request: Omit<Operation, 'op' | 'where'>): readonly Edit[] => {
  const where = `Operations[${index}]`;
  if (!isObject(json)) throw new ScimError('invalidSyntax', `${where} is an object.`);
  const keys = readKeys(json, where);
  const op = keys.get('op');
  const folded = typeof op === 'string' ? foldName(op) : '';
  if (!isOp(folded)) throw new ScimError('invalidSyntax', `${where}: "op" is add, remove or replace.`);
  const operation: Operation = { ...request, op: folded, where };
  const value = keys.get('value');
  const text = keys.get('path');
  if (folded !== 'remove' && !keys.has('value')) {
    throw new ScimError('invalidValue', `${where}: ${folded} needs a "value".`);
  }
  if (text === undefined || text === null || text === '') {
    // RFC 7644 §3.5.2.2.
    if (folded === 'remove') throw new ScimError('noTarget', `${where}: remove needs a "path".`);
    return editsOfObject(value, undefined, operation);
  }
  if (typeof text !== 'string') throw new ScimError('invalidPath', `${where}: "path" is a text.`);
  const { limits, dialect } = request;
  const path = parsePath(text, { ...(limits === undefined ? {} : { limits }), dialect });
  const found = findName(path.attribute, request.type);
  if (found.kind === 'unknown') throw new ScimError('invalidPath', `${where}: ${found.problem}.`);
  if (found.kind === 'schema') {
    if (path.filter !== undefined) throw new ScimError('invalidPath', `${where}: a schema has no values to choose from.`);
    if (folded !== 'remove') return value === null ? [] : editsOfObject(value, found.schema, operation);
    if (found.schema === request.type.schema) {
      throw new ScimError('noTarget', `${where}: name an attribute to remove, not the whole ${request.type.name}.`);
    }
    return removeSchema(found.schema, operation);
  }
  // Follows from the attributes: to set it is no harm.
  if (found.target.attribute.name === 'schemas' && folded !== 'remove') return [];
  return editsOfPath(path, found.target, value, operation);
};

/** The values a filter `value eq "a" or value eq "b"` names; undefined: it is another filter. */
export const namedValues = (filter: ResolvedFilter): readonly string[] | undefined => {
  if (filter.kind === 'compare') {
    const { target, operator, value } = filter;
    return operator === 'eq' && target.sub?.name === 'value' && typeof value === 'string' ? [value] : undefined;
  }
  if (filter.kind !== 'or') return undefined;
  const named = filter.filters.map(namedValues);
  return named.every((values) => values !== undefined) ? named.flat() : undefined;
};

/** Must every row be looked at? */
export const scansRows = ({ op, target, filter }: Edit): boolean =>
  target.sub !== undefined || (filter !== undefined && (op !== 'remove' || namedValues(filter) === undefined));

export const isOfRows = ({ target }: Edit, type: ResourceType): boolean =>
  !target.extension && target.attribute.name === type.rows;

/** The body of a PATCH (RFC 7644 §3.5.2); throws `ScimError`. */
export const readPatch = (json: unknown, type: ResourceType, dialect: DialectName, limits?: FilterLimits): PatchRequest => {
  if (!isObject(json)) throw new ScimError('invalidSyntax', 'The body is one JSON object: a PatchOp message.');
  const keys = readKeys(json, 'The body');
  const schemas = keys.get('schemas');
  const named =
    Array.isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(messageUrns.patchOp));
  if (!named) throw new ScimError('invalidSyntax', `"schemas" is an array that names ${messageUrns.patchOp}.`);
  const operations = keys.get('operations');
  if (!Array.isArray(operations)) throw new ScimError('invalidSyntax', '"Operations" is an array of operations.');
  if (operations.length === 0 && !understands(dialect, 'emptyOperations')) {
    throw new ScimError('invalidSyntax', '"Operations" has at least one operation.');
  }
  if (operations.length > maxOperations) {
    throw new ScimError(
      'tooMany',
      `"Operations" has ${operations.length} operations; at most ${maxOperations} are done at once.`,
    );
  }
  const edits = operations.flatMap((operation: unknown, i) => readOperation(operation, i, { type, dialect, limits }));
  if (edits.length > maxOperations) {
    throw new ScimError(
      'tooMany',
      `The operations change ${edits.length} attributes; at most ${maxOperations} are changed at once.`,
    );
  }
  return { type, dialect, edits, needsRows: edits.some((edit) => isOfRows(edit, type) && scansRows(edit)) };
};
