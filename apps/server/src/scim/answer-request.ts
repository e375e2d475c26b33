import { hash } from 'node:crypto';
import {
  applyPatch,
  type BulkOperation,
  bulkResponse,
  type Discovery,
  defaultFilterLimits,
  errorBody,
  groupType,
  isNotModified,
  type JsonObject,
  type ListQuery,
  listResponse,
  type Projection,
  planBulk,
  project,
  type QueryParameters,
  type Resource,
  type ResourceType,
  readListQuery,
  readPatch,
  readResource,
  readResourceQuery,
  readSearchRequest,
  replaceResource,
  resolveBulkIds,
  resourceTypeDocuments,
  ScimError,
  schemaDocuments,
  serviceProviderConfig,
  userType,
  wants,
  writeVersion,
} from '@latchkey/scim';
import { changeGroup, createGroup, deleteGroup } from './change-group.ts';
import { type ChangeNeeds, changeUser, createUser, deleteUser } from './change-user.ts';
import { type Endpoint, resourceUnknown } from './endpoint.ts';
import { type FoundPage, findResources } from './find-resources.ts';
import { groupFinder, userFinder } from './finders.ts';
import { groupResource, memberValue } from './group-resource.ts';
import type { ProvidedGroup, ProvidedUser, RangeKey } from './store.ts';
import { toScimError } from './to-scim-error.ts';
import { completeUsers, userResource } from './user-resource.ts';

export interface AnswerNeeds extends ChangeNeeds {
  /** Where pages have ended, so that the next one need not be counted off. */
  readonly bookmarks: {
    readonly get: (name: string) => RangeKey | undefined;
    readonly set: (name: string, key: RangeKey) => void;
  };
}

export interface ScimRequest {
  readonly method: string;
  /** Below the base URL, decoded: `['Users', 'usr_1']`. */
  readonly path: readonly string[];
  readonly query: QueryParameters;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Parsed; undefined: there is none. */
  readonly body: unknown;
}

export interface ScimAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In pieces, since a group may have any number of members; undefined: no body. */
  readonly body: string | AsyncIterable<string> | undefined;
}

/** Limits that ServiceProviderConfig tells. */
export const maxPayloadSize = 10_485_760;
const maxOperations = 1000;
const membersAtOnce = 1000;

const json = (status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): ScimAnswer => ({
  status,
  headers,
  body: JSON.stringify(body),
});

/** Users as they are shown. */
async function* writeUsers(
  needs: AnswerNeeds,
  endpoint: Endpoint,
  users: readonly ProvidedUser[],
  projection: Projection,
): AsyncGenerator<string> {
  const store = needs.storage.organization(endpoint.organizationId).read;
  const complete = await completeUsers(
    store,
    endpoint,
    users.map((user) => userResource(endpoint, user)),
    { groups: wants(projection, 'groups'), manager: true },
  );
  yield complete.map((resource) => JSON.stringify(project(resource, projection))).join(',');
}

/** Groups as they are shown; members are read only if they are asked for, and never all at once. */
async function* writeGroups(
  needs: AnswerNeeds,
  endpoint: Endpoint,
  groups: readonly ProvidedGroup[],
  projection: Projection,
): AsyncGenerator<string> {
  const store = needs.storage.organization(endpoint.organizationId).read;
  const withMembers = wants(projection, 'members');
  for (const [index, it] of groups.entries()) {
    const resource = groupResource(endpoint, it);
    const comma = index === 0 ? '' : ',';
    const text = JSON.stringify(project(resource, projection));
    if (!withMembers) {
      yield comma + text;
      continue;
    }
    let isFirst = true;
    let after: string | undefined;
    do {
      const page = await store.listMembers(endpoint.source, it.group.id, { after, limit: membersAtOnce });
      after = page.next;
      const shown = project({ ...resource, members: page.members.map((member) => memberValue(endpoint, member)) }, projection);
      const members = JSON.stringify(shown.members ?? []).slice(1, -1);
      if (members === '') continue;
      yield isFirst ? `${comma}${text.slice(0, -1)},"members":[${members}` : `,${members}`;
      isFirst = false;
    } while (after !== undefined);
    yield isFirst ? comma + text : ']}';
  }
}

type Written = { readonly id: string; readonly version: string; readonly location: string; readonly body: AsyncIterable<string> };

