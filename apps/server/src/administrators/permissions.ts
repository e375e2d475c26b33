import { type Area, areas, type Permission, type Permissions } from '@latchkey/contract';
import type { Role } from './store.ts';

/** What only operators do, or have done for them. */
const ofOperators: readonly Area[] = ['administrators', 'api-keys', 'audit', 'backup', 'operator', 'organization'];
const notOfOrganizations: readonly Area[] = ['backup', 'operator'];

/** The built-in roles: everything, or a look at everything. */
export const builtInRoles = { full: 'Full access', view: 'View only' } as const;
export type BuiltInRole = keyof typeof builtInRoles;

const isBuiltInRole = (roleId: string): roleId is BuiltInRole => Object.hasOwn(builtInRoles, roleId);

/** The areas that an organization's roles are about. */
const organizationAreas: readonly Area[] = areas.filter((area) => !notOfOrganizations.includes(area));

/** What a role allows, area by area. A role that is gone allows nothing. */
export const permissionsOf = (
  organizationId: string | null,
  roleId: string,
  role: Pick<Role, 'permissions'> | undefined,
): Permissions => {
  const mine = organizationId === null ? ofOperators : organizationAreas;
  const permission = (area: Area): Permission =>
    !mine.includes(area) ? 'none' : isBuiltInRole(roleId) ? roleId : (role?.permissions[area] ?? 'none');
  return Object.fromEntries(areas.map((area) => [area, permission(area)])) as Permissions; // of every area
};
