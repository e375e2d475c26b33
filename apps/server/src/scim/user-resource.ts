import { foldText, foldUserName, readDisplayName, readEmail, readSetName } from '@latchkey/directory';
import { type Json, type JsonObject, type Resource, ScimError, schemaUrns, userType } from '@latchkey/scim';
import { type Endpoint, metaOf } from './endpoint.ts';
import type { Provided, ProvidedUser, ScimPort } from './store.ts';

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

const managerOf = (resource: Resource): JsonObject | undefined => {
  const extension = resource[schemaUrns.enterpriseUser];
  const manager = isObject(extension) ? extension.manager : undefined;
  return isObject(manager) ? manager : undefined;
};

/** A user as SCIM has it, but for what others know: groups, and the manager's name. */
export const userResource = (endpoint: Pick<Endpoint, 'baseUrl'>, { user, externalId, attributes }: ProvidedUser): Resource => ({
  id: user.id,
  ...(externalId === undefined ? {} : { externalId }),
  // Taken over from others, until its source writes it.
  userName: user.userName,
  ...(user.displayName === '' ? {} : { displayName: user.displayName }),
  ...(user.email === '' || Object.keys(attributes).length > 0 ? {} : { emails: [{ value: user.email, primary: true }] }),
  ...attributes,
  active: user.state === 'active',
  meta: metaOf(endpoint, userType, user),
});

type Reads = Pick<ScimPort, 'listGroupsOfUsers' | 'listParents' | 'findProvidedUsers'>;

/** The groups of each user, by name, those of groups among them marked (RFC 7643 §4.1.2: direct and indirect). */
const readGroupsOfUsers = async (
  store: Pick<Reads, 'listGroupsOfUsers' | 'listParents'>,
  { source, baseUrl }: Pick<Endpoint, 'source' | 'baseUrl'>,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly JsonObject[]>> => {
  const direct = userIds.length === 0 ? [] : await store.listGroupsOfUsers(source, userIds);
  const parents = new Map<string, { readonly groupId: string; readonly name: string }[]>();
  const seen = new Set<string>();
  for (let next = [...new Set(direct.map(({ groupId }) => groupId))]; next.length > 0; ) {
    for (const id of next) seen.add(id);
    const found = await store.listParents(source, next);
    for (const { memberId, groupId, name } of found) parents.set(memberId, [...(parents.get(memberId) ?? []), { groupId, name }]);
    next = [...new Set(found.map(({ groupId }) => groupId))].filter((id) => !seen.has(id));
  }
  const shown = new Map<string, Map<string, JsonObject>>(userIds.map((id) => [id, new Map()]));
  const show = (userId: string, groupId: string, name: string, type: 'direct' | 'indirect'): boolean => {
    const groups = shown.get(userId);
    if (groups === undefined || groups.has(groupId)) return false;
    groups.set(groupId, { value: groupId, $ref: `${baseUrl}/Groups/${groupId}`, display: name, type });
    return true;
  };
  for (const { userId, groupId, name } of direct) show(userId, groupId, name, 'direct');
  for (const { userId, groupId } of direct) {
    const above = [groupId];
    for (let id = above.pop(); id !== undefined; id = above.pop()) {
      for (const parent of parents.get(id) ?? []) {
        if (show(userId, parent.groupId, parent.name, 'indirect')) above.push(parent.groupId);
      }
    }
  }
  return new Map([...shown].map(([id, groups]) => [id, [...groups.values()]]));
};

/** Users as they are shown: with what is read for them only because it is asked for. */
export const completeUsers = async (
  store: Reads,
  endpoint: Pick<Endpoint, 'source' | 'baseUrl'>,
  resources: readonly Resource[],
  wanted: { readonly groups: boolean; readonly manager: boolean },
): Promise<readonly Resource[]> => {
  const ids = resources.map(({ id }) => String(id));
  const managerIds = wanted.manager
    ? [...new Set(resources.flatMap((resource) => textOf(managerOf(resource)?.value) ?? []))].filter((id) =>
        /^\w{1,128}$/.test(id),
      )
    : [];
  const [groups, managers] = await Promise.all([
    wanted.groups ? readGroupsOfUsers(store, endpoint, ids) : undefined,
    managerIds.length === 0 ? [] : store.findProvidedUsers(endpoint.source, managerIds),
  ]);
  const names = new Map(managers.map(({ user }) => [user.id, user.displayName || user.userName]));
  return resources.map((resource) => {
    const inGroups = groups?.get(String(resource.id)) ?? [];
    const manager = managerOf(resource);
    const id = textOf(manager?.value);
    const name = id === undefined ? undefined : names.get(id);
    return {
      ...resource,
      ...(inGroups.length === 0 ? {} : { groups: inGroups }),
      ...(manager === undefined || id === undefined || name === undefined
        ? {}
        : {
            [schemaUrns.enterpriseUser]: {
              ...(resource[schemaUrns.enterpriseUser] as JsonObject), // it has a manager
              manager: { ...manager, $ref: `${endpoint.baseUrl}/Users/${id}`, displayName: name },
            },
          }),
    };
  });
};

/** What the directory keeps of a resource in columns of its own, and all the rest of it. */
export interface WrittenUser {
  readonly userName: string;
  readonly userNameKey: string;
  readonly domain: string;
  readonly displayName: string;
  readonly email: string;
  readonly department: string;
  readonly active: boolean;
  readonly provided: Provided;
  readonly emailKeys: readonly string[];
}

/** The members a user has by other means; a password is not kept anywhere. */
const kept = new Set(['id', 'externalId', 'meta', 'groups', 'active', 'password', 'schemas']);

const listOf = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A mailbox of the directory, if one of the addresses can be one: the primary, else the first. */
const emailOf = (emails: readonly JsonObject[]): string => {
  const sorted = [...emails.filter(({ primary }) => primary === true), ...emails];
  for (const { value } of sorted) {
    try {
      if (typeof value === 'string' && value !== '') return readEmail(value);
    } catch {
      // Not one that the directory could write to: it is kept among the SCIM attributes.
    }
  }
  return '';
};

/** '' if it names none. */
export const departmentName = (resource: Resource): string => {
  const extension = resource[schemaUrns.enterpriseUser];
  const name = (isObject(extension) ? textOf(extension.department) : undefined) ?? '';
  return name.trim() === '' ? '' : readSetName(name);
};

/** @throws DirectoryError for a name that the directory cannot have. */
export const writeUser = (resource: Resource): WrittenUser => {
  const name = textOf(resource.userName);
  if (name === undefined) throw new ScimError('invalidValue', 'A User needs a userName.');
  const { userName, userNameKey, domain } = foldUserName(name);
  const displayName = readDisplayName(textOf(resource.displayName) ?? '');
  const emails = listOf(resource.emails);
  const attributes: Record<string, Json> = {};
  for (const [attribute, value] of Object.entries(resource)) if (!kept.has(attribute)) attributes[attribute] = value;
  attributes.userName = name.normalize('NFC');
  if (displayName === '') delete attributes.displayName;
  else attributes.displayName = displayName;
  return {
    userName,
    userNameKey,
    domain,
    displayName,
    email: emailOf(emails),
    department: departmentName(resource),
    active: resource.active !== false,
    provided: { externalId: textOf(resource.externalId), attributes },
    emailKeys: [...new Set(emails.flatMap(({ value }) => (typeof value === 'string' ? [foldText(value).slice(0, 1000)] : [])))],
  };
};