/** What can be asked of a resource type. */
interface Kind {
  readonly type: ResourceType;
  readonly create: (data: unknown, projection: Projection) => Promise<Written>;
  readonly find: (id: string, projection: Projection) => Promise<Written>;
  readonly replace: (id: string, ifMatch: string | undefined, data: unknown, projection: Projection) => Promise<Written>;
  readonly patch: (id: string, ifMatch: string | undefined, data: unknown, projection: Projection) => Promise<Written>;
  readonly remove: (id: string, ifMatch: string | undefined) => Promise<void>;
  /** One page: its resources as text, how many they are, the total, and where the page ended. */
  readonly list: (
    query: ListQuery,
    skip: number,
    count: number,
    after: RangeKey | undefined,
  ) => Promise<{ readonly text: AsyncIterable<string>; readonly found: FoundPage<unknown> }>;
}

const kindsOf = (needs: AnswerNeeds, endpoint: Endpoint): Readonly<Record<'users' | 'groups', Kind>> => {
  const { dialect, source, baseUrl } = endpoint;
  const store = needs.storage.organization(endpoint.organizationId).read;
  const userWritten = (it: ProvidedUser, projection: Projection): Written => ({
    id: it.user.id,
    version: writeVersion(it.user.revision),
    location: `${baseUrl}/Users/${it.user.id}`,
    body: writeUsers(needs, endpoint, [it], projection),
  });
  const groupWritten = (it: ProvidedGroup, projection: Projection): Written => ({
    id: it.group.id,
    version: writeVersion(it.group.revision),
    location: `${baseUrl}/Groups/${it.group.id}`,
    body: writeGroups(needs, endpoint, [it], projection),
  });
  /** What a store may be asked for. */
  const checkId = (type: 'User' | 'Group', id: string): void => {
    if (!/^\w{1,128}$/.test(id)) throw resourceUnknown(type, id);
  };
  return {
    users: {
      type: userType,
      create: async (data, projection) =>
        userWritten(await createUser(needs, endpoint, readResource(data, userType, dialect)), projection),
      find: async (id, projection) => {
        checkId('User', id);
        const found = await store.findProvidedUser(source, id);
        if (found === undefined) throw resourceUnknown('User', id);
        return userWritten(found, projection);
      },
      replace: async (id, ifMatch, data, projection) => {
        checkId('User', id);
        const next = readResource(data, userType, dialect);
        const change = (current: Resource) => replaceResource(current, next, userType);
        return userWritten(await changeUser(needs, endpoint, { id, ifMatch, change }), projection);
      },
      patch: async (id, ifMatch, data, projection) => {
        checkId('User', id);
        const request = readPatch(data, userType, dialect);
        const change = (current: Resource) => applyPatch(current, request);
        return userWritten(await changeUser(needs, endpoint, { id, ifMatch, change }), projection);
      },
      remove: (id, ifMatch) => {
        checkId('User', id);
        return deleteUser(needs, endpoint, { id, ifMatch });
      },
      list: async (query, skip, count, after) => {
        const found = await findResources(userFinder(store, endpoint), { ...query, skip, count, after });
        return { text: writeUsers(needs, endpoint, found.rows, query.projection), found };
      },
    },
    groups: {
      type: groupType,
      create: async (data, projection) =>
        groupWritten(await createGroup(needs, endpoint, readResource(data, groupType, dialect)), projection),
      find: async (id, projection) => {
        checkId('Group', id);
        const found = await store.findProvidedGroup(source, id);
        if (found === undefined) throw resourceUnknown('Group', id);
        return groupWritten(found, projection);
      },
      replace: async (id, ifMatch, data, projection) => {
        checkId('Group', id);
        const next = readResource(data, groupType, dialect);
        const change = (current: Resource) => replaceResource(current, next, groupType);
        return groupWritten(await changeGroup(needs, endpoint, { id, ifMatch, needsMembers: false, change }), projection);
      },
      patch: async (id, ifMatch, data, projection) => {
        checkId('Group', id);
        const request = readPatch(data, groupType, dialect);
        const change = (current: Resource) => applyPatch(current, request);
        const input = { id, ifMatch, needsMembers: request.needsRows, change };
        return groupWritten(await changeGroup(needs, endpoint, input), projection);
      },
      remove: (id, ifMatch) => {
        checkId('Group', id);
        return deleteGroup(needs, endpoint, { id, ifMatch });
      },
      list: async (query, skip, count, after) => {
        const found = await findResources(groupFinder(store, endpoint), { ...query, skip, count, after });
        return { text: writeGroups(needs, endpoint, found.rows, query.projection), found };
      },
    },
  };
};

