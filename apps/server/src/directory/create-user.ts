import {
  type DirectoryLimits,
  foldUserName,
  newUser,
  readComments,
  readDisplayName,
  readEmail,
  type Source,
} from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { type Account, auditAccount, checkGroupCount, getDepartment, getGroups } from './account.ts';
import { checkDomain, checkOwner, nameTaken } from './refusals.ts';
import type { DirectoryStorage } from './store.ts';

/** Makes an account, live at once. Its name ends in a proved domain of the organization. */
export const createUser = async (
  needs: {
    readonly storage: DirectoryStorage;
    readonly limits: DirectoryLimits;
    readonly newId: (prefix: string) => string;
    readonly now: () => number;
  },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly by: Source;
    readonly userName: string;
    readonly displayName: string;
    readonly email: string;
    readonly comments: string;
    readonly department: string | null;
    readonly groups: readonly string[];
  },
): Promise<Account> => {
  const { by } = input;
  const { userName, userNameKey, domain } = foldUserName(input.userName);
  const groupIds = [...new Set(input.groups)];
  checkGroupCount(groupIds.length, needs.limits.groupsPerUser);
  const written = {
    userName,
    displayName: readDisplayName(input.displayName),
    email: readEmail(input.email),
    comments: readComments(input.comments),
  };
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    checkDomain(domain, await store.listProvedDomains());
    const department = input.department === null ? undefined : await getDepartment(store, input.department);
    const groups = await getGroups(store, groupIds);
    for (const group of groups) checkOwner('group', group.source, ['members'], by);
    const at = needs.now();
    const user = newUser({
      ...written,
      id: needs.newId('usr'),
      state: 'active',
      source: by,
      ...(department === undefined ? {} : { departmentId: department.id }),
      createdAt: at,
      updatedAt: at,
    });
    if (!(await store.insertUser(user))) throw nameTaken(userName);
    await store.joinGroups({ id: user.id, userNameKey }, groupIds);
    const account: Account = {
      user,
      department,
      groups: groups.map(({ id, name }) => ({ id, name })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
    await store.appendAuditEvent({
      ...act,
      action: 'user.created',
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { before: null, after: auditAccount(account) },
    });
    return account;
  });
};
