import type { Attribute } from './attribute.ts';
import { findSub } from './catalog.ts';
import { type DialectName, understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import { foldName, isForbiddenName } from './names.ts';
import { isJsonObject, isObject, type Json, type JsonObject } from './schema.ts';
import { foldValue, parseDateTime } from './value.ts';

/** What values are read with: the dialect, and where they stand, for the error: written only when there is one. */
export interface Reading {
  readonly dialect: DialectName;
  /** An attribute; within it, a sub-attribute, or the number of a value. */
  readonly where: string | number;
  readonly within?: Reading;
}

/** More values than this of one attribute are no e-mail addresses any more. What is kept as rows has no such limit. */
export const maxValues = 1_000;

const place = ({ where, within }: Reading): string => {
  if (within === undefined) return String(where);
  return typeof where === 'number' ? `${place(within)}[${where}]` : `${place(within)}.${where}`;
};

const refuse = (reading: Reading, problem: string): ScimError => new ScimError('invalidValue', `${place(reading)} ${problem}.`);

/** The members of an object of a message by folded name; two that differ in case only say two things. */
export const readKeys = (json: Readonly<Record<string, unknown>>, where: string): ReadonlyMap<string, unknown> => {
  const keys = new Map<string, unknown>();
  for (const key of Object.keys(json)) {
    const folded = foldName(key);
    if (isForbiddenName(key)) throw new ScimError('invalidSyntax', `${where} has a member "${key}", a name nothing may have.`);
    if (keys.has(folded)) {
      throw new ScimError('invalidSyntax', `${where} has "${key}" twice: the case of a name says nothing (RFC 7643 §2.1).`);
    }
    keys.set(folded, json[key]);
  }
  return keys;
};

const readText = (value: unknown, reading: Reading): string => {
  if (typeof value !== 'string') throw refuse(reading, 'is a text in double quotes');
  // Neither can be stored by every engine, nor shown.
  if (value.includes('\0') || !value.isWellFormed()) throw refuse(reading, 'holds U+0000 or half of a surrogate pair');
  return value;
};

const readNumber = (value: unknown, reading: Reading): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse(reading, 'is a number');
  return value;
};

/** RFC 7643 §2.3, one reader a type. */
const readers: Readonly<Record<Exclude<Attribute['type'], 'complex'>, (value: unknown, reading: Reading) => Json>> = {
  string: readText,
  // Addresses are kept as they come: clients send relative ones, and the RFC wants no check (RFC 7643 §2.3.7).
  reference: readText,
  boolean: (value, reading) => {
    const folded = typeof value === 'string' ? foldName(value) : value;
    if (folded === true || folded === 'true') return true;
    if (folded === false || folded === 'false') return false;
    throw refuse(reading, 'is true or false');
  },
  decimal: readNumber,
  integer: (value, reading) => {
    const number = readNumber(value, reading);
    if (!Number.isSafeInteger(number)) throw refuse(reading, 'is a whole number');
    return number;
  },
  dateTime: (value, reading) => {
    const text = readText(value, reading);
    if (parseDateTime(text) === undefined) throw refuse(reading, 'is a date and time such as 2011-05-13T04:42:34Z');
    return text;
  },
  binary: (value, reading) => {
    const text = readText(value, reading);
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text.replaceAll(/\s/g, ''))) throw refuse(reading, 'is base64');
    return text;
  },
};

const readSimple = (attribute: Attribute, value: unknown, reading: Reading): Json => {
  if (attribute.type === 'complex') throw refuse(reading, 'is an object');
  const read = readers[attribute.type](value, reading);
  const { canonicalValues = [] } = attribute;
  if (attribute.closed !== true || canonicalValues.length === 0) return read;
  const known = canonicalValues.find((canonical) =>
    attribute.caseExact ? canonical === read : typeof read === 'string' && foldValue(canonical) === foldValue(read),
  );
  if (known === undefined) throw refuse(reading, `is one of ${canonicalValues.join(', ')}`);
  return known;
};

/** What nobody has assigned (RFC 7643 §2.5). */
export const isUnassigned = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

