import type { User } from '@latchkey/directory';
import { Problem } from '../http/problem.ts';
import { setUnknown } from './refusals.ts';
import type { DirectoryPort, GroupName } from './store.ts';

/** A user with what belongs to it. */
export interface Account {
  readonly user: User;
  readonly department: GroupName | undefined;
  /** By name. */
  readonly groups: readonly GroupName[];
}

type Reads = Pick<DirectoryPort, 'departments' | 'groups' | 'listGroupsOfUser'>;

/** The department, if the user has one that was not deleted. */
export const findDepartment = async (
  store: Pick<Reads, 'departments'>,
  id: string | undefined,
): Promise<GroupName | undefined> => {
  const found = id === undefined ? undefined : await store.departments.find(id);
  return found && { id: found.id, name: found.name };
};

export const readAccount = async (store: Reads, user: User): Promise<Account> => {
  const [department, groups] = await Promise.all([
    findDepartment(store, user.departmentId),
    user.state === 'deleted' ? [] : store.listGroupsOfUser(user.id),
  ]);
  return { user, department, groups };
};

/** What the audit keeps of an account. */
export const auditAccount = ({ user, department, groups }: Account) => ({
  userName: user.userName,
  displayName: user.displayName,
  email: user.email,
  department: department?.name ?? null,
  groups: groups.map(({ name }) => name),
  comments: user.comments,
  state: user.state,
  source: user.source,
});

/** The department with this id, as it must be there. */
export const getDepartment = async (store: Pick<Reads, 'departments'>, id: string): Promise<GroupName> => {
  const found = await findDepartment(store, id);
  if (found === undefined) throw new Problem(400, 'department_unknown', `There is no department ${id}.`, 'Create it first.');
  return found;
};

export const checkGroupCount = (count: number, most: number): void => {
  if (count <= most) return;
  throw new Problem(
    400,
    'too_many_groups',
    `A user is in ${most} groups at most; this would be ${count}.`,
    'The operator of this server can set another limit: LATCHKEY_GROUPS_PER_USER.',
  );
};

/** Those groups, each of which must be there. */
export const getGroups = async (store: Pick<Reads, 'groups'>, ids: readonly string[]) => {
  const found = await store.groups.findAll(ids);
  const missing = ids.find((id) => !found.some((group) => group.id === id));
  if (missing !== undefined) throw setUnknown('group');
  return found;
};
