import { type Resource, ScimError, type Target } from '@latchkey/scim';
import { allGroups, allUsers, compileGroupFilter, compileUserFilter, looksAt } from './compile-filter.ts';
import type { Endpoint } from './endpoint.ts';
import type { Finder } from './find-resources.ts';
import { groupResource, memberValue } from './group-resource.ts';
import type { GroupRange, ProvidedGroup, ProvidedUser, ScimPort, UserRange } from './store.ts';
import { completeUsers, userResource } from './user-resource.ts';

/** `userName`, `meta.lastModified`; '' for what an extension defines. */
const nameOf = (target: Target | undefined): string =>
  target === undefined || target.extension
    ? ''
    : target.sub === undefined
      ? target.attribute.name
      : `${target.attribute.name}.${target.sub.name}`;

/** Groups below these, themselves included. */
const withNested = async (store: ScimPort, ids: readonly string[]): Promise<readonly string[]> => {
  const seen = new Set(ids);
  for (let next = ids; next.length > 0; ) {
    const below = (await store.listNested(next)).filter((id) => !seen.has(id));
    for (const id of below) seen.add(id);
    next = below;
  }
  return [...seen];
};

export const userFinder = (store: ScimPort, endpoint: Endpoint): Finder<ProvidedUser, UserRange> => ({
  plan: async (filter) => {
    const plan = compileUserFilter(filter);
    const groups = plan.ranges.flatMap((range) => (range.by === 'group' ? [range.id] : []));
    if (groups.length === 0) return plan;
    // A user is in the groups above its own, too.
    const all = await withNested(store, groups);
    const ranges = [...plan.ranges.filter(({ by }) => by !== 'group'), ...all.map((id): UserRange => ({ by: 'group', id }))];
    return { ranges, exact: plan.exact && ranges.length === 1 };
  },
  all: (sortBy, descending) => {
    const orders = { userName: 'userName', 'meta.lastModified': 'lastModified' } as const;
    const name = nameOf(sortBy);
    if (name === 'userName' || name === 'meta.lastModified') {
      return { range: { by: 'all', order: orders[name], descending }, sorted: true };
    }
    return { range: allUsers, sorted: sortBy === undefined };
  },
  list: (range, cut) => store.listProvidedUsers(endpoint.source, range, cut),
  count: (range) =>
    range.by === 'all' ? store.countProvided(endpoint.source, 'User') : store.countProvidedUsers(endpoint.source, range),
  idOf: ({ user }) => user.id,
  resources: (rows, filter, sortBy) =>
    completeUsers(
      store,
      endpoint,
      rows.map((row) => userResource(endpoint, row)),
      {
        groups: looksAt(filter, 'groups') || sortBy?.attribute.name === 'groups',
        manager: looksAt(filter, 'manager') || sortBy?.attribute.name === 'manager',
      },
    ),
});

/** Members that a filter other than by a member's id may have to look at. */
const mostMembers = 10_000;

export const groupFinder = (store: ScimPort, endpoint: Endpoint): Finder<ProvidedGroup, GroupRange> => ({
  plan: compileGroupFilter,
  all: (sortBy, descending) => {
    const name = nameOf(sortBy);
    if (name === 'displayName') return { range: { by: 'all', order: 'displayName', descending }, sorted: true };
    if (name === 'meta.lastModified') return { range: { by: 'all', order: 'lastModified', descending }, sorted: true };
    return { range: allGroups, sorted: sortBy === undefined };
  },
  list: (range, cut) => store.listProvidedGroups(endpoint.source, range, cut),
  count: (range) =>
    range.by === 'all' ? store.countProvided(endpoint.source, 'Group') : store.countProvidedGroups(endpoint.source, range),
  idOf: ({ group }) => group.id,
  resources: async (rows, filter, sortBy) => {
    const needsMembers = looksAt(filter, 'members') || sortBy?.attribute.name === 'members';
    let read = 0;
    const resources: Resource[] = [];
    for (const row of rows) {
      if (!needsMembers) {
        resources.push(groupResource(endpoint, row));
        continue;
      }
      const members = await readMembers(store, endpoint, row.group.id, mostMembers - read);
      read += members.length;
      resources.push({ ...groupResource(endpoint, row), ...(members.length === 0 ? {} : { members }) });
    }
    return resources;
  },
});

/** All members of a group, as long as they are few. */
export const readMembers = async (
  store: Pick<ScimPort, 'listMembers'>,
  endpoint: Pick<Endpoint, 'source' | 'baseUrl'>,
  groupId: string,
  most: number,
) => {
  const { members, next } = await store.listMembers(endpoint.source, groupId, { limit: most + 1 });
  if (next !== undefined || members.length > most) {
    throw new ScimError('tooMany', `This looks at each member, and there are more than ${mostMembers}. Ask by members.value eq.`);
  }
  return members.map((member) => memberValue(endpoint, member));
};