const everything: Readonly<Record<string, string>> = {};
const projectionOf = (kind: Kind, { query }: Pick<ScimRequest, 'query'>, { dialect }: Endpoint): Projection =>
  readResourceQuery(query, kind.type, dialect);

/** ListResponse (RFC 7644 §3.4.2) around resources that are written already. */
async function* writeList(envelope: JsonObject, texts: readonly AsyncIterable<string>[]): AsyncGenerator<string> {
  yield `${JSON.stringify({ ...envelope, Resources: undefined }).slice(0, -1)},"Resources":[`;
  let isFirst = true;
  for (const text of texts) {
    let begun = false;
    for await (const piece of text) {
      if (piece === '') continue;
      if (!begun && !isFirst) yield ',';
      begun = true;
      isFirst = false;
      yield piece;
    }
  }
  yield ']}';
}

/** A cursor tells of which list it is: with another filter it means nothing (RFC 9865 §2.1). */
const writeCursor = (mark: string, skip: number, key: RangeKey | undefined): string =>
  Buffer.from(JSON.stringify([mark, skip, ...(key ?? [])]), 'utf8').toString('base64url');

const readCursor = (cursor: string, mark: string): { readonly skip: number; readonly after: RangeKey | undefined } => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    value = undefined;
  }
  const isKey = (each: unknown): each is string | number =>
    typeof each === 'number' || (typeof each === 'string' && each.isWellFormed() && !each.includes('\0'));
  if (Array.isArray(value)) {
    const [itsMark, skip, ...key] = value as readonly unknown[]; // an array, as checked
    if (itsMark === mark && Number.isSafeInteger(skip) && key.every(isKey)) {
      return { skip: Number(skip), after: key.length === 0 ? undefined : key };
    }
  }
  throw new ScimError(
    'invalidCursor',
    'The cursor is not one of this list. Give nextCursor as it came, with the same filter and order.',
  );
};

/** One page of one type. */
const answerList = async (
  needs: AnswerNeeds,
  endpoint: Endpoint,
  kind: Kind,
  query: ListQuery,
  asked: string,
): Promise<ScimAnswer> => {
  const mark = hash('sha256', `${kind.type.name} ${asked}`, 'base64url').slice(0, 16);
  const name = (from: number): string => `${endpoint.organizationId} ${endpoint.idp} ${mark} ${from}`;
  const { count, cursor, startIndex } = query;
  const at =
    cursor === undefined || cursor === ''
      ? { skip: startIndex - 1, after: cursor === '' ? undefined : needs.bookmarks.get(name(startIndex - 1)) }
      : readCursor(cursor, mark);
  const { text, found } = await kind.list(query, cursor === '' ? 0 : at.skip, count, at.after);
  const until = (cursor === '' ? 0 : at.skip) + found.rows.length;
  if (cursor === undefined && found.lastKey !== undefined) needs.bookmarks.set(name(until), found.lastKey);
  const envelope = listResponse({
    resources: [],
    totalResults: found.total,
    ...(cursor === undefined ? { startIndex } : {}),
    ...(cursor !== undefined && until < found.total && found.rows.length > 0
      ? { nextCursor: writeCursor(mark, until, found.lastKey) }
      : {}),
  });
  return { status: 200, headers: everything, body: writeList({ ...envelope, itemsPerPage: found.rows.length }, [text]) };
};

/** One page over all types (RFC 7644 §3.4.2.1, §3.4.3): the users, then the groups. */
const answerSearch = async (kinds: readonly Kind[], read: (kind: Kind) => ListQuery): Promise<ScimAnswer> => {
  const texts: AsyncIterable<string>[] = [];
  let total = 0;
  let shown = 0;
  let first = 1;
  for (const kind of kinds) {
    const query = read(kind);
    if (query.cursor !== undefined)
      throw new ScimError('invalidCursor', 'Ask /Users or /Groups by cursor, or here by startIndex.');
    first = query.startIndex;
    const { text, found } = await kind.list(query, Math.max(0, query.startIndex - 1 - total), query.count - shown, undefined);
    texts.push(text);
    total += found.total;
    shown += found.rows.length;
  }
  const envelope = listResponse({ resources: [], totalResults: total, startIndex: first });
  return { status: 200, headers: everything, body: writeList({ ...envelope, itemsPerPage: shown }, texts) };
};

