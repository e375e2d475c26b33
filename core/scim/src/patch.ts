import type { Attribute } from './attribute.ts';
import { findSub } from './catalog.ts';
import { understands } from './dialect.ts';
import { ScimError } from './errors.ts';
import { evaluateValueFilter } from './filter/evaluate.ts';
import type { ResolvedFilter } from './filter/filter.ts';
import { printTarget } from './filter/print.ts';
import { type Edit, isOfRows, namedValues, type PatchRequest, scansRows } from './patch-request.ts';
import { checkParts, isKeyed, isPrimary, keyOf, maxValues } from './read-value.ts';
import { assign, type Change, changedAttributes, checkRequired, type RowsChange, valueIn } from './resource.ts';
import { isJsonObject, isList, type Json, type JsonObject, type Resource, sameJson } from './schema.ts';
import { foldValue } from './value.ts';

const refuse = (code: 'mutability' | 'noTarget' | 'invalidValue', { where, target }: Edit, problem: string): ScimError =>
  new ScimError(code, `${where}: ${printTarget(target)} ${problem}.`);

/** RFC 7644 §3.5.2: what is immutable may be set once. */
const checkImmutable = (attribute: Attribute, before: Json | undefined, after: Json | undefined, edit: Edit): void => {
  if (attribute.mutability === 'immutable' && before !== undefined && !sameJson(before, after)) {
    throw refuse('mutability', edit, 'is immutable and keeps its value');
  }
};

/** RFC 7644 §3.5.2.1 and §3.5.2.3: parts that are not named stay as they are. */
const merge = (attribute: Attribute, before: JsonObject, parts: JsonObject, edit: Edit): JsonObject => {
  const merged: Record<string, Json> = { ...before };
  // A reference to somebody else: the old one's address is not the new one's.
  if (parts.value !== undefined && parts.value !== before.value) delete merged.$ref;
  for (const [name, part] of Object.entries(parts)) {
    const sub = findSub(attribute, name);
    if (sub !== undefined) checkImmutable(sub, before[name], part, edit);
    merged[name] = part;
  }
  return merged;
};

/** An object with a part set or, without a value, unset; undefined: nothing is left. */
const setPart = (value: JsonObject, sub: Attribute, part: Json | undefined, edit: Edit): JsonObject | undefined => {
  if (part !== undefined) return merge(edit.target.attribute, value, { [sub.name]: part }, edit);
  checkImmutable(sub, value[sub.name], part, edit);
  if (sub.required) throw refuse('mutability', edit, 'is required');
  const { [sub.name]: _, ...rest } = value;
  return Object.keys(rest).length === 0 ? undefined : rest;
};

const editSingle = (before: Json | undefined, edit: Edit): Json | undefined => {
  const { op, target, value, filter } = edit;
  const { attribute, sub } = target;
  if (op === 'add' && value === undefined) return before;
  const present = isJsonObject(before) ? before : undefined;
  if (filter !== undefined && !(present !== undefined && evaluateValueFilter(filter, present))) {
    if (op === 'remove') return before;
    throw refuse('noTarget', edit, 'has no value that the filter matches');
  }
  if (sub !== undefined) {
    const after = present === undefined && value === undefined ? undefined : setPart(present ?? {}, sub, value, edit);
    // An empty reference refers to nobody.
    return after?.value === '' ? undefined : after;
  }
  if (op === 'remove' || value === undefined) {
    checkImmutable(attribute, before, undefined, edit);
    return undefined;
  }
  const after = present !== undefined && isJsonObject(value) ? merge(attribute, present, value, edit) : value;
  checkImmutable(attribute, before, after, edit);
  return after;
};

/** What two equal values have in common whatever else: to look for the equal ones among few. */
const groupOf = (attribute: Attribute, element: Json): string => {
  if (!isJsonObject(element) || isKeyed(attribute) || typeof element.value !== 'string')
    return `all ${keyOf(attribute, element)}`;
  return `value ${findSub(attribute, 'value')?.caseExact === true ? element.value : foldValue(element.value)}`;
};

