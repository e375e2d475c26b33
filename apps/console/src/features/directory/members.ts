import { call } from '../../app/api.ts';
import { type SetsPath, setsPath, usersPath } from './paths.ts';

/** Puts a user into a group or department, or takes it out. A user is in one department: the one before is left. */
export const setMember = (
  organization: string,
  {
    sets,
    id,
    userId,
    member,
  }: { readonly sets: SetsPath; readonly id: string; readonly userId: string; readonly member: boolean },
): Promise<unknown> =>
  sets === 'groups'
    ? call(member ? 'PUT' : 'DELETE', `${setsPath(organization, sets)}/${id}/members/${userId}`)
    : call('PATCH', `${usersPath(organization)}/${userId}`, { body: { department: member ? id : null } });
