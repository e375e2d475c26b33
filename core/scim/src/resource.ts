import type { Attribute } from './attribute.ts';
import { catalogOf } from './catalog.ts';
import { type DialectName, understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import type { Target } from './filter/filter.ts';
import { printTarget } from './filter/print.ts';
import { foldName } from './names.ts';
import { readKeys, readValue } from './read-value.ts';
import {
  isJsonObject,
  isObject,
  isUrn,
  type Json,
  type JsonObject,
  type Resource,
  type ResourceType,
  sameJson,
} from './schema.ts';

/** What a PUT or PATCH did. */
export interface Change {
  /** As it is to be stored; without what is kept as rows. */
  readonly resource: Resource;
  /** Attributes that differ now (`userName`, `urn:...:User:department`), rows aside. */
  readonly changed: readonly string[];
  /** Of the attribute kept as rows; undefined: untouched. */
  readonly rows: RowsChange | undefined;
}

/** What becomes of rows: all are removed (`clear`) or those of `remove`; then `add` are added. No value is in both lists. */
export interface RowsChange {
  readonly clear: boolean;
  readonly remove: readonly string[];
  /** Each has a `value`. To add one that is there already changes nothing. */
  readonly add: readonly JsonObject[];
}

/** RFC 7643 §3: "schemas" names at least the core schema. Further ones are no harm: Entra ID names schemas of its own. */
const checkSchemas = (schemas: unknown, type: ResourceType, dialect: DialectName): void => {
  const named =
    Array.isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(type.schema.id));
  if (!named && !understands(dialect, 'oldSchemas')) {
    throw new ScimError('invalidSyntax', `"schemas" is an array that names ${type.schema.id}.`);
  }
};

const isMissing = (home: JsonObject, name: string): boolean => {
  const value = home[name];
  return value === undefined || (typeof value === 'string' && value.trim() === '');
};

/**
 * Throws unless everything required is there (RFC 7643 §2.2, §6). `before`: what was missing there already may still be, because it may
 * have become required later; nobody should need to add it in order to take a user's access away.
 */
export const checkRequired = (
  resource: Resource,
  type: ResourceType,
  code: 'invalidValue' | 'mutability',
  before?: Resource,
): void => {
  const check = (attributes: readonly Attribute[], home: JsonObject, old: Json | undefined, prefix: string): void => {
    for (const { name, required, mutability } of attributes) {
      if (!required || mutability === 'readOnly' || !isMissing(home, name)) continue;
      if (isJsonObject(old) && isMissing(old, name)) continue;
      throw new ScimError(code, `${prefix}${name} is required and must not be empty.`);
    }
  };
  check(type.schema.attributes, resource, before, '');
  for (const { schema, required } of type.extensions) {
    const home = resource[schema.id];
    const old = before?.[schema.id];
    if (isJsonObject(home)) check(schema.attributes, home, old, `${schema.id}:`);
    else if (required && (before === undefined || old !== undefined)) {
      throw new ScimError(code, `The extension ${schema.id} is required.`);
    }
  }
};

/** The resource with this value at this attribute; undefined unassigns it. An extension without attributes is not there. */
export const assign = (resource: Resource, { schema, extension, attribute }: Target, value: Json | undefined): Resource => {
  const set = (home: JsonObject, name: string, part: Json | undefined): JsonObject => {
    if (part !== undefined) return { ...home, [name]: part };
    const { [name]: _, ...rest } = home;
    return rest;
  };
  if (!extension) return set(resource, attribute.name, value);
  const home = resource[schema];
  const next = set(isJsonObject(home) ? home : {}, attribute.name, value);
  return set(resource, schema, Object.keys(next).length === 0 ? undefined : next);
};

/** The value as the resource has it. */
export const valueIn = (resource: Resource, { schema, extension, attribute }: Target): Json | undefined => {
  const home = extension ? resource[schema] : resource;
  return isJsonObject(home) ? home[attribute.name] : undefined;
};

