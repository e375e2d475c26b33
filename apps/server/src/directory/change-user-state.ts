import type { User, UserState } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { DirectoryStorage } from './store.ts';

const actions: Readonly<Record<UserState, string>> = {
  active: 'user.enabled',
  disabled: 'user.disabled',
  deleted: 'user.deleted',
};

/** Disables, enables or deletes an account, live at once: a user who may not sign in has no session left either. */
export const changeUserState = async (
  needs: { readonly storage: DirectoryStorage; readonly now: () => number },
  act: Act,
  input: { readonly organizationId: string; readonly userId: string; readonly state: UserState },
): Promise<User> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const user = await store.findUser(input.userId);
    // A deleted user does not come back: the name can be given to a new one.
    if (user === undefined || user.state === 'deleted') throw new Problem(404, 'user_unknown', 'There is no such user.');
    if (user.state === input.state) return user;
    const at = needs.now();
    if (!(await store.changeUserState(user.id, user.state, { state: input.state, at }))) {
      throw new Problem(409, 'user_changed', 'Somebody else has just changed this user.', 'Look at it again.');
    }
    const endedSessions = input.state === 'active' ? 0 : await store.endUserSessions(user.id, at);
    await store.appendAuditEvent({
      ...act,
      action: actions[input.state],
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { userName: user.userName, before: user.state, after: input.state, endedSessions },
    });
    return { ...user, state: input.state, updatedAt: at };
  });
