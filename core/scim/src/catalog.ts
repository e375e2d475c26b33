import type { Attribute } from './attribute.ts';
import type { AttributeName, Target } from './filter/filter.ts';
import { foldName } from './names.ts';
import type { ResourceType, Schema } from './schema.ts';
import { commonAttributes } from './schemas/common.ts';

/** A resource type's names, folded, for looking up. */
interface Catalog {
  /** Attributes without a URN: those of the core schema first, then of the extensions in their order. */
  readonly plain: ReadonlyMap<string, Target>;
  /** Schemas by URN, each with its attributes. */
  readonly schemas: ReadonlyMap<string, { readonly schema: Schema; readonly targets: ReadonlyMap<string, Target> }>;
}

const build = (type: ResourceType): Catalog => {
  const core = [...commonAttributes, ...type.schema.attributes].map(
    (attribute): Target => ({ schema: type.schema.id, extension: false, attribute }),
  );
  const byName = (targets: readonly Target[]): ReadonlyMap<string, Target> =>
    new Map(targets.map((target) => [foldName(target.attribute.name), target]));
  const extensions = type.extensions.map(({ schema }) => ({
    schema,
    targets: schema.attributes.map((attribute): Target => ({ schema: schema.id, extension: true, attribute })),
  }));
  return {
    // Reversed, because the last entry of a name wins.
    plain: byName([...core, ...extensions.flatMap(({ targets }) => targets)].reverse()),
    schemas: new Map(
      [{ schema: type.schema, targets: core }, ...extensions].map(({ schema, targets }) => [
        foldName(schema.id),
        { schema, targets: byName(targets) },
      ]),
    ),
  };
};

// A resource type is read once and asked for on every request.
const catalogs = new WeakMap<ResourceType, Catalog>();
const subNames = new WeakMap<Attribute, ReadonlyMap<string, Attribute>>();

export const catalogOf = (type: ResourceType): Catalog => {
  const known = catalogs.get(type);
  if (known !== undefined) return known;
  const catalog = build(type);
  catalogs.set(type, catalog);
  return catalog;
};

/** The sub-attribute of this name, in any case. */
export const findSub = (attribute: Attribute, name: string): Attribute | undefined => {
  let names = subNames.get(attribute);
  if (names === undefined) {
    // As spelled too, so that most names need no folding.
    names = new Map(
      (attribute.subAttributes ?? []).flatMap((sub) => [[foldName(sub.name), sub] as const, [sub.name, sub] as const]),
    );
    subNames.set(attribute, names);
  }
  return names.get(name) ?? names.get(foldName(name));
};

/** What a name stands for: an attribute, a whole schema (`urn:...:User` alone), or nothing. */
export type Found =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'schema'; readonly schema: Schema }
  | { readonly kind: 'unknown'; readonly problem: string };

const withSub = (target: Target, sub: string | undefined): Found => {
  if (sub === undefined) return { kind: 'target', target };
  const found = findSub(target.attribute, sub);
  return found === undefined
    ? { kind: 'unknown', problem: `${target.attribute.name} has no sub-attribute ${sub}` }
    : { kind: 'target', target: { ...target, sub: found } };
};

export const findName = ({ urn, name, sub }: AttributeName, type: ResourceType): Found => {
  const catalog = catalogOf(type);
  const written = sub === undefined ? name : `${name}.${sub}`;
  if (urn === undefined) {
    // An attribute of an extension may go without the URN where no other has its name: Entra ID sends "manager".
    const target = catalog.plain.get(foldName(name));
    return target === undefined ? { kind: 'unknown', problem: `${type.name} has no attribute ${name}` } : withSub(target, sub);
  }
  const whole = catalog.schemas.get(foldName(`${urn}:${written}`));
  if (whole !== undefined) return { kind: 'schema', schema: whole.schema };
  const schema = catalog.schemas.get(foldName(urn));
  if (schema === undefined) return { kind: 'unknown', problem: `${type.name} has no schema ${urn}` };
  const target = schema.targets.get(foldName(name));
  return target === undefined
    ? { kind: 'unknown', problem: `the schema ${schema.schema.id} has no attribute ${name}` }
    : withSub(target, sub);
};