/** A POST or PUT body; throws `ScimError`. What is readOnly or unknown in it is left out (RFC 7644 §3.3, §3.5.1). */
export const readResource = (json: unknown, type: ResourceType, dialect: DialectName): Resource => {
  if (!isObject(json)) throw new ScimError('invalidSyntax', `The body is one JSON object: a ${type.name}.`);
  const keys = readKeys(json, 'The body');
  checkSchemas(keys.get('schemas'), type, dialect);
  const catalog = catalogOf(type);
  const resource: Record<string, Json> = {};
  const extensions = new Map<string, Record<string, Json>>();
  const read = (target: Target, value: unknown, keep: boolean): void => {
    const { schema, extension, attribute } = target;
    if (attribute.mutability === 'readOnly') return;
    const found = readValue(attribute, value, { dialect, where: printTarget(target) });
    if (found === undefined) return;
    if (!extension) {
      resource[attribute.name] = found;
      return;
    }
    const home = extensions.get(schema) ?? {};
    if (!keep || home[attribute.name] === undefined) home[attribute.name] = found;
    extensions.set(schema, home);
  };
  for (const [key, value] of keys) {
    const target = catalog.plain.get(key);
    // Of an attribute that stands below its URN too, that one counts.
    if (target !== undefined) read(target, value, true);
    const schema = target === undefined && isUrn(key) ? catalog.schemas.get(key) : undefined;
    if (schema === undefined || value === null) continue;
    if (!isObject(value)) throw new ScimError('invalidValue', `${schema.schema.id} is an object.`);
    for (const [name, part] of readKeys(value, schema.schema.id)) {
      const found = schema.targets.get(name);
      if (found?.extension === true) read(found, part, false);
    }
  }
  for (const [urn, home] of extensions) resource[urn] = home;
  checkRequired(resource, type, 'invalidValue');
  return resource;
};

/** Every attribute of the type but the one kept as rows. */
const targetsOf = (type: ResourceType): readonly Target[] =>
  [...catalogOf(type).schemas.values()].flatMap(({ targets }) =>
    [...targets.values()].filter(({ attribute, extension }) => extension || attribute.name !== type.rows),
  );

/** The names of the attributes in which the two differ. */
export const changedAttributes = (before: Resource, after: Resource, type: ResourceType): readonly string[] =>
  targetsOf(type)
    .filter((target) => !sameJson(valueIn(before, target), valueIn(after, target)))
    .map(printTarget);

/** RFC 7644 §3.5.1: what was given once and for all must be the same, if it is said at all. */
const checkImmutable = (target: Target, before: Json | undefined, after: Json | undefined): void => {
  const { attribute } = target;
  const refuse = (name: string): ScimError =>
    new ScimError('mutability', `${name} is immutable: it was set before and keeps its value.`);
  if (attribute.mutability === 'immutable' && before !== undefined && after !== undefined && !sameJson(before, after)) {
    throw refuse(printTarget(target));
  }
  if (attribute.multiValued || !isJsonObject(before) || !isJsonObject(after)) return;
  for (const sub of attribute.subAttributes ?? []) {
    if (sub.mutability === 'immutable' && before[sub.name] !== undefined && !sameJson(before[sub.name], after[sub.name])) {
      throw refuse(printTarget({ ...target, sub }));
    }
  }
};

/**
 * PUT (RFC 7644 §3.5.1): the resource becomes what the client says of it. What is readOnly stays; so does what is writeOnly or immutable
 * and not said, because the client cannot know it or not change it. `current` is without its rows.
 */
export const replaceResource = (current: Resource, next: Resource, type: ResourceType): Change => {
  const resource = targetsOf(type).reduce<Resource>((result, target) => {
    const [before, after] = [valueIn(current, target), valueIn(next, target)];
    const { mutability } = target.attribute;
    if (mutability === 'readOnly') return before === undefined ? result : assign(result, target, before);
    checkImmutable(target, before, after);
    const kept = mutability === 'readWrite' ? after : (after ?? before);
    return kept === undefined ? result : assign(result, target, kept);
  }, {});
  checkRequired(resource, type, 'invalidValue');
  const rows = type.rows === undefined ? undefined : next[type.rows];
  return {
    resource,
    changed: changedAttributes(current, resource, type),
    // The rows of a resource are objects: readResource read them.
    rows:
      type.rows === undefined
        ? undefined
        : { clear: true, remove: [], add: Array.isArray(rows) ? rows.filter(isJsonObject) : [] },
  };
};