const written = (status: number, { version, location, body }: Written): ScimAnswer => ({
  status,
  headers: { etag: version, location },
  body,
});

/** RFC 7644 §3.7. Each operation is a request of its own: what went well stays. */
const answerBulk = async (kinds: readonly Kind[], data: unknown): Promise<ScimAnswer> => {
  const plan = planBulk(data, { types: kinds.map(({ type }) => type), maxOperations });
  type Result = Parameters<typeof bulkResponse>[0][number];
  const results = new Map<number, Result>();
  const ids = new Map<string, string>();
  let errors = 0;
  const run = async (operation: BulkOperation, isComplete: boolean): Promise<Result> => {
    const { method, bulkId, version, type, id = '', data: its } = operation;
    const kind = kinds.find((each) => each.type === type);
    if (kind === undefined) throw new ScimError('notFound', 'There is no such resource type here.');
    const projection = readResourceQuery({}, type, 'standard');
    const tell = (status: number, it: Pick<Written, 'version' | 'location'>): Result => ({
      method,
      bulkId,
      status,
      location: it.location,
      version: it.version,
    });
    if (isComplete) {
      const made = ids.get(bulkId ?? '') ?? id;
      const it = await kind.replace(made, undefined, its, projection);
      return tell(method === 'POST' ? 201 : 200, it);
    }
    switch (method) {
      case 'POST': {
        const it = await kind.create(its, projection);
        if (bulkId !== undefined) ids.set(bulkId, it.id);
        return tell(201, it);
      }
      case 'PUT':
        return tell(200, await kind.replace(id, version, its, projection));
      case 'PATCH':
        return tell(200, await kind.patch(id, version, its, projection));
      case 'DELETE':
        await kind.remove(id, version);
        return { method, bulkId, status: 204 };
    }
  };
  for (const step of plan.steps) {
    if (plan.failOnErrors !== undefined && errors >= plan.failOnErrors) break;
    const { index, method, bulkId } = step.kind === 'refuse' ? step : step.operation;
    try {
      if (step.kind === 'refuse') throw step.error;
      results.set(index, await run(resolveBulkIds(step, ids), step.kind === 'complete'));
    } catch (cause) {
      const error = toScimError(cause);
      if (error.status >= 500) throw cause;
      errors += 1;
      results.set(index, { method, bulkId, status: error.status, response: { ...errorBody(error) } });
    }
  }
  return json(200, bulkResponse([...results].toSorted(([a], [b]) => a - b).map(([, result]) => result)));
};

const notHere = (path: readonly string[]): ScimError =>
  new ScimError('notFound', `There is nothing at /${path.join('/').slice(0, 100)}: see /ResourceTypes.`);
const notAllowed = (method: string, what: string): ScimError =>
  new ScimError('methodNotAllowed', `${method} is not possible for ${what}.`);

const discoveryOf = ({ baseUrl, settings }: Pick<Endpoint, 'baseUrl' | 'settings'>): Discovery => ({
  baseUrl,
  types: [userType, groupType],
  bulk: { supported: true, maxOperations, maxPayloadSize },
  maxResults: settings.maxPageSize,
  changePassword: false,
  sort: true,
  etag: true,
  pagination: {
    cursor: true,
    defaultPageSize: settings.defaultPageSize,
    maxPageSize: settings.maxPageSize,
  },
});

/** What is open without a token (RFC 7644 §4). Undefined: it is none of these. */
export const answerDiscovery = (
  endpoint: Pick<Endpoint, 'baseUrl' | 'settings'>,
  { method, path, query }: Pick<ScimRequest, 'method' | 'path' | 'query'>,
): ScimAnswer | undefined => {
  const [name = '', id, ...more] = path;
  const discovery = discoveryOf(endpoint);
  const documents: Readonly<Record<string, () => readonly JsonObject[]>> = {
    serviceproviderconfig: () => [serviceProviderConfig(discovery)],
    resourcetypes: () => resourceTypeDocuments(discovery),
    schemas: () => schemaDocuments(discovery),
  };
  const key = name.toLowerCase();
  const all = Object.hasOwn(documents, key) ? documents[key]?.() : undefined;
  if (all === undefined) return undefined;
  if (method !== 'GET') throw notAllowed(method, `/${name}`);
  // RFC 7644 §4: "If a 'filter' is provided, the service provider SHOULD respond with HTTP status code 403".
  if (query.filter !== undefined) throw new ScimError('forbidden', `/${name} cannot be filtered.`);
  if (id === undefined) {
    const [first] = all;
    if (key === 'serviceproviderconfig' && first !== undefined) return json(200, first);
    return json(200, listResponse({ resources: all, totalResults: all.length, startIndex: 1 }));
  }
  const found = all.find((each) => String(each.id).toLowerCase() === id.toLowerCase());
  if (found === undefined || more.length > 0 || key === 'serviceproviderconfig') throw notHere(path);
  return json(200, found);
};

