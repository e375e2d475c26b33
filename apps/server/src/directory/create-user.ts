import { foldUserName, readDisplayName, type User } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { DirectoryStorage } from './store.ts';

/** Makes an account, live at once. Its name ends in a proved domain of the organization. */
export const createUser = async (
  needs: { readonly storage: DirectoryStorage; readonly newId: (prefix: string) => string; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly userName: string; readonly displayName: string },
): Promise<User> => {
  const { userName, domain } = foldUserName(input.userName);
  const displayName = readDisplayName(input.displayName);
  return needs.storage.organization(input.organizationId).transaction(async (store) => {
    if (!(await store.listProvedDomains()).includes(domain)) {
      throw new Problem(
        400,
        'domain_not_proved',
        `${domain} is not a domain of this organization.`,
        `A user name ends in a proved domain. Have an operator grant it: latchkey domain grant ${domain}`,
      );
    }
    const at = needs.now();
    const user: User = {
      id: needs.newId('usr'),
      userName,
      displayName,
      state: 'active',
      source: 'api',
      createdAt: at,
      updatedAt: at,
    };
    if (!(await store.insertUser(user))) {
      throw new Problem(
        409,
        'user_name_taken',
        `There is a user ${userName} already.`,
        'Enable it again if it is disabled, or choose another name.',
      );
    }
    await store.appendAuditEvent({
      ...act,
      action: 'user.created',
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { before: null, after: { userName, displayName, state: user.state, source: user.source } },
    });
    return user;
  });
};
