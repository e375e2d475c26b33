import type { Attribute } from './attribute.ts';
import { catalogOf, findName } from './catalog.ts';
import { type DialectName, understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import type { Target } from './filter/filter.ts';
import { parsePath } from './filter/parse.ts';
import { foldName } from './names.ts';
import { valueIn } from './resource.ts';
import { isJsonObject, isList, type Json, type JsonObject, type Resource, type ResourceType, schemasOf } from './schema.ts';

/** An attribute that is to be returned, and which parts of it; undefined: as it is. */
interface Field {
  readonly target: Target;
  readonly parts: ReadonlySet<string> | undefined;
}

/** What of a resource is to be returned (RFC 7644 §3.9). */
export interface Projection {
  readonly type: ResourceType;
  readonly fields: readonly Field[];
}

/** The names of a request, as what they stand for. */
interface Named {
  readonly schemas: ReadonlySet<string>;
  readonly whole: ReadonlySet<Attribute>;
  readonly parts: ReadonlyMap<Attribute, ReadonlySet<Attribute>>;
}

const readNames = (names: readonly string[], type: ResourceType, dialect: DialectName): Named => {
  const schemas = new Set<string>();
  const whole = new Set<Attribute>();
  const parts = new Map<Attribute, Set<Attribute>>();
  for (const name of names) {
    const { attribute, filter } = parsePath(name, { dialect });
    if (filter !== undefined && !understands(dialect, 'filterInAttributes')) {
      throw new ScimError('invalidPath', `"${name}" has brackets: to ask for a part, name it, such as emails.value.`);
    }
    const found = findName(attribute, type);
    // What no schema knows is not returned, and its absence not refused.
    if (found.kind === 'schema') schemas.add(found.schema.id);
    if (found.kind !== 'target') continue;
    const { attribute: known, sub } = found.target;
    if (sub === undefined) whole.add(known);
    else parts.set(known, (parts.get(known) ?? new Set()).add(sub));
  }
  return { schemas, whole, parts };
};

/** The sub-attributes to return; undefined: all there are. */
const partsOf = (attribute: Attribute, isReturned: (sub: Attribute) => boolean): ReadonlySet<string> | undefined => {
  const { subAttributes = [] } = attribute;
  const returned = subAttributes.filter((sub) => sub.returned === 'always' || (sub.returned !== 'never' && isReturned(sub)));
  return returned.length === subAttributes.length ? undefined : new Set(returned.map(({ name }) => name));
};

/** RFC 7643 §7 `returned`, RFC 7644 §3.9. */
const fieldOf = (target: Target, asked: Named | undefined, excluded: Named | undefined): Field | undefined => {
  const { attribute, schema, extension } = target;
  const { returned } = attribute;
  if (returned === 'never') return undefined;
  const byDefault = (sub: Attribute): boolean => sub.returned === 'default';
  if (asked !== undefined) {
    const parts = asked.parts.get(attribute);
    if (asked.whole.has(attribute) || (returned !== 'request' && extension && asked.schemas.has(schema))) {
      return { target, parts: partsOf(attribute, (sub) => byDefault(sub) || parts?.has(sub) === true) };
    }
    if (parts !== undefined) return { target, parts: partsOf(attribute, (sub) => parts.has(sub)) };
    return returned === 'always' ? { target, parts: partsOf(attribute, byDefault) } : undefined;
  }
  if (returned === 'request') return undefined;
  const gone = excluded?.whole.has(attribute) === true || (extension && excluded?.schemas.has(schema) === true);
  if (gone && returned !== 'always') return undefined;
  const without = excluded?.parts.get(attribute);
  return { target, parts: partsOf(attribute, (sub) => byDefault(sub) && without?.has(sub) !== true) };
};

/** What every request without `attributes` and `excludedAttributes` asks. */
const defaults = new WeakMap<ResourceType, Projection>();

const build = (type: ResourceType, asked: Named | undefined, excluded: Named | undefined): Projection => {
  const targets = [...catalogOf(type).schemas.values()].flatMap(({ targets }) => [...targets.values()]);
  const isMeta = ({ attribute, extension }: Target): boolean => !extension && attribute.name === 'meta';
  // meta stands last, as in the RFC's examples.
  const ordered = [...targets.filter((target) => !isMeta(target)), ...targets.filter(isMeta)];
  return { type, fields: ordered.flatMap((target) => fieldOf(target, asked, excluded) ?? []) };
};

export const readProjection = (
  names: { readonly attributes?: readonly string[]; readonly excludedAttributes?: readonly string[] },
  type: ResourceType,
  dialect: DialectName,
): Projection => {
  const { attributes = [], excludedAttributes = [] } = names;
  if (attributes.length > 0 && excludedAttributes.length > 0) {
    throw new ScimError('invalidValue', 'Give "attributes" or "excludedAttributes", not both (RFC 7644 §3.9).');
  }
  if (attributes.length > 0) return build(type, readNames(attributes, type, dialect), undefined);
  if (excludedAttributes.length > 0) return build(type, undefined, readNames(excludedAttributes, type, dialect));
  const known = defaults.get(type) ?? build(type, undefined, undefined);
  defaults.set(type, known);
  return known;
};

export const wants = ({ fields }: Projection, name: string): boolean =>
  fields.some(({ target }) => !target.extension && foldName(target.attribute.name) === foldName(name));

const choose = (value: Json, parts: ReadonlySet<string> | undefined): Json | undefined => {
  if (parts === undefined) return value;
  if (isList(value)) {
    const chosen = value.flatMap((element) => choose(element, parts) ?? []);
    return chosen.length === 0 ? undefined : chosen;
  }
  if (!isJsonObject(value)) return value;
  const chosen = Object.entries(value).filter(([name]) => parts.has(name));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
};

export const project = (resource: Resource, { type, fields }: Projection): JsonObject => {
  const attributes: Record<string, Json> = {};
  const extensions = new Map<string, Record<string, Json>>();
  for (const { target, parts } of fields) {
    const { attribute, schema, extension } = target;
    if (!extension && attribute.name === 'schemas') continue;
    const value = valueIn(resource, target);
    const chosen = value === undefined ? undefined : choose(value, parts);
    if (chosen === undefined) continue;
    if (!extension) {
      attributes[attribute.name] = chosen;
      continue;
    }
    const home = extensions.get(schema) ?? {};
    home[attribute.name] = chosen;
    extensions.set(schema, home);
  }
  const shown = Object.fromEntries(extensions);
  const { meta, ...rest } = attributes;
  const { id, externalId, ...others } = rest;
  return {
    schemas: schemasOf(shown, type.schema.id),
    ...(id === undefined ? {} : { id }),
    ...(externalId === undefined ? {} : { externalId }),
    ...others,
    ...shown,
    ...(meta === undefined ? {} : { meta }),
  };
};