/** The same value of a multi-valued attribute: by its `value`, and by its `type` where both have one (RFC 7643 §2.4). */
const isSame = (attribute: Attribute, a: Json, b: Json): boolean => {
  if (groupOf(attribute, a) !== groupOf(attribute, b)) return false;
  if (!isJsonObject(a) || !isJsonObject(b) || typeof a.type !== 'string' || typeof b.type !== 'string') return true;
  return isKeyed(attribute) || a.value === undefined || foldValue(a.type) === foldValue(b.type);
};

/** Elements by what equal ones have in common. */
const grouped = (attribute: Attribute, elements: readonly Json[]): Map<string, number[]> => {
  const groups = new Map<string, number[]>();
  for (const [i, element] of elements.entries()) {
    const group = groupOf(attribute, element);
    const others = groups.get(group);
    if (others === undefined) groups.set(group, [i]);
    else others.push(i);
  }
  return groups;
};

/** Each value once. */
const withoutTwins = (attribute: Attribute, elements: readonly Json[]): readonly Json[] => {
  const twins = new Set<number>();
  for (const others of grouped(attribute, elements).values()) {
    if (others.length === 1) continue;
    const seen = new Set<string>();
    for (const i of others) {
      const key = keyOf(attribute, elements[i] ?? null);
      if (seen.has(key)) twins.add(i);
      seen.add(key);
    }
  }
  return twins.size === 0 ? elements : elements.filter((_, i) => !twins.has(i));
};

/** Adds to what is there; what is there already is not added twice, only completed (RFC 7644 §3.5.2.1). */
const addElements = (elements: readonly Json[], added: readonly Json[], edit: Edit): readonly Json[] => {
  const { attribute } = edit.target;
  const result = [...elements];
  const groups = grouped(attribute, elements);
  for (const element of added) {
    const group = groupOf(attribute, element);
    const others = groups.get(group) ?? [];
    const at = others.find((i) => isSame(attribute, result[i] ?? null, element));
    const there = at === undefined ? undefined : result[at];
    if (at === undefined || there === undefined) {
      groups.set(group, [...others, result.length]);
      result.push(element);
    } else if (isJsonObject(there) && isJsonObject(element) && !isKeyed(attribute)) {
      // Of a value that is given once and for all, the rest is too.
      result[at] = merge(attribute, there, element, edit);
    }
  }
  return result;
};

/** What is left when those listed are gone. */
const removeElements = (elements: readonly Json[], listed: readonly Json[], { target }: Edit): readonly Json[] => {
  const groups = grouped(target.attribute, listed);
  return elements.filter((element) => {
    const others = groups.get(groupOf(target.attribute, element)) ?? [];
    return !others.some((i) => isSame(target.attribute, element, listed[i] ?? null));
  });
};

