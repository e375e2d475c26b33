import { ScimError } from './errors.ts';
import { foldName, messageUrns } from './names.ts';
import { readKeys } from './read-value.ts';
import { isJsonObject, isList, isObject, type Json, type JsonObject, type ResourceType } from './schema.ts';

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of a bulk request (RFC 7644 §3.7). */
export interface BulkOperation {
  /** Its place in the request, from 0. */
  readonly index: number;
  readonly method: BulkMethod;
  readonly bulkId: string | undefined;
  /** As an If-Match header would say it. */
  readonly version: string | undefined;
  readonly type: ResourceType;
  /** Undefined: of a POST. */
  readonly id: string | undefined;
  readonly data: Json | undefined;
}

/**
 * What to do, one after the other. `run`: the operation. `complete`: it was run without the references that lead in a circle, of which
 * every target exists now: replace the resource it made by its whole data; if that fails, the operation has failed and the resource must
 * go. `refuse`: it fails as it stands.
 */
export type BulkStep =
  | { readonly kind: 'run'; readonly operation: BulkOperation; readonly leaveOut: ReadonlySet<string> }
  | { readonly kind: 'complete'; readonly operation: BulkOperation; readonly leaveOut: ReadonlySet<string> }
  | {
      readonly kind: 'refuse';
      readonly index: number;
      readonly method: string;
      readonly bulkId: string | undefined;
      readonly error: ScimError;
    };

export interface BulkPlan {
  /** Stop after so many errors; undefined: never. */
  readonly failOnErrors: number | undefined;
  readonly steps: readonly BulkStep[];
}

const prefix = 'bulkId:';

/** Deeper than any attribute's value; what is below is no reference. */
const maxDepth = 32;

/** What a reference becomes: an id, or, undefined, nothing: it is left out. */
type Lookup = (bulkId: string) => string | undefined;

/**
 * The data with its references replaced: a `value` (of members, manager, an operation) and what a path compares with. RFC 7644 §3.7.2.
 */
const substitute = (data: Json, key: string, lookup: Lookup, depth: number): Json | undefined => {
  if (typeof data === 'string') {
    if (key === 'value' && data.startsWith(prefix)) return lookup(data.slice(prefix.length));
    if (key === 'path')
      return data.replaceAll(/"bulkId:([^"\\]*)"/g, (_, bulkId: string) => JSON.stringify(lookup(bulkId) ?? ''));
    return data;
  }
  if (depth > maxDepth) return data;
  if (isList(data)) return data.map((each) => substitute(each, key, lookup, depth + 1)).filter((each) => each !== undefined);
  if (!isJsonObject(data)) return data;
  const entries: (readonly [string, Json])[] = [];
  for (const [name, part] of Object.entries(data)) {
    const folded = foldName(name);
    // The address of what has none yet: the server writes it.
    if (folded === '$ref' && typeof part === 'string' && part.includes(prefix)) continue;
    const next = substitute(part, folded, lookup, depth + 1);
    // Without its reference the value says nothing.
    if (next === undefined) return undefined;
    entries.push([name, next]);
  }
  return Object.fromEntries(entries);
};

const referencesOf = ({ id, data }: BulkOperation): readonly string[] => {
  const found = new Set<string>();
  if (id?.startsWith(prefix) === true) found.add(id.slice(prefix.length));
  if (data !== undefined) {
    substitute(
      data,
      '',
      (bulkId) => {
        found.add(bulkId);
        return bulkId;
      },
      0,
    );
  }
  return [...found];
};

const isMethod = (text: string): text is BulkMethod => text === 'POST' || text === 'PUT' || text === 'PATCH' || text === 'DELETE';

