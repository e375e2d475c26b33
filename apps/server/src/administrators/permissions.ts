import { type Area, areas, operatorAreas, organizationAreas, type Permission, type Permissions } from '@latchkey/contract';
import type { Caller } from '../http/caller.ts';
import type { Role } from './store.ts';

/** The built-in roles: everything, or a look at everything. */
export const builtInRoles = { full: 'Full access', view: 'View only' } as const;

export const isBuiltInRole = (roleId: string): roleId is keyof typeof builtInRoles => Object.hasOwn(builtInRoles, roleId);

/** What a role allows, area by area. A role that is gone allows nothing. */
export const permissionsOf = (
  organizationId: string | null,
  roleId: string,
  role: Pick<Role, 'permissions'> | undefined,
): Permissions => {
  const mine = organizationId === null ? operatorAreas : organizationAreas;
  const permission = (area: Area): Permission => {
    if (!mine.includes(area)) return 'none';
    return isBuiltInRole(roleId) ? roleId : (role?.permissions[area] ?? 'none');
  };
  return Object.fromEntries(areas.map((area) => [area, permission(area)])) as Permissions; // of every area
};

/** Whether these permissions include that use of an area. */
export const allows = (permissions: Permissions, area: Area, what: 'read' | 'write'): boolean =>
  permissions[area] === 'full' || (what === 'read' && permissions[area] === 'view');

/**
 * Whether the caller may do all that these permissions allow, and so may hand them to somebody or take them from somebody. An operator, who
 * makes an organization's first key as well, may hand out all of an organization's.
 */
export const mayDoAllOf = (caller: Caller, organizationId: string | null, permissions: Permissions): boolean =>
  (caller.kind === 'operator' && organizationId !== null) ||
  areas.every((area) => permissions[area] === 'none' || caller.may(area, permissions[area] === 'full' ? 'write' : 'read'));
