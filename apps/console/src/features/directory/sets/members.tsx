import type { UserView } from '@latchkey/contract';
import { ActionIcon, Anchor, Group, Stack, Title, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Problem } from '../../../components/problem.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { usePages } from '../../../components/use-pages.ts';
import { UserName } from '../../../components/user-name.tsx';
import { setMember } from '../members.ts';
import { directoryKey, type SetsPath, usersPath } from '../paths.ts';
import { UserSearch } from '../pickers.tsx';
import type { SetView } from '../set-view.ts';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { texts } from './texts.ts';

/** The filter of the list of users that shows who is in it. */
export const memberFilter = (sets: SetsPath, id: string): { readonly group: string } | { readonly department: string } =>
  sets === 'groups' ? { group: id } : { department: id };

/** Who is in a group or department: page after page, found and added, taken out and put back. */
export const Members = ({
  organization,
  sets,
  set,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  readonly set: SetView;
}) => {
  const texts_ = useTexts(texts);
  const t = texts_[sets];
  const may = useMay('directory');
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const mayChange = may === 'full' && !set.readOnly.includes('members');
  const filter = memberFilter(sets, set.id);
  const pages = usePages<UserView>([...directoryKey(organization), 'users'], usersPath(organization), { ...filter });
  const change = useMutation({
    mutationFn: async ({ user, member }: { readonly user: UserView; readonly member: boolean }) => {
      const put = async (id: string, into: boolean) => {
        await setMember(organization, { sets, id, userId: user.id, member: into });
        await changed();
      };
      await put(set.id, member);
      const before = user.department?.id;
      const undo = () => (member && sets === 'departments' && before !== undefined ? put(before, true) : put(set.id, !member));
      notify((member ? t.added : t.removed)(user.userName, set.name), undo);
    },
  });
  const { mutate } = change;
  const columns = useMemo(
    (): readonly Column<UserView>[] => [
      {
        id: 'user',
        header: texts_.member,
        cell: ({ id, userName, displayName }) => (
          <>
            <Anchor
              size="sm"
              underline="hover"
              renderRoot={(props) => (
                <Link to="/o/$organization/directory/users" params={{ organization }} search={{ open: id }} {...props} />
              )}
            >
              <UserName>{userName}</UserName>
            </Anchor>
            <div>{displayName}</div>
          </>
        ),
      },
      ...(mayChange
        ? [
            {
              id: 'remove',
              header: '',
              cell: (user: UserView) => (
                <Group justify="flex-end">
                  <Tooltip label={t.remove(user.userName)} withArrow>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t.remove(user.userName)}
                      onClick={() => mutate({ user, member: false })}
                    >
                      <IconX size={16} />
                    </ActionIcon>
                  </Tooltip>
                </Group>
              ),
            },
          ]
        : []),
    ],
    [texts_, t, organization, mayChange, mutate],
  );
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={3} size="h5">
          {t.membersTitle}
        </Title>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link to="/o/$organization/directory/users" params={{ organization }} search={filter} {...props} />
          )}
        >
          {texts_.inUsers}
        </Anchor>
      </Group>
      {mayChange && <UserSearch organization={organization} label={t.add} onChoose={(user) => mutate({ user, member: true })} />}
      <Problem error={change.error} />
      <DataTable
        label={t.membersTitle}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ userName }) => userName}
        empty={<Empty title={t.noMembers} />}
      />
    </Stack>
  );
};
