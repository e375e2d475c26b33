import {
  type DirectoryLimits,
  foldUserName,
  type OwnedField,
  readComments,
  readDisplayName,
  readEmail,
  type Source,
  type User,
} from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { type Account, auditAccount, checkGroupCount, findDepartment, getDepartment, getGroups, readAccount } from './account.ts';
import { changedMeanwhile, checkDomain, checkOwner, checkRevision, nameTaken, userUnknown } from './refusals.ts';
import type { DirectoryPort, DirectoryStorage } from './store.ts';

/** What is given is set; what is left out stays. */
export interface UserChange {
  readonly userName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
  readonly comments?: string | undefined;
  readonly department?: string | null | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** Brings the memberships to exactly these groups; who owns a group decides on its members. */
const changeGroups = async (
  store: DirectoryPort,
  { user, groups }: Account,
  wanted: readonly string[],
  needs: { readonly by: Source; readonly most: number },
): Promise<boolean> => {
  const joined = wanted.filter((id) => !groups.some((group) => group.id === id));
  const left = groups.map(({ id }) => id).filter((id) => !wanted.includes(id));
  if (joined.length === 0 && left.length === 0) return false;
  checkGroupCount(wanted.length, needs.most);
  await getGroups(store, joined);
  for (const group of await store.groups.findAll([...joined, ...left])) checkOwner('group', group.source, ['members'], needs.by);
  for (const id of left) await store.leaveGroup(user.id, id);
  await store.joinGroups({ id: user.id, userNameKey: foldUserName(user.userName).userNameKey }, joined);
  return true;
};

/** Changes an account, live at once. What its source owns changes there only. */
export const changeUser = async (
  needs: { readonly storage: DirectoryStorage; readonly limits: DirectoryLimits; readonly now: () => number },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly userId: string;
    readonly by: Source;
    readonly change: UserChange;
    readonly ifRevision?: number | undefined;
  },
): Promise<Account> => {
  const { by, change } = input;
  const name = change.userName === undefined ? undefined : foldUserName(change.userName);
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    const user = await store.findUser(input.userId);
    if (user === undefined || user.state === 'deleted') throw userUnknown();
    checkRevision('user', user.revision, input.ifRevision);
    const before = await readAccount(store, user);
    const next = {
      userName: name?.userName ?? user.userName,
      displayName: change.displayName === undefined ? user.displayName : readDisplayName(change.displayName),
      email: change.email === undefined ? user.email : readEmail(change.email),
      comments: change.comments === undefined ? user.comments : readComments(change.comments),
      departmentId: change.department === undefined ? user.departmentId : (change.department ?? undefined),
    };
    const changed: readonly (keyof typeof next)[] = (
      ['userName', 'displayName', 'email', 'comments', 'departmentId'] as const
    ).filter((field) => next[field] !== user[field]);
    const owned = changed.flatMap((field): OwnedField[] =>
      field === 'comments' ? [] : field === 'departmentId' ? ['department'] : [field],
    );
    checkOwner('user', user.source, owned, by);
    if (name !== undefined && changed.includes('userName')) {
      checkDomain(name.domain, await store.listProvedDomains());
      const holder = await store.findUserByName(name.userNameKey);
      if (holder !== undefined && holder.id !== user.id) throw nameTaken(name.userName);
    }
    if (changed.includes('departmentId') && next.departmentId !== undefined) await getDepartment(store, next.departmentId);
    const regrouped =
      change.groups !== undefined &&
      (await changeGroups(store, before, [...new Set(change.groups)], { by, most: needs.limits.groupsPerUser }));
    if (changed.length === 0 && !regrouped) return before;
    const after: User = { ...user, ...next, revision: user.revision + 1, updatedAt: needs.now() };
    if (!(await store.saveUser(after, user.revision))) throw changedMeanwhile('user');
    const account: Account = {
      user: after,
      department: await findDepartment(store, after.departmentId),
      groups: regrouped ? await store.listGroupsOfUser(user.id) : before.groups,
    };
    await store.appendAuditEvent({
      ...act,
      action: 'user.changed',
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { before: auditAccount(before), after: auditAccount(account) },
    });
    return account;
  });
};
