import { type Attribute, type AttributeType, attribute, complex } from './attribute.ts';
import { ScimError } from './errors.ts';
import { foldName, isForbiddenName, schemaUrns } from './names.ts';
import { isObject, type Schema } from './schema.ts';

const types: readonly AttributeType[] = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex'];

/** What may be said of an attribute, and what it may be. */
const attributeKeys: ReadonlySet<string> = new Set([
  'name',
  'type',
  'description',
  'multiValued',
  'required',
  'caseExact',
  'canonicalValues',
  'closed',
  'mutability',
  'returned',
  'uniqueness',
  'referenceTypes',
  'subAttributes',
]);

const refuse = (where: string, problem: string): ScimError => new ScimError('invalidValue', `${where} ${problem}.`);

const readKnown = (json: unknown, known: ReadonlySet<string>, where: string): Readonly<Record<string, unknown>> => {
  if (!isObject(json)) throw refuse(where, 'is an object');
  const strange = Object.keys(json).find((key) => !known.has(key));
  if (strange !== undefined) throw refuse(where, `has "${strange}", which is none of ${[...known].join(', ')}`);
  return json;
};

const readText = (value: unknown, where: string, most: number): string => {
  if (typeof value !== 'string' || value.trim() === '' || value.length > most) {
    throw refuse(where, `is a text of 1 to ${most} characters`);
  }
  return value;
};

const readFlag = (value: unknown, where: string, standard = false): boolean => {
  if (value === undefined) return standard;
  if (typeof value !== 'boolean') throw refuse(where, 'is true or false');
  return value;
};

const readOne = <T extends string>(value: unknown, where: string, choices: readonly T[], standard: T): T => {
  if (value === undefined) return standard;
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw refuse(where, `is ${choices.join(' or ')}`);
  return chosen;
};

const readTexts = (value: unknown, where: string): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0 || value.length > 1000) throw refuse(where, 'is an array of 1 to 1000 texts');
  return value.map((each: unknown, i) => readText(each, `${where}[${i}]`, 200));
};

const readName = (value: unknown, where: string): string => {
  const name = readText(value, `${where}.name`, 64);
  // "not" is a word of the filter's grammar.
  if (!/^(?:[A-Za-z][\w-]*|\$ref)$/.test(name) || foldName(name) === 'not' || isForbiddenName(name)) {
    throw refuse(
      `${where}.name`,
      `is letters, digits, "-" and "_", begins with a letter and is no reserved word; "${name}" is not`,
    );
  }
  return name;
};

const readAttribute = (json: unknown, where: string, inside: boolean): Attribute => {
  const known = readKnown(json, attributeKeys, where);
  const name = readName(known.name, where);
  const type = readOne(known.type, `${where}.type`, types, 'string');
  const description = known.description === undefined ? '' : readText(known.description, `${where}.description`, 1000);
  const writeOnly = known.mutability === 'writeOnly';
  const mutability = readOne(known.mutability, `${where}.mutability`, ['readWrite', 'immutable', 'writeOnly'], 'readWrite');
  const returned = readOne(
    known.returned,
    `${where}.returned`,
    // RFC 7643 §7: what is writeOnly is never returned, and what nobody may read is only that.
    writeOnly ? ['never'] : ['default', 'always', 'request'],
    writeOnly ? 'never' : 'default',
  );
  const canonicalValues = readTexts(known.canonicalValues, `${where}.canonicalValues`);
  const referenceTypes = readTexts(known.referenceTypes, `${where}.referenceTypes`);
  const closed = readFlag(known.closed, `${where}.closed`);
  if (closed && canonicalValues === undefined) throw refuse(`${where}.closed`, 'needs canonicalValues');
  if (known.uniqueness !== undefined && known.uniqueness !== 'none') {
    throw refuse(`${where}.uniqueness`, 'is none: values of an attribute of your own are not compared with each other');
  }
  const exact = type === 'reference' || type === 'binary';
  const caseExact = readFlag(known.caseExact, `${where}.caseExact`, exact);
  if (exact && !caseExact) throw refuse(`${where}.caseExact`, `is true of a ${type} (RFC 7643 §2.3)`);
  const characteristics = {
    multiValued: readFlag(known.multiValued, `${where}.multiValued`),
    required: readFlag(known.required, `${where}.required`),
    caseExact,
    mutability,
    returned,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(closed ? { closed } : {}),
  };
  if (type !== 'complex') {
    if (known.subAttributes !== undefined) throw refuse(where, 'has subAttributes, which only a complex one has');
    return attribute(name, type, description, characteristics);
  }
  // RFC 7643 §2.3.8.
  if (inside) throw refuse(where, 'is complex, which a sub-attribute cannot be');
  return complex(name, description, readAttributes(known.subAttributes, `${where}.subAttributes`, true), characteristics);
};

const readAttributes = (json: unknown, where: string, inside: boolean): readonly Attribute[] => {
  if (!Array.isArray(json) || json.length === 0 || json.length > 200) throw refuse(where, 'is an array of 1 to 200 attributes');
  const read = json.map((each: unknown, i) => readAttribute(each, `${where}[${i}]`, inside));
  const names = new Set<string>();
  for (const { name } of read) {
    if (names.has(foldName(name))) throw refuse(where, `has ${name} twice, whatever its case`);
    names.add(foldName(name));
  }
  return read;
};

const reserved: readonly string[] = [
  'urn:ietf:params:scim:schemas:core:',
  'urn:ietf:params:scim:api:',
  foldName(schemaUrns.enterpriseUser),
];

const readUrn = (value: unknown): string => {
  const urn = readText(value, 'id', 200);
  const bad = !/^urn:[a-z0-9][a-z0-9-]{0,31}(?::[\w.-]+)+$/i.test(urn) || urn.split(/[:.]/).some(isForbiddenName);
  if (bad) throw refuse('id', `is a URN such as urn:example:params:scim:schemas:2.0:User; "${urn}" is not`);
  if (reserved.some((each) => foldName(urn).startsWith(each))) throw refuse('id', `is a URN of your own; "${urn}" is the RFCs'`);
  return urn;
};

/** A schema of one's own, in the form of RFC 7643 §7 (with `closed`: no other values than the canonical ones). */
export const defineExtension = (definition: unknown): Schema => {
  const known = readKnown(definition, new Set(['id', 'name', 'description', 'attributes']), 'The definition');
  return {
    id: readUrn(known.id),
    name: readText(known.name, 'name', 100),
    description: known.description === undefined ? '' : readText(known.description, 'description', 1000),
    attributes: readAttributes(known.attributes, 'attributes', false),
  };
};