/** The value that a filter such as `type eq "work"` describes; undefined: it does not describe one. */
const describedBy = (filter: ResolvedFilter): JsonObject | undefined => {
  if (filter.kind === 'and') {
    const parts = filter.filters.map(describedBy);
    return parts.every((part) => part !== undefined) ? Object.assign({}, ...parts) : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  const { sub } = filter.target;
  return sub === undefined || sub.type === 'dateTime' || sub.mutability === 'readOnly' ? undefined : { [sub.name]: filter.value };
};

/** A value that was not there: what the filter says of it, and what the operation gives. */
const createElement = (filter: ResolvedFilter | undefined, edit: Edit): Json => {
  const { target, value } = edit;
  const described = filter === undefined ? {} : describedBy(filter);
  if (described === undefined || value === undefined || target.attribute.type !== 'complex') {
    throw refuse('noTarget', edit, 'has no value that the filter matches');
  }
  const given = target.sub === undefined ? value : { [target.sub.name]: value };
  const element = { ...described, ...(isJsonObject(given) ? given : {}) };
  checkParts(target.attribute, element, { dialect: 'standard', where: `${edit.where}: ${target.attribute.name}` });
  return element;
};

/** One of the values that the operation is about; undefined: it goes. */
const editElement = (element: Json, edit: Edit): Json | undefined => {
  const { op, target, value } = edit;
  const { attribute, sub } = target;
  if (sub !== undefined) return setPart(isJsonObject(element) ? element : {}, sub, value, edit);
  if (op === 'remove' || value === undefined) return undefined;
  return op === 'add' && isJsonObject(element) && isJsonObject(value) ? merge(attribute, element, value, edit) : value;
};

const editChosen = (elements: readonly Json[], edit: Edit): readonly Json[] => {
  const { op, target, filter, value } = edit;
  if (op === 'add' && value === undefined) return elements;
  let chosen = 0;
  const edited: Json[] = [];
  for (const element of elements) {
    const isChosen = filter === undefined || evaluateValueFilter(filter, element);
    const next = isChosen ? editElement(element, edit) : element;
    if (isChosen) chosen++;
    if (next !== undefined) edited.push(next);
  }
  // Two may have become one, but not by taking away.
  if (chosen > 0) return op === 'remove' && target.sub === undefined ? edited : withoutTwins(target.attribute, edited);
  if (op === 'remove' || value === undefined) return elements;
  // RFC 7644 §3.5.2.3: no target. Of an attribute that has no value, replace is add; so it is where there is nothing to choose from.
  if (op === 'replace' && filter !== undefined && !understands(edit.dialect, 'replaceCreatesElement')) {
    throw refuse('noTarget', edit, 'has no value that the filter matches: add it first');
  }
  return [...elements, createElement(filter, edit)];
};

/** RFC 7643 §2.4: a new primary value takes the place of the old one. */
const keepOnePrimary = (before: readonly Json[], after: readonly Json[], edit: Edit): readonly Json[] => {
  const primaries = after.filter(isPrimary);
  if (primaries.length < 2) return after;
  const old = before.filter(isPrimary);
  const fresh = primaries.filter((element) => !old.some((each) => isSame(edit.target.attribute, each, element)));
  if (fresh.length > 1) throw refuse('invalidValue', edit, 'would have more than one primary value');
  const one = fresh[0] ?? primaries.at(-1);
  return after.map((element) =>
    element !== one && isJsonObject(element) && isPrimary(element) ? { ...element, primary: false } : element,
  );
};

const editMany = (before: readonly Json[], edit: Edit): readonly Json[] => {
  const { op, target, filter, value } = edit;
  if (filter !== undefined || target.sub !== undefined) return editChosen(before, edit);
  const listed = isList(value) ? value : [];
  if (op === 'add') return addElements(before, listed, edit);
  if (op === 'replace') return listed;
  if (value === undefined) return [];
  return removeElements(before, listed, edit);
};

const editAttribute = (before: Json | undefined, edit: Edit): Json | undefined => {
  const { attribute } = edit.target;
  if (edit.same === true) {
    if (!sameJson(before, edit.value)) throw refuse('mutability', edit, 'is readOnly: leave it out');
    return before;
  }
  if (!attribute.multiValued) return editSingle(before, edit);
  const elements = isList(before) ? before : [];
  const after = keepOnePrimary(elements, editMany(elements, edit), edit);
  if (after.length > maxValues && !isKeyed(attribute)) throw refuse('invalidValue', edit, `has more than ${maxValues} values`);
  if (attribute.mutability === 'immutable') checkImmutable(attribute, before, after, edit);
  return after.length === 0 ? undefined : after;
};

/** Rows while a PATCH is applied: what changes about rows that nobody has read, or, `known`, the rows themselves. */
interface Rows {
  readonly known: boolean;
  clear: boolean;
  readonly remove: Set<string>;
  readonly add: Map<string, JsonObject>;
}

/** Adds, replaces and removes rows by their value: the same work whoever else is there. */
const editRowsByValue = (rows: Rows, { op, filter, value }: Edit): void => {
  const removeAll = (): void => {
    if (!rows.known) rows.clear = true;
    rows.remove.clear();
    rows.add.clear();
  };
  const remove = (id: string): void => {
    rows.add.delete(id);
    if (!rows.known && !rows.clear) rows.remove.add(id);
  };
  const listed = (isList(value) ? value : []).filter(isJsonObject);
  if (op === 'remove') {
    const named = filter === undefined ? listed.map((row) => String(row.value)) : (namedValues(filter) ?? []);
    if (filter === undefined && value === undefined) removeAll();
    else named.forEach(remove);
    return;
  }
  if (op === 'replace') removeAll();
  for (const row of listed) {
    const id = String(row.value);
    rows.remove.delete(id);
    if (!rows.add.has(id)) rows.add.set(id, row);
  }
};

const byValue = (rows: Json | undefined): Map<string, JsonObject> =>
  new Map((isList(rows) ? rows : []).filter(isJsonObject).map((row) => [String(row.value), row]));

/** Any other change, which looks at every row. */
const editKnownRows = (rows: Rows, edit: Edit): void => {
  const { op, target, filter } = edit;
  if (op === 'remove' && target.sub === undefined && filter !== undefined) {
    for (const [id, row] of rows.add) if (evaluateValueFilter(filter, row)) rows.add.delete(id);
    return;
  }
  const edited = byValue(editAttribute([...rows.add.values()], edit));
  rows.add.clear();
  for (const [id, row] of edited) rows.add.set(id, row);
};

/** What became of the rows, whatever they were; undefined: nothing was said of them. */
const rowsChange = (rows: Rows, before: ReadonlyMap<string, JsonObject>): RowsChange | undefined => {
  const { known, clear, remove, add } = rows;
  if (!known) {
    return clear || remove.size > 0 || add.size > 0 ? { clear, remove: [...remove], add: [...add.values()] } : undefined;
  }
  const removed = [...before.keys()].filter((id) => !add.has(id));
  const added = [...add].filter(([id]) => !before.has(id)).map(([, row]) => row);
  return removed.length === 0 && added.length === 0 ? undefined : { clear: false, remove: removed, add: added };
};

/** How many values, and how many rows, a PATCH looks at in all: so no request works for seconds. */
const maxVisits = { values: 200_000, rows: 1_000_000 };

/**
 * PATCH (RFC 7644 §3.5.2): all of it or, thrown, nothing. The resource comes with its `id`, and with its rows only if the request
 * `needsRows`.
 */
export const applyPatch = (resource: Resource, request: PatchRequest): Change => {
  const { type, edits, needsRows } = request;
  const rowsName = type.rows ?? '';
  const { [rowsName]: present, ...before } = resource;
  const presentRows = byValue(present);
  const rows: Rows = { known: needsRows, clear: false, remove: new Set(), add: needsRows ? new Map(presentRows) : new Map() };
  const visits = { values: 0, rows: 0 };
  const visit = (kind: 'values' | 'rows', count: number, { where }: Edit): void => {
    visits[kind] += count;
    if (visits[kind] <= maxVisits[kind]) return;
    throw new ScimError('tooMany', `${where}: the operations look at more than ${maxVisits[kind]} values. Do them in parts.`);
  };
  let after: Resource = before;
  for (const edit of edits) {
    if (!isOfRows(edit, type)) {
      const value = valueIn(after, edit.target);
      if (isList(value)) visit('values', value.length, edit);
      after = assign(after, edit.target, editAttribute(value, edit));
    } else if (scansRows(edit)) {
      visit('rows', rows.add.size, edit);
      editKnownRows(rows, edit);
    } else {
      editRowsByValue(rows, edit);
    }
  }
  // RFC 7644 §3.5.2.2: what is required cannot be taken away.
  checkRequired(after, type, 'mutability', before);
  return { resource: after, changed: changedAttributes(before, after, type), rows: rowsChange(rows, presentRows) };
};
