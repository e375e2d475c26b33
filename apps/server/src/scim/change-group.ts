import { mayAdopt, type UserSet } from '@latchkey/directory';
import { type Change, checkIfMatch, type JsonObject, type Resource, ScimError, writeVersion } from '@latchkey/scim';
import type { ChangeNeeds } from './change-user.ts';
import { type Endpoint, resourceUnknown } from './endpoint.ts';
import { readMembers } from './finders.ts';
import { groupResource, writeGroup } from './group-resource.ts';
import { nameTaken } from './refusals.ts';
import type { ProvidedGroup, ScimPort } from './store.ts';

/** Members that a PATCH which must look at each of them may have. */
const mostMembers = 10_000;

const idsOf = (values: readonly JsonObject[]): readonly string[] =>
  values.map(({ value }) => {
    if (typeof value === 'string' && /^\w{1,128}$/.test(value)) return value;
    throw new ScimError('invalidValue', `members: "${String(value).slice(0, 100)}" is not the id of a User or Group here.`);
  });

/** The groups above these, themselves included. */
const ancestorsOf = async (store: ScimPort, endpoint: Endpoint, id: string): Promise<ReadonlySet<string>> => {
  const seen = new Set([id]);
  for (let next: readonly string[] = [id]; next.length > 0; ) {
    const above = (await store.listParents(endpoint.source, next))
      .map(({ groupId }) => groupId)
      .filter((each) => !seen.has(each));
    for (const each of above) seen.add(each);
    next = [...new Set(above)];
  }
  return seen;
};

/** Puts users and groups into a group, each of which must be there; how many were not in it before. */
const addMembers = async (
  needs: ChangeNeeds,
  store: ScimPort,
  endpoint: Endpoint,
  groupId: string,
  ids: readonly string[],
): Promise<number> => {
  if (ids.length === 0) return 0;
  const users = await store.listUserKeys(endpoint.source, ids);
  const known = new Set(users.map(({ id }) => id));
  const others = ids.filter((id) => !known.has(id));
  const groups = others.length === 0 ? [] : await store.findProvidedGroups(endpoint.source, others);
  const missing = others.find((id) => !groups.some(({ group }) => group.id === id));
  if (missing !== undefined) {
    throw new ScimError('invalidValue', `members: there is no User or Group with the id "${missing}" at this endpoint.`);
  }
  const most = Math.min(endpoint.settings.groupsPerUser, needs.limits.groupsPerUser);
  const full = new Set(await store.countGroupsOfUsers([...known], most));
  if (full.size > 0) {
    // Who is in it already may be at the limit.
    const present = await store.listMemberIds(groupId);
    const over = users.find(({ id }) => full.has(id) && !present.has(id));
    if (over !== undefined) {
      throw new ScimError(
        'invalidValue',
        `members: "${over.id}" is in ${most} groups already, which is the most that a user may be in.`,
      );
    }
  }
  if (groups.length > 0) {
    const above = await ancestorsOf(store, endpoint, groupId);
    const circle = groups.find(({ group }) => above.has(group.id));
    if (circle !== undefined) {
      throw new ScimError('invalidValue', `members: the group "${circle.group.id}" contains this one, so it cannot be in it.`);
    }
  }
  return (
    (await store.joinGroup(groupId, users)) +
    (await store.nestGroups(
      groupId,
      groups.map(({ group }) => group.id),
    ))
  );
};

const auditGroup = ({ name, source }: UserSet) => ({ name, source });

/** Takes over a group that somebody else has made, as far as that is allowed; its members stay until they are written. */
const adoptGroup = async (needs: ChangeNeeds, store: ScimPort, endpoint: Endpoint, holder: UserSet): Promise<UserSet> => {
  const { source, settings, act } = endpoint;
  if (holder.source === source || holder.system || !settings.adoption || !mayAdopt(holder.source, source)) {
    throw nameTaken('group', holder.name, holder, source);
  }
  const group: UserSet = { ...holder, source, revision: holder.revision + 1, updatedAt: needs.now() };
  await store.groups.save(group, holder.revision);
  await store.appendAuditEvent({
    ...act,
    action: 'group.adopted',
    outcome: 'success',
    reason: '',
    subject: `group:${group.id}`,
    details: { group: group.name, before: holder.source, after: source },
  });
  return group;
};

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []); // read by the core

