import { type DirectoryLimits, foldUserName, type Source } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { checkGroupCount } from './account.ts';
import { checkOwner, setUnknown, userUnknown } from './refusals.ts';
import type { DirectoryStorage } from './store.ts';

/** Puts a user into a group, or takes it out; live at once. It costs the same however many others are in it. */
export const changeMembership = async (
  needs: { readonly storage: DirectoryStorage; readonly limits: DirectoryLimits; readonly now: () => number },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly groupId: string;
    readonly userId: string;
    readonly member: boolean;
    readonly by: Source;
  },
): Promise<void> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const [group, user] = [await store.groups.find(input.groupId), await store.findUser(input.userId)];
    if (group === undefined) throw setUnknown('group');
    if (user === undefined || user.state === 'deleted') throw userUnknown();
    const groups = await store.listGroupsOfUser(user.id);
    if (groups.some(({ id }) => id === group.id) === input.member) return;
    checkOwner('group', group.source, ['members'], input.by);
    if (input.member) {
      checkGroupCount(groups.length + 1, needs.limits.groupsPerUser);
      await store.joinGroups({ id: user.id, userNameKey: foldUserName(user.userName).userNameKey }, [group.id]);
    } else await store.leaveGroup(user.id, group.id);
    await store.touchUser(user.id, needs.now());
    const names = groups.map(({ name }) => name);
    await store.appendAuditEvent({
      ...act,
      action: input.member ? 'group.member_added' : 'group.member_removed',
      outcome: 'success',
      reason: '',
      subject: `group:${group.id}`,
      details: {
        group: group.name,
        user: user.id,
        userName: user.userName,
        before: names,
        after: input.member ? [...names, group.name] : names.filter((name) => name !== group.name),
      },
    });
  });