const readComplex = (attribute: Attribute, value: unknown, reading: Reading): JsonObject | undefined => {
  if (!isObject(value)) {
    const one = findSub(attribute, 'value');
    const bare = typeof value === 'string' && one !== undefined;
    if (!bare || (attribute.multiValued && !understands(reading.dialect, 'bareElements'))) {
      throw refuse(reading, attribute.multiValued ? 'is an object, one of an array' : 'is an object');
    }
    return readComplex(attribute, { value }, reading);
  }
  const read: Record<string, Json> = {};
  let assigned = false;
  let checked = false;
  for (const name of Object.keys(value)) {
    const sub = findSub(attribute, name);
    // Only a name that is not spelled as the schema has it can be one of two, or forbidden: 200,000 members are checked for neither.
    if (sub?.name !== name && !checked) {
      readKeys(value, place(reading));
      checked = true;
    }
    const part = value[name];
    if (isUnassigned(part)) continue;
    assigned = true;
    // What is readOnly is the server's to say: ignored (RFC 7644 §3.3, §3.5.1). So is what no schema knows.
    if (sub === undefined || sub.mutability === 'readOnly') continue;
    const found = readValue(sub, part, { dialect: reading.dialect, where: sub.name, within: reading });
    if (found !== undefined) read[sub.name] = found;
  }
  if (!assigned) return undefined;
  // An empty reference refers to nobody.
  if (!attribute.multiValued && read.value === '') return undefined;
  checkParts(attribute, read, reading);
  return Object.keys(read).length === 0 ? undefined : read;
};

/** The required parts of one complex value. */
export const checkParts = (attribute: Attribute, value: JsonObject, reading: Reading): void => {
  for (const sub of attribute.subAttributes ?? []) {
    if (!sub.required) continue;
    const part = value[sub.name];
    if (part === undefined || part === '') throw refuse(reading, `lacks its ${sub.name}`);
  }
};

/** What tells two values of a multi-valued attribute apart: the value, where it is given once and for all; else everything. */
export const keyOf = (attribute: Attribute, element: Json): string => {
  if (!isJsonObject(element)) {
    return typeof element === 'string' && !attribute.caseExact ? foldValue(element) : JSON.stringify(element);
  }
  if (isKeyed(attribute)) return String(element.value);
  return JSON.stringify((attribute.subAttributes ?? []).map((sub) => element[sub.name] ?? null));
};

/** True of members: no two of its values have the same `value`. */
export const isKeyed = (attribute: Attribute): boolean => {
  const value = findSub(attribute, 'value');
  return value?.required === true && value.mutability === 'immutable';
};

/** RFC 7643 §2.4: `primary` is true of one value at most. */
export const isPrimary = (element: Json): boolean => isJsonObject(element) && element.primary === true;

const readMany = (attribute: Attribute, value: unknown, reading: Reading): readonly Json[] | undefined => {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (
    !Array.isArray(value) &&
    attribute.type === 'complex' &&
    !isObject(value) &&
    !understands(reading.dialect, 'bareElements')
  ) {
    throw refuse(reading, 'is an array of objects');
  }
  if (values.length > maxValues && !isKeyed(attribute)) throw refuse(reading, `has more than ${maxValues} values`);
  const read = new Map<string, Json>();
  for (let i = 0; i < values.length; i++) {
    const each = values[i];
    if (isUnassigned(each)) continue;
    const element = readElement(attribute, each, { dialect: reading.dialect, where: i, within: reading });
    if (element === undefined) continue;
    const key = keyOf(attribute, element);
    if (!read.has(key)) read.set(key, element);
  }
  const elements = [...read.values()];
  if (elements.filter(isPrimary).length > 1) throw refuse(reading, 'has more than one primary value (RFC 7643 §2.4)');
  return elements.length === 0 ? undefined : elements;
};

/** One value of an attribute, be it single or one of many; undefined: it says nothing. */
export const readElement = (attribute: Attribute, value: unknown, reading: Reading): Json | undefined =>
  attribute.type === 'complex' ? readComplex(attribute, value, reading) : readSimple(attribute, value, reading);

/** The value of an attribute; undefined: it is unassigned. Throws `invalidValue` with the place. */
export const readValue = (attribute: Attribute, value: unknown, reading: Reading): Json | undefined => {
  if (isUnassigned(value)) return undefined;
  if (attribute.multiValued) return readMany(attribute, value, reading);
  if (!Array.isArray(value)) return readElement(attribute, value, reading);
  if (value.length > 1) throw refuse(reading, 'has one value, not an array');
  return isUnassigned(value[0]) ? undefined : readElement(attribute, value[0], reading);
};