/** POST /Groups. */
export const createGroup = async (needs: ChangeNeeds, endpoint: Endpoint, resource: Resource): Promise<ProvidedGroup> => {
  const { name, provided } = writeGroup(resource);
  const members = [...new Set(idsOf(listOf(resource.members)))];
  const { source, act } = endpoint;
  const organization = needs.storage.organization(endpoint.organizationId);
  if ((await organization.read.countProvided(source, 'Group')) >= needs.limits.groups) {
    throw new ScimError('forbidden', `An organization has ${needs.limits.groups} groups at most.`);
  }
  return organization.transaction(async (store) => {
    const holder = await store.groups.findByName(name);
    const at = needs.now();
    let group: UserSet;
    if (holder === undefined) {
      group = { id: needs.newId('grp'), name, comments: '', source, system: false, revision: 1, createdAt: at, updatedAt: at };
      if (!(await store.groups.insert(group))) throw new ScimError('uniqueness', `There is a group "${name}" already.`);
      await store.appendAuditEvent({
        ...act,
        action: 'group.created',
        outcome: 'success',
        reason: '',
        subject: `group:${group.id}`,
        details: { before: null, after: auditGroup(group), members: members.length },
      });
    } else {
      group = await adoptGroup(needs, store, endpoint, holder);
    }
    await store.saveProvidedGroup(group.id, provided);
    await store.addToCount(source, 'Group', group.id, 1);
    await addMembers(needs, store, endpoint, group.id, members);
    return { group, ...provided };
  });
};

/** PUT and PATCH: `change` says what comes of the group as it is, and of its members. */
export const changeGroup = async (
  needs: ChangeNeeds,
  endpoint: Endpoint,
  input: {
    readonly id: string;
    readonly ifMatch: string | undefined;
    /** Whether `change` must be handed the members. */
    readonly needsMembers: boolean;
    readonly change: (current: Resource) => Change;
  },
): Promise<ProvidedGroup> => {
  const { source, act } = endpoint;
  return needs.storage.organization(endpoint.organizationId).transaction(
    async (store) => {
      const before = await store.findProvidedGroup(source, input.id);
      if (before === undefined) throw resourceUnknown('Group', input.id);
      const { group } = before;
      checkIfMatch(input.ifMatch, writeVersion(group.revision));
      const members = input.needsMembers ? await readMembers(store, endpoint, group.id, mostMembers) : [];
      const current = groupResource(endpoint, before);
      const { resource, changed, rows } = input.change(members.length === 0 ? current : { ...current, members });
      const added = rows === undefined ? [] : idsOf(rows.add);
      let joined = 0;
      let left = 0;
      if (rows !== undefined) {
        const wanted = new Set(added);
        const removed = rows.clear ? [...(await store.listMemberIds(group.id))].filter((id) => !wanted.has(id)) : rows.remove;
        left = removed.length === 0 ? 0 : await store.removeMembers(group.id, removed);
        joined = await addMembers(needs, store, endpoint, group.id, added);
      }
      const at = needs.now();
      let next = before;
      if (changed.length > 0) {
        const { name, provided } = writeGroup(resource);
        const holder = name === group.name ? undefined : await store.groups.findByName(name);
        if (holder !== undefined && holder.id !== group.id) throw nameTaken('group', name, holder, source);
        const renamed: UserSet = { ...group, name, revision: group.revision + 1, updatedAt: at };
        if (!(await store.groups.save(renamed, group.revision)))
          throw new ScimError('conflict', 'Somebody else has just changed this group. Try again.');
        await store.saveProvidedGroup(group.id, provided);
        next = { group: renamed, ...provided };
      } else if (joined + left > 0) {
        await store.touchGroup(group.id, at);
        next = { ...before, group: { ...group, revision: group.revision + 1, updatedAt: at } };
      }
      if (next === before) return before;
      await store.appendAuditEvent({
        ...act,
        action: 'group.changed',
        outcome: 'success',
        reason: '',
        subject: `group:${group.id}`,
        details: {
          before: auditGroup(group),
          after: auditGroup(next.group),
          attributes: changed,
          membersAdded: joined,
          membersRemoved: left,
        },
      });
      return next;
    },
    { turn: `group ${input.id}` },
  );
};

export const deleteGroup = async (
  needs: ChangeNeeds,
  endpoint: Endpoint,
  input: { readonly id: string; readonly ifMatch: string | undefined },
): Promise<void> => {
  const { source, act } = endpoint;
  await needs.storage.organization(endpoint.organizationId).transaction(
    async (store) => {
      const it = await store.findProvidedGroup(source, input.id);
      if (it === undefined) throw resourceUnknown('Group', input.id);
      checkIfMatch(input.ifMatch, writeVersion(it.group.revision));
      const at = needs.now();
      await store.touchGroupsOf(it.group.id, at);
      await store.removeNesting(it.group.id);
      // The users in it are let go of in the background.
      await store.groups.delete(it.group.id, at);
      await store.addToCount(source, 'Group', it.group.id, -1);
      await store.appendAuditEvent({
        ...act,
        action: 'group.deleted',
        outcome: 'success',
        reason: '',
        subject: `group:${it.group.id}`,
        details: { before: auditGroup(it.group), after: null },
      });
    },
    { turn: `group ${input.id}` },
  );
};
