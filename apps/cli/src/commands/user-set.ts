import type { GroupView } from '@latchkey/contract';
import { CliError } from '../errors.ts';
import type { OrganizationSession } from '../session.ts';

/** A group or department by id, or by the name people know. */
export const findUserSet = async (
  { call }: OrganizationSession,
  kind: 'group' | 'department',
  wanted: string,
): Promise<GroupView> => {
  if (/^(grp|dep)_[0-9a-f]{32}$/.test(wanted)) return (await call<GroupView>('GET', `/${kind}s/${wanted}`)).body;
  const { body } = await call<{ items: GroupView[] }>('GET', `/${kind}s`, { query: { name: wanted } });
  const [found] = body.items;
  if (found === undefined) {
    throw new CliError(`There is no ${kind} "${wanted}".`, {
      code: `${kind}_unknown`,
      hint: `See which there are: latchkey ${kind} list`,
    });
  }
  return found;
};
