import type { Act, Caller } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { checkRole } from './role.ts';
import { type Administrator, type AdministratorsPort, type AdministratorsStorage, holderOf } from './store.ts';

interface Target {
  readonly organizationId: string | null;
  readonly administratorId: string;
}

/** Whom the caller may change: nobody who may do more. @throws Problem */
const findTarget = async (store: AdministratorsPort, caller: Caller, target: Target): Promise<Administrator> => {
  const administrator = await store.findAdministrator(target.administratorId);
  if (administrator === undefined) throw new Problem(404, 'administrator_unknown', 'There is no such administrator.');
  // A role that is gone allows nothing; it cannot be removed while somebody has it.
  await checkRole(store, caller, target.organizationId, administrator.roleId);
  return administrator;
};

const isFull = ({ roleId, state }: Pick<Administrator, 'roleId' | 'state'>): boolean => roleId === 'full' && state === 'active';

/** Whoever can let others in must be left: with nobody there only an operator, or the server's own screen, helps. */
const keepOneFull = async (
  store: AdministratorsPort,
  before: Administrator,
  after?: Pick<Administrator, 'roleId' | 'state'>,
): Promise<void> => {
  if (!isFull(before) || (after !== undefined && isFull(after)) || (await store.countFullAdministrators()) > 1) return;
  throw new Problem(
    409,
    'last_full_administrator',
    'This is the last administrator with full access.',
    'Give somebody else full access first.',
  );
};

/** Gives another role, disables or enables. It holds for the next request. @throws Problem */
export const changeAdministrator = (
  needs: { readonly storage: AdministratorsStorage },
  caller: Caller,
  act: Act,
  target: Target,
  change: { readonly roleId?: string | undefined; readonly state?: 'active' | 'disabled' | undefined },
): Promise<Administrator> =>
  holderOf(needs.storage, target.organizationId).transaction(async (store) => {
    const before = await findTarget(store, caller, target);
    const after = { roleId: change.roleId ?? before.roleId, state: change.state ?? before.state };
    if (after.roleId === before.roleId && after.state === before.state) return before;
    if (after.roleId !== before.roleId) await checkRole(store, caller, target.organizationId, after.roleId);
    await keepOneFull(store, before, after);
    await store.changeAdministrator(before.id, after);
    if (after.state === 'disabled') await store.deleteSessionsOfAdministrator(before.id);
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.changed',
      outcome: 'success',
      reason: '',
      subject: `administrator:${before.id}`,
      details: { userName: before.userName, before: { roleId: before.roleId, state: before.state }, after },
    });
    return { ...before, ...after };
  });

/** With passkeys and sessions; the audit keeps the name. @throws Problem */
export const removeAdministrator = (
  needs: { readonly storage: AdministratorsStorage },
  caller: Caller,
  act: Act,
  target: Target,
): Promise<void> =>
  holderOf(needs.storage, target.organizationId).transaction(async (store) => {
    const administrator = await findTarget(store, caller, target);
    await keepOneFull(store, administrator);
    await store.deleteAdministrator(administrator.id);
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.removed',
      outcome: 'success',
      reason: '',
      subject: `administrator:${administrator.id}`,
      details: { userName: administrator.userName, roleId: administrator.roleId },
    });
  });

/**
 * For somebody who has lost phone, keys and recovery codes. All of it is gone and every session ends; at the next sign-in the password leads to
 * nothing but setting a second factor up anew. One's own is changed with what one still has.
 *
 * @throws Problem
 */
export const resetSecondFactor = (
  needs: { readonly storage: AdministratorsStorage },
  caller: Caller,
  act: Act,
  target: Target,
): Promise<Administrator> => {
  if (act.actor === `administrator:${target.administratorId}`) {
    throw new Problem(
      409,
      'own_second_factor',
      'This is your own account.',
      'Add another second factor and remove the old one, or ask another administrator.',
    );
  }
  return holderOf(needs.storage, target.organizationId).transaction(async (store) => {
    const before = await findTarget(store, caller, target);
    const passkeys = await store.listPasskeys([before.id]);
    const after = { totp: null, recoveryCodes: [] };
    await store.changeAdministrator(before.id, after);
    for (const { id } of passkeys) await store.deletePasskey(before.id, id);
    await store.deleteSessionsOfAdministrator(before.id);
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.second_factor_reset',
      outcome: 'success',
      reason: '',
      subject: `administrator:${before.id}`,
      details: { userName: before.userName, totp: before.totp !== null, passkeys: passkeys.map(({ name }) => name) },
    });
    return { ...before, ...after };
  });
};

/** Signs somebody out everywhere. @throws Problem */
export const endSessions = (
  needs: { readonly storage: AdministratorsStorage },
  caller: Caller,
  act: Act,
  target: Target,
): Promise<void> =>
  holderOf(needs.storage, target.organizationId).transaction(async (store) => {
    const { id, userName } = await findTarget(store, caller, target);
    await store.deleteSessionsOfAdministrator(id);
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.sessions_ended',
      outcome: 'success',
      reason: '',
      subject: `administrator:${id}`,
      details: { userName },
    });
  });
