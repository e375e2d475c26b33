import type { Act, Caller } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { isBuiltInRole, mayDoAllOf, permissionsOf } from './permissions.ts';
import type { AdministratorsPort, AdministratorsStorage, OrganizationAdministratorsPort, Role } from './store.ts';

const roleExceedsOwn = (): Problem =>
  new Problem(
    403,
    'role_exceeds_own',
    'This role allows more than yours.',
    'Nobody hands out, changes or takes away what they may not do themselves. Ask an administrator with full access.',
  );

const roleUnknown = (): Problem => new Problem(404, 'role_unknown', 'There is no such role.');

/**
 * What a role allows, if it is one of this holder's and the caller may do all of it.
 *
 * @throws Problem
 */
export const checkRole = async (
  store: Pick<AdministratorsPort, 'findRole'>,
  caller: Caller,
  organizationId: string | null,
  roleId: string,
): Promise<void> => {
  const role = isBuiltInRole(roleId) ? undefined : await store.findRole(roleId);
  if (role === undefined && !isBuiltInRole(roleId)) throw roleUnknown();
  if (!mayDoAllOf(caller, organizationId, permissionsOf(organizationId, roleId, role))) throw roleExceedsOwn();
};

interface RoleNeeds {
  readonly storage: AdministratorsStorage;
  readonly newId: (prefix: string) => string;
}

const findOwn = async (store: OrganizationAdministratorsPort, roleId: string): Promise<Role> => {
  if (isBuiltInRole(roleId)) {
    throw new Problem(409, 'role_built_in', 'The built-in roles stay as they are.', 'Make a role of your own.');
  }
  const role = await store.findRole(roleId);
  if (role === undefined) throw roleUnknown();
  return role;
};

/** Makes a role (without an id), or changes one. @throws Problem */
export const saveRole = (
  needs: RoleNeeds,
  caller: Caller,
  act: Act,
  input: { readonly organizationId: string; readonly roleId?: string } & Pick<Role, 'name' | 'permissions'>,
): Promise<Role> => {
  const { organizationId, name, permissions } = input;
  const id = input.roleId ?? needs.newId('rol');
  return needs.storage.organization(organizationId).transaction(async (store) => {
    const before = input.roleId === undefined ? undefined : await findOwn(store, id);
    const role: Role = { id, name, permissions };
    for (const each of before === undefined ? [role] : [before, role]) {
      if (!mayDoAllOf(caller, organizationId, permissionsOf(organizationId, id, each))) throw roleExceedsOwn();
    }
    if (!(await store.saveRole(role))) {
      throw new Problem(409, 'role_name_taken', 'There is a role of this name.', 'Take another name.');
    }
    await store.appendAuditEvent({
      ...act,
      action: before === undefined ? 'role.created' : 'role.changed',
      outcome: 'success',
      reason: '',
      subject: `role:${id}`,
      details: {
        ...(before === undefined ? {} : { before: { name: before.name, permissions: before.permissions } }),
        after: { name, permissions },
      },
    });
    return role;
  });
};

/** @throws Problem */
export const deleteRole = (
  needs: Pick<RoleNeeds, 'storage'>,
  caller: Caller,
  act: Act,
  input: { readonly organizationId: string; readonly roleId: string },
): Promise<void> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const role = await findOwn(store, input.roleId);
    if (!mayDoAllOf(caller, input.organizationId, permissionsOf(input.organizationId, role.id, role))) throw roleExceedsOwn();
    if (await store.isRoleUsed(role.id)) {
      throw new Problem(
        409,
        'role_in_use',
        'Administrators or invitations have this role.',
        'Give them another one, or withdraw the invitations, first.',
      );
    }
    await store.deleteRole(role.id);
    await store.appendAuditEvent({
      ...act,
      action: 'role.removed',
      outcome: 'success',
      reason: '',
      subject: `role:${role.id}`,
      details: { name: role.name, permissions: role.permissions },
    });
  });