const readPath = (
  path: unknown,
  method: BulkMethod,
  types: readonly ResourceType[],
): { readonly type: ResourceType; readonly id: string | undefined } => {
  if (typeof path !== 'string') throw new ScimError('invalidPath', '"path" is a text such as /Users.');
  const [, endpoint = '', id, ...more] = (path.startsWith('/') ? path : `/${path}`).replace(/[?#].*$/s, '').split('/');
  const type = types.find((each) => foldName(each.endpoint) === `/${foldName(endpoint)}`);
  if (type === undefined || more.length > 0) {
    throw new ScimError(
      'notFound',
      `There is no resource at ${path.slice(0, 200)}: use ${types.map((each) => each.endpoint).join(' or ')}.`,
    );
  }
  const named = id !== undefined && id !== '';
  if (method === 'POST' && named) throw new ScimError('invalidPath', `POST goes to ${type.endpoint}, without an id.`);
  if (method !== 'POST' && !named) throw new ScimError('invalidPath', `${method} needs the id: ${type.endpoint}/{id}.`);
  try {
    return { type, id: named ? decodeURIComponent(id) : undefined };
  } catch (cause) {
    throw new ScimError('invalidPath', 'The id is not well encoded.', { cause });
  }
};

const readText = (keys: ReadonlyMap<string, unknown>, name: string): string | undefined => {
  const value = keys.get(foldName(name)) ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw new ScimError('invalidSyntax', `"${name}" is a text.`);
  return value;
};

const readOperation = (keys: ReadonlyMap<string, unknown>, index: number, types: readonly ResourceType[]): BulkOperation => {
  const method = readText(keys, 'method')?.toUpperCase() ?? '';
  if (!isMethod(method)) throw new ScimError('invalidSyntax', '"method" is POST, PUT, PATCH or DELETE.');
  const bulkId = readText(keys, 'bulkId');
  if (method === 'POST' && (bulkId === undefined || bulkId === '')) {
    throw new ScimError('invalidSyntax', 'POST needs a "bulkId" (RFC 7644 §3.7).');
  }
  const data = keys.get('data');
  if (method !== 'DELETE' && !isObject(data)) throw new ScimError('invalidSyntax', `${method} needs "data", an object.`);
  const { type, id } = readPath(keys.get('path'), method, types);
  const version = readText(keys, 'version');
  // The body came as JSON, and so is every part of it.
  return { index, method, bulkId, version, type, id, data: method === 'DELETE' ? undefined : (data as Json) };
};

const readStep = (json: unknown, index: number, types: readonly ResourceType[]): BulkStep => {
  const { method, bulkId } = isObject(json) ? json : {};
  try {
    if (!isObject(json)) throw new ScimError('invalidSyntax', 'An operation is an object.');
    const operation = readOperation(readKeys(json, `Operations[${index}]`), index, types);
    return { kind: 'run', operation, leaveOut: new Set() };
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return {
      kind: 'refuse',
      index,
      method: typeof method === 'string' ? method : '',
      bulkId: typeof bulkId === 'string' ? bulkId : undefined,
      error,
    };
  }
};

/** An operation fails alone, with what is wrong about it. */
const refused = ({ index, method, bulkId }: BulkOperation, error: ScimError): BulkStep => ({
  kind: 'refuse',
  index,
  method,
  bulkId,
  error,
});

/** Which operation makes what a bulkId names. */
const makersOf = (steps: readonly BulkStep[]): ReadonlyMap<string, number> => {
  const makers = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== 'run' || step.operation.method !== 'POST') continue;
    const { bulkId = '', index } = step.operation;
    if (!makers.has(bulkId)) makers.set(bulkId, index);
  }
  return makers;
};

/** The operations as they can be done at all: each bulkId once, each reference to an operation of this request. */
const checkReferences = (steps: readonly BulkStep[], makers: ReadonlyMap<string, number>): readonly BulkStep[] =>
  steps.map((step) => {
    if (step.kind !== 'run') return step;
    const { operation } = step;
    if (operation.method === 'POST' && makers.get(operation.bulkId ?? '') !== operation.index) {
      return refused(operation, new ScimError('invalidValue', `The bulkId ${operation.bulkId} is given twice.`));
    }
    const lost = referencesOf(operation).find((bulkId) => !makers.has(bulkId));
    if (lost === undefined) return step;
    return refused(operation, new ScimError('conflict', `No operation of this request makes bulkId:${lost}.`));
  });

/** An operation on its way to be planned: what it still waits for. */
interface Visit {
  readonly operation: BulkOperation;
  readonly waitsFor: string[];
  readonly leaveOut: Set<string>;
}

/**
 * The order in which every reference is known: what is referred to comes first, else it is the order of the request. Of a circle, one
 * operation leaves its references out and is completed when the others are done (RFC 7644 §3.7.1).
 */
