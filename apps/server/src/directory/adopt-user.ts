import { mayAdopt, type Source, type User } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { changedMeanwhile, checkOwner, userUnknown } from './refusals.ts';
import type { DirectoryStorage } from './store.ts';

/** Makes `by` the owner of a user that another source has made. */
export const adoptUser = async (
  needs: { readonly storage: DirectoryStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly userId: string; readonly by: Source },
): Promise<User> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const { by } = input;
    const user = await store.findUser(input.userId);
    if (user === undefined || user.state === 'deleted') throw userUnknown();
    if (user.source === by) return user;
    if (!mayAdopt(user.source, by)) checkOwner('user', user.source, ['existence'], by);
    const adopted: User = { ...user, source: by, revision: user.revision + 1, updatedAt: needs.now() };
    if (!(await store.saveUser(adopted, user.revision))) throw changedMeanwhile('user');
    await store.appendAuditEvent({
      ...act,
      action: 'user.adopted',
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { userName: user.userName, before: user.source, after: by },
    });
    return adopted;
  });
