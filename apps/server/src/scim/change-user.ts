import {
  type DirectoryLimits,
  isHosted,
  mayAdopt,
  newUser,
  readSetName,
  type Source,
  type User,
  type UserState,
} from '@latchkey/directory';
import { type Change, checkIfMatch, type Resource, ScimError, writeVersion } from '@latchkey/scim';
import type { Act } from '../http/caller.ts';
import { type Endpoint, resourceUnknown } from './endpoint.ts';
import { nameTaken } from './refusals.ts';
import type { ProvidedUser, ScimPort, ScimStorage } from './store.ts';
import { departmentName, userResource, type WrittenUser, writeUser } from './user-resource.ts';

export interface ChangeNeeds {
  readonly storage: ScimStorage;
  readonly limits: DirectoryLimits;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
  /** The directory's way to disable, enable and delete: it ends the sessions and tells the audit. */
  readonly setUserState: (
    store: ScimPort,
    act: Act,
    user: User,
    to: { readonly state: UserState; readonly by: Source; readonly at: number },
  ) => Promise<User>;
}

const day = 86_400_000;

const auditUser = (user: User, department: string) => ({
  userName: user.userName,
  displayName: user.displayName,
  email: user.email,
  department: department === '' ? null : department,
  state: user.state,
  source: user.source,
});

const checkDomain = async (store: ScimPort, endpoint: Endpoint, { userName, domain }: WrittenUser): Promise<void> => {
  if (endpoint.settings.userNameDomains === 'any') return;
  if ((await store.listProvedDomains()).includes(domain)) return;
  throw new ScimError(
    'invalidValue',
    `userName "${userName}": ${domain} is not a domain of this organization. Prove it or have an operator grant it, map another attribute, or allow any domain (latchkey scim enable ${endpoint.idp} --user-name-domains any).`,
  );
};

/** The department of this name; it is made if there is none. */
const departmentId = async (needs: ChangeNeeds, store: ScimPort, source: Source, name: string): Promise<string | undefined> => {
  if (name === '') return undefined;
  const found = await store.departments.findByName(name);
  if (found !== undefined) return found.id;
  const at = needs.now();
  const made = {
    id: needs.newId('dep'),
    name: readSetName(name),
    comments: '',
    source,
    system: false,
    revision: 1,
    createdAt: at,
    updatedAt: at,
  };
  await store.departments.insert(made);
  return made.id;
};

/** Brings the state to what `active` says, as the endpoint's policy has it. */
const applyActive = async (
  needs: ChangeNeeds,
  store: ScimPort,
  endpoint: Endpoint,
  it: ProvidedUser,
  active: boolean,
): Promise<ProvidedUser> => {
  const { source, settings, act } = endpoint;
  if ((it.user.state === 'active') === active) return it;
  const at = needs.now();
  if (!active && settings.deactivation === 'delete' && settings.undoDays === 0) return removeUser(needs, store, endpoint, it);
  const user = await needs.setUserState(store, act, it.user, { state: active ? 'active' : 'disabled', by: source, at });
  const deleteAt = !active && settings.deactivation === 'delete' ? at + settings.undoDays * day : undefined;
  if (deleteAt !== it.deleteAt) await store.setUserDeletion(user.id, deleteAt ?? null);
  return { ...it, user, deleteAt };
};

/** Inside a transaction. */
const removeUser = async (
  needs: ChangeNeeds,
  store: ScimPort,
  { act, source }: Pick<Endpoint, 'act' | 'source'>,
  it: ProvidedUser,
): Promise<ProvidedUser> => {
  const at = needs.now();
  await store.touchGroupsOf(it.user.id, at);
  const user = await needs.setUserState(store, act, it.user, { state: 'deleted', by: source, at });
  await store.forgetProvidedUser(user.id);
  await store.addToCount(source, 'User', user.id, -1);
  return { ...it, user, deleteAt: undefined };
};

/** Takes over a user that somebody else has made, as far as that is allowed. */
const adoptUser = async (
  needs: ChangeNeeds,
  store: ScimPort,
  endpoint: Endpoint,
  holder: User,
  written: WrittenUser,
): Promise<ProvidedUser> => {
  const { source, settings, act } = endpoint;
  // Whom this identity provider itself has made at a sign-in is its own.
  const isAllowed = settings.adoption || holder.source === `jit:${endpoint.idp}`;
  if (holder.source === source || !isAllowed || !mayAdopt(holder.source, source)) {
    throw nameTaken('user', written.userName, holder, source);
  }
  const user: User = {
    ...holder,
    userName: written.userName,
    displayName: written.displayName,
    email: written.email,
    departmentId: await departmentId(needs, store, source, written.department),
    source,
    revision: holder.revision + 1,
    updatedAt: needs.now(),
  };
  await store.saveUser(user, holder.revision, written.provided);
  await store.saveUserEmails(user.id, written.emailKeys);
  await store.addToCount(source, 'User', user.id, 1);
  await store.appendAuditEvent({
    ...act,
    action: 'user.adopted',
    outcome: 'success',
    reason: '',
    subject: `user:${user.id}`,
    details: { userName: user.userName, before: holder.source, after: source },
  });
  const adopted: ProvidedUser = { user, ...written.provided, deleteAt: undefined };
  // Whom an administrator keeps out, a take-over does not let in.
  const staysOut = holder.state === 'disabled' && (holder.disabledBy === undefined || isHosted(holder.disabledBy));
  return staysOut ? adopted : applyActive(needs, store, endpoint, adopted, written.active);
};