const inOrder = (steps: readonly BulkStep[], makers: ReadonlyMap<string, number>): readonly BulkStep[] => {
  const ordered: BulkStep[] = [];
  const state = new Map<number, 'open' | 'done'>();
  const incomplete: { readonly step: BulkStep; readonly missing: Set<string> }[] = [];

  const finish = ({ operation, leaveOut }: Visit): void => {
    state.set(operation.index, 'done');
    ordered.push({ kind: 'run', operation, leaveOut });
    if (leaveOut.size > 0)
      incomplete.push({ step: { kind: 'complete', operation, leaveOut: new Set() }, missing: new Set(leaveOut) });
    for (const waiting of incomplete) {
      if (waiting.missing.delete(operation.bulkId ?? '') && waiting.missing.size === 0) ordered.push(waiting.step);
    }
  };

  // By hand, not by recursion: a chain may be as long as the request.
  const visit = (first: BulkOperation): void => {
    const path: Visit[] = [];
    const enter = (operation: BulkOperation): void => {
      state.set(operation.index, 'open');
      path.push({ operation, waitsFor: [...referencesOf(operation)], leaveOut: new Set() });
    };
    enter(first);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const bulkId = last.waitsFor.shift();
      if (bulkId === undefined) {
        finish(last);
        path.pop();
        continue;
      }
      const maker = steps[makers.get(bulkId) ?? -1];
      if (maker?.kind !== 'run') continue;
      const known = state.get(maker.operation.index);
      if (known === 'open') last.leaveOut.add(bulkId);
      else if (known === undefined) enter(maker.operation);
    }
  };

  for (const step of steps) {
    if (step.kind !== 'run') ordered.push(step);
    else if (!state.has(step.operation.index)) visit(step.operation);
  }
  return ordered;
};

/** The body of POST /Bulk, as steps to be done in their order; throws `ScimError` if it is refused whole. */
export const planBulk = (
  json: unknown,
  { types, maxOperations }: { readonly types: readonly ResourceType[]; readonly maxOperations: number },
): BulkPlan => {
  if (!isObject(json)) throw new ScimError('invalidSyntax', 'The body is one JSON object: a BulkRequest message.');
  const keys = readKeys(json, 'The body');
  const schemas = keys.get('schemas');
  if (
    !Array.isArray(schemas) ||
    !schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(messageUrns.bulkRequest))
  ) {
    throw new ScimError('invalidSyntax', `"schemas" is an array that names ${messageUrns.bulkRequest}.`);
  }
  const operations = keys.get('operations');
  if (!Array.isArray(operations)) throw new ScimError('invalidSyntax', '"Operations" is an array of operations.');
  if (operations.length > maxOperations) {
    throw new ScimError(
      'payloadTooLarge',
      `"Operations" has ${operations.length} operations; at most ${maxOperations} are done at once.`,
    );
  }
  const failOnErrors = keys.get('failonerrors') ?? undefined;
  if (failOnErrors !== undefined && !(Number.isSafeInteger(failOnErrors) && Number(failOnErrors) > 0)) {
    throw new ScimError('invalidValue', '"failOnErrors" is a whole number from 1.');
  }
  const read = operations.map((operation: unknown, i) => readStep(operation, i, types));
  const makers = makersOf(read);
  return {
    failOnErrors: failOnErrors === undefined ? undefined : Number(failOnErrors),
    steps: inOrder(checkReferences(read, makers), makers),
  };
};

/**
 * A step's operation with the ids that its references stand for, `ids` by bulkId. Throws `conflict` for a reference whose operation has
 * failed.
 */
export const resolveBulkIds = (step: Exclude<BulkStep, { kind: 'refuse' }>, ids: ReadonlyMap<string, string>): BulkOperation => {
  const { operation, leaveOut } = step;
  const lookup = (bulkId: string): string | undefined => {
    if (leaveOut.has(bulkId)) return undefined;
    const id = ids.get(bulkId);
    if (id === undefined) throw new ScimError('conflict', `The operation that makes bulkId:${bulkId} has failed.`);
    return id;
  };
  const { id, data } = operation;
  return {
    ...operation,
    id: id?.startsWith(prefix) === true ? lookup(id.slice(prefix.length)) : id,
    data: data === undefined ? undefined : substitute(data, '', lookup, 0),
  };
};

/** RFC 7644 §3.7.3: `status` is a string; `response` is the error, where there is one. */
export const bulkResponse = (
  results: readonly {
    readonly method: string;
    readonly bulkId?: string | undefined;
    readonly location?: string | undefined;
    readonly version?: string | undefined;
    readonly status: number;
    readonly response?: JsonObject | undefined;
  }[],
): JsonObject => ({
  schemas: [messageUrns.bulkResponse],
  Operations: results.map(({ method, bulkId, location, version, status, response }) => ({
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(location === undefined ? {} : { location }),
    ...(version === undefined ? {} : { version }),
    status: String(status),
    ...(response === undefined ? {} : { response }),
  })),
});
