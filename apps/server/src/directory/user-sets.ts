import { type DirectoryLimits, readComments, readSetName, type Source, type UserSet } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { changedMeanwhile, checkOwner, checkRevision, setUnknown } from './refusals.ts';
import { type DirectoryStorage, setsOf, type UserSetKind } from './store.ts';

interface Needs {
  readonly storage: DirectoryStorage;
  readonly limits: DirectoryLimits;
  readonly newId: (prefix: string) => string;
  readonly now: () => number;
}

interface Which {
  readonly organizationId: string;
  readonly kind: UserSetKind;
  readonly by: Source;
}

const prefixes: Readonly<Record<UserSetKind, string>> = { group: 'grp', department: 'dep' };

/** What the audit keeps of a group or department. */
export const auditUserSet = ({ name, comments, source }: UserSet) => ({ name, comments, source });

const nameTaken = (kind: UserSetKind, name: string): Problem =>
  new Problem(409, `${kind}_name_taken`, `There is a ${kind} "${name}" already.`, 'Choose another name.');

const checkLocked = (kind: UserSetKind, { system, name }: UserSet): void => {
  if (!system) return;
  throw new Problem(
    409,
    'system_group',
    `"${name}" is a system ${kind}: it keeps its name and stays.`,
    'Its members can be changed.',
  );
};

/** Makes a group or department. */
export const createUserSet = async (
  needs: Needs,
  act: Act,
  input: Which & { readonly name: string; readonly comments: string },
): Promise<UserSet> => {
  const { organizationId, kind, by } = input;
  const name = readSetName(input.name);
  const comments = readComments(input.comments);
  const organization = needs.storage.organization(organizationId);
  const most = kind === 'group' ? needs.limits.groups : needs.limits.departments;
  // Outside of the transaction, where nobody waits for it: at the limit two at once may become one more.
  if ((await setsOf(organization.read, kind).count(most)) >= most) {
    throw new Problem(
      409,
      `too_many_${kind}s`,
      `An organization has ${most} ${kind}s at most.`,
      'Delete some that nobody needs.',
    );
  }
  return organization.transaction(async (store) => {
    const at = needs.now();
    const set: UserSet = {
      id: needs.newId(prefixes[kind]),
      name,
      comments,
      source: by,
      system: false,
      revision: 1,
      createdAt: at,
      updatedAt: at,
    };
    if (!(await setsOf(store, kind).insert(set))) throw nameTaken(kind, name);
    await store.appendAuditEvent({
      ...act,
      action: `${kind}.created`,
      outcome: 'success',
      reason: '',
      subject: `${kind}:${set.id}`,
      details: { before: null, after: auditUserSet(set) },
    });
    return set;
  });
};

/** Changes name and comments. */
export const changeUserSet = async (
  needs: Needs,
  act: Act,
  input: Which & {
    readonly id: string;
    readonly change: { readonly name?: string | undefined; readonly comments?: string | undefined };
    readonly ifRevision?: number | undefined;
  },
): Promise<UserSet> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const { kind, by, change } = input;
    const sets = setsOf(store, kind);
    const set = await sets.find(input.id);
    if (set === undefined) throw setUnknown(kind);
    checkRevision(kind, set.revision, input.ifRevision);
    const name = change.name === undefined ? set.name : readSetName(change.name);
    const comments = change.comments === undefined ? set.comments : readComments(change.comments);
    if (name === set.name && comments === set.comments) return set;
    if (name !== set.name) {
      checkLocked(kind, set);
      checkOwner(kind, set.source, ['name'], by);
      const holder = await sets.findByName(name);
      if (holder !== undefined && holder.id !== set.id) throw nameTaken(kind, name);
    }
    const changed: UserSet = { ...set, name, comments, revision: set.revision + 1, updatedAt: needs.now() };
    if (!(await sets.save(changed, set.revision))) throw changedMeanwhile(kind);
    await store.appendAuditEvent({
      ...act,
      action: `${kind}.changed`,
      outcome: 'success',
      reason: '',
      subject: `${kind}:${set.id}`,
      details: { before: auditUserSet(set), after: auditUserSet(changed) },
    });
    return changed;
  });

/** Deletes it at once, whoever is in it; the users stay. */
export const deleteUserSet = async (needs: Needs, act: Act, input: Which & { readonly id: string }): Promise<void> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const { kind } = input;
    const sets = setsOf(store, kind);
    const set = await sets.find(input.id);
    if (set === undefined) throw setUnknown(kind);
    checkLocked(kind, set);
    checkOwner(kind, set.source, ['existence'], input.by);
    await sets.delete(set.id, needs.now());
    await store.appendAuditEvent({
      ...act,
      action: `${kind}.deleted`,
      outcome: 'success',
      reason: '',
      subject: `${kind}:${set.id}`,
      details: { before: auditUserSet(set), after: null },
    });
  });

const setsAtOnce = 20;
const usersAtOnce = 500;

/** Lets go of the users of what was deleted, so many at a time that nobody waits for it. What is interrupted goes on later. */
export const removeDeletedUserSets = async (needs: { readonly storage: DirectoryStorage }): Promise<void> => {
  for (const { kind, id, organizationId } of await needs.storage.server.listDeletedUserSets(setsAtOnce)) {
    const organization = needs.storage.organization(organizationId);
    const some = (): Promise<number> =>
      organization.transaction((store) =>
        kind === 'group' ? store.emptyGroup(id, usersAtOnce) : store.leaveDepartment(id, usersAtOnce),
      );
    while ((await some()) > 0);
    await organization.transaction((store) => setsOf(store, kind).remove(id));
  }
};
