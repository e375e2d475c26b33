import { mayEnable, type Source, type User, type UserState } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { changedMeanwhile, checkOwner, checkRevision, userUnknown } from './refusals.ts';
import type { DirectoryPort, DirectoryStorage } from './store.ts';

const actions: Readonly<Record<UserState, string>> = {
  active: 'user.enabled',
  disabled: 'user.disabled',
  deleted: 'user.deleted',
};

/**
 * Who may: anybody may keep a user out, whoever owns it, since that is what an emergency needs; who was kept out by the owner is let in
 * by the owner; who is owned by a provisioning source is deleted there.
 */
const checkStateOwner = (user: User, state: UserState, by: Source): void => {
  if (state === 'deleted') checkOwner('user', user.source, ['existence'], by);
  if (state === 'active' && !mayEnable(user.source, user.disabledBy, by)) checkOwner('user', user.source, ['state'], by);
};

/** Inside a transaction. A user who may not sign in has no session left either. */
export const setUserState = async (
  store: Pick<DirectoryPort, 'changeUserState' | 'endUserSessions' | 'appendAuditEvent'>,
  act: Act,
  user: User,
  to: {
    readonly state: UserState;
    readonly by: Source;
    readonly at: number;
    readonly details?: Readonly<Record<string, unknown>>;
  },
): Promise<User> => {
  const { state, by, at } = to;
  if (!(await store.changeUserState(user.id, user.state, { state, at, by }))) throw changedMeanwhile('user');
  const endedSessions = state === 'active' ? 0 : await store.endUserSessions(user.id, at);
  await store.appendAuditEvent({
    ...act,
    action: actions[state],
    outcome: 'success',
    reason: '',
    subject: `user:${user.id}`,
    details: { userName: user.userName, before: user.state, after: state, endedSessions, ...to.details },
  });
  return { ...user, state, disabledBy: state === 'disabled' ? by : undefined, revision: user.revision + 1, updatedAt: at };
};

/** Disables, enables or deletes an account, live at once. */
export const changeUserState = async (
  needs: { readonly storage: DirectoryStorage; readonly now: () => number },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly userId: string;
    readonly state: UserState;
    readonly by: Source;
    readonly ifRevision?: number | undefined;
  },
): Promise<User> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const user = await store.findUser(input.userId);
    // A deleted user does not come back: the name can be given to a new one.
    if (user === undefined || user.state === 'deleted') throw userUnknown();
    checkRevision('user', user.revision, input.ifRevision);
    if (user.state === input.state) return user;
    checkStateOwner(user, input.state, input.by);
    return setUserState(store, act, user, { state: input.state, by: input.by, at: needs.now() });
  });