/** Answers a request whose token was verified. */
export const answerRequest = async (needs: AnswerNeeds, endpoint: Endpoint, request: ScimRequest): Promise<ScimAnswer> => {
  const { method, path, query, ifMatch } = request;
  const [first = '', id, ...more] = path;
  const { settings, dialect } = endpoint;
  const kinds = kindsOf(needs, endpoint);
  const both = [kinds.users, kinds.groups];
  const options = {
    dialect,
    limits: { defaultCount: settings.defaultPageSize, maxCount: settings.maxPageSize, filter: defaultFilterLimits },
  };
  /** Which list it is, whatever page of it. */
  const asked = (it: object): string =>
    JSON.stringify(
      Object.entries(it)
        .map(([key, value]) => [key.toLowerCase(), value])
        .filter(([key]) => ['filter', 'sortby', 'sortorder'].includes(key))
        .toSorted(),
    );
  const body = (): unknown => {
    if (request.body === undefined) throw new ScimError('invalidSyntax', 'The request needs a body in JSON.');
    return request.body;
  };
  const name = first.toLowerCase();
  if (first === '' || (name === '.search' && id === undefined)) {
    if (first === '' && method === 'GET') {
      return answerSearch(both, (kind) => readListQuery(query, kind.type, { ...options, unknown: 'absent' }));
    }
    if (name === '.search' && method === 'POST') {
      return answerSearch(both, (kind) => readSearchRequest(body(), kind.type, { ...options, unknown: 'absent' }));
    }
    throw notAllowed(method, `/${first}`);
  }
  if (name === 'me')
    throw new ScimError('notImplemented', '/Me is not offered: a token stands for a provisioning source, not for a user.');
  if (name === 'bulk' && id === undefined) {
    if (method !== 'POST') throw notAllowed(method, '/Bulk');
    return answerBulk(both, body());
  }
  if ((name !== 'users' && name !== 'groups') || more.length > 0) throw notHere(path);
  const kind = kinds[name];
  if (id === undefined || id === '') {
    if (method === 'GET') return answerList(needs, endpoint, kind, readListQuery(query, kind.type, options), asked(query));
    if (method !== 'POST') throw notAllowed(method, `/${first}`);
    const projection = projectionOf(kind, request, endpoint);
    return written(201, await kind.create(body(), projection));
  }
  if (id === '.search') {
    if (method !== 'POST') throw notAllowed(method, `/${first}/.search`);
    const search = body();
    return answerList(needs, endpoint, kind, readSearchRequest(search, kind.type, options), asked(Object(search)));
  }
  switch (method) {
    case 'GET': {
      const it = await kind.find(id, projectionOf(kind, request, endpoint));
      if (isNotModified(request.ifNoneMatch, it.version)) return { status: 304, headers: { etag: it.version }, body: undefined };
      return written(200, it);
    }
    case 'PUT':
      return written(200, await kind.replace(id, ifMatch, body(), projectionOf(kind, request, endpoint)));
    case 'PATCH': {
      const it = await kind.patch(id, ifMatch, body(), projectionOf(kind, request, endpoint));
      // Whoever changes a group of 100,000 does not want to read it, unless it is asked for.
      const isSilent = name === 'groups' && query.attributes === undefined && query.excludedAttributes === undefined;
      return isSilent ? { status: 204, headers: { etag: it.version, location: it.location }, body: undefined } : written(200, it);
    }
    case 'DELETE':
      await kind.remove(id, ifMatch);
      return { status: 204, headers: everything, body: undefined };
    default:
      throw notAllowed(method, `/${first}/{id}`);
  }
};