/** POST /Users: makes a user, or takes one over. */
export const createUser = async (needs: ChangeNeeds, endpoint: Endpoint, resource: Resource): Promise<ProvidedUser> => {
  const written = writeUser(resource);
  const { source, act } = endpoint;
  return needs.storage.organization(endpoint.organizationId).transaction(async (store) => {
    await checkDomain(store, endpoint, written);
    const holder = await store.findUserByName(written.userNameKey);
    if (holder !== undefined) return adoptUser(needs, store, endpoint, holder, written);
    const at = needs.now();
    const department = await departmentId(needs, store, source, written.department);
    const user = newUser({
      id: needs.newId('usr'),
      userName: written.userName,
      displayName: written.displayName,
      email: written.email,
      state: written.active ? 'active' : 'disabled',
      ...(written.active ? {} : { disabledBy: source }),
      ...(department === undefined ? {} : { departmentId: department }),
      source,
      createdAt: at,
      updatedAt: at,
    });
    if (!(await store.insertUser(user, written.provided))) {
      throw new ScimError('uniqueness', `There is a user "${written.userName}" already.`);
    }
    if (written.emailKeys.length > 0) await store.saveUserEmails(user.id, written.emailKeys);
    await store.addToCount(source, 'User', user.id, 1);
    await store.appendAuditEvent({
      ...act,
      action: 'user.created',
      outcome: 'success',
      reason: '',
      subject: `user:${user.id}`,
      details: { before: null, after: auditUser(user, written.department) },
    });
    return { user, ...written.provided, deleteAt: undefined };
  });
};

/** PUT and PATCH: `change` says what comes of the user as it is. */
export const changeUser = async (
  needs: ChangeNeeds,
  endpoint: Endpoint,
  input: { readonly id: string; readonly ifMatch: string | undefined; readonly change: (current: Resource) => Change },
): Promise<ProvidedUser> => {
  const { source, act } = endpoint;
  return needs.storage.organization(endpoint.organizationId).transaction(
    async (store) => {
      const before = await store.findProvidedUser(source, input.id);
      if (before === undefined) throw resourceUnknown('User', input.id);
      checkIfMatch(input.ifMatch, writeVersion(before.user.revision));
      const { resource, changed } = input.change(userResource(endpoint, before));
      if (changed.length === 0) return before;
      const written = writeUser(resource);
      const { user } = before;
      if (changed.includes('userName') && written.userName !== user.userName) {
        if (!endpoint.settings.userNameMutable) {
          throw new ScimError('mutability', 'userName cannot be changed here: delete the user and make another one.');
        }
        await checkDomain(store, endpoint, written);
        const holder = await store.findUserByName(written.userNameKey);
        if (holder !== undefined && holder.id !== user.id) throw nameTaken('user', written.userName, holder, source);
      }
      if (changed.length === 1 && changed[0] === 'active') return applyActive(needs, store, endpoint, before, written.active);
      const next: User = {
        ...user,
        userName: written.userName,
        displayName: written.displayName,
        email: written.email,
        departmentId: await departmentId(needs, store, source, written.department),
        revision: user.revision + 1,
        updatedAt: needs.now(),
      };
      if (!(await store.saveUser(next, user.revision, written.provided)))
        throw new ScimError('conflict', 'Somebody else has just changed this user. Try again.');
      if (changed.includes('emails')) await store.saveUserEmails(user.id, written.emailKeys);
      await store.appendAuditEvent({
        ...act,
        action: 'user.changed',
        outcome: 'success',
        reason: '',
        subject: `user:${user.id}`,
        details: {
          before: auditUser(user, departmentName(before.attributes)),
          after: auditUser(next, written.department),
          attributes: changed,
        },
      });
      return applyActive(needs, store, endpoint, { user: next, ...written.provided, deleteAt: before.deleteAt }, written.active);
    },
    { turn: `user ${input.id}` },
  );
};

/** DELETE: at once, whatever the policy says of `active`. */
export const deleteUser = async (
  needs: ChangeNeeds,
  endpoint: Endpoint,
  input: { readonly id: string; readonly ifMatch: string | undefined },
): Promise<void> => {
  await needs.storage.organization(endpoint.organizationId).transaction(
    async (store) => {
      const it = await store.findProvidedUser(endpoint.source, input.id);
      if (it === undefined) throw resourceUnknown('User', input.id);
      checkIfMatch(input.ifMatch, writeVersion(it.user.revision));
      await removeUser(needs, store, endpoint, it);
    },
    { turn: `user ${input.id}` },
  );
};

const deletionsAtOnce = 100;

/** Deletes users whose deletion can no longer be undone. */
export const deleteDueUsers = async (needs: ChangeNeeds, act: Act): Promise<void> => {
  for (const { id, organizationId, source } of await needs.storage.server.listDueDeletionsOfUsers(needs.now(), deletionsAtOnce)) {
    await needs.storage.organization(organizationId).transaction(async (store) => {
      const it = await store.findProvidedUser(source, id);
      if (it?.deleteAt === undefined || it.deleteAt > needs.now()) return;
      if (it.user.state === 'active') await store.setUserDeletion(id, null);
      else await removeUser(needs, store, { act, source }, it);
    });
  }
};
