import type { UserView } from '@latchkey/contract';
import { ActionIcon, Anchor, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Problem } from '../../../components/problem.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { setMember } from '../members.ts';
import { SetSelect } from '../pickers.tsx';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { texts } from './texts.ts';
import classes from './user-groups.module.css';

/** The groups of a user: go there, leave, be added. */
export const UserGroups = ({ organization, user }: { readonly organization: string; readonly user: UserView }) => {
  const t = useTexts(texts);
  const may = useMay('directory');
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const set = async (id: string, member: boolean) => {
    await setMember(organization, { sets: 'groups', id, userId: user.id, member });
    await changed();
  };
  const leave = useMutation({
    mutationFn: ({ id }: { readonly id: string; readonly name: string }) => set(id, false),
    onSuccess: (_, { id, name }) => notify(t.leftGroup(name), () => set(id, true)),
  });
  const join = useMutation({ mutationFn: (id: string) => set(id, true) });
  const groups = user.groups ?? [];
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t.groupsTitle}
      </Title>
      {groups.length === 0 && (
        <Text c="dimmed" size="sm">
          {t.noGroups}
        </Text>
      )}
      <ul className={classes.groups} aria-label={t.groupsTitle}>
        {groups.map((group) => (
          <li key={group.id}>
            <Anchor
              size="sm"
              underline="hover"
              renderRoot={(props) => (
                <Link to="/o/$organization/directory/groups" params={{ organization }} search={{ open: group.id }} {...props} />
              )}
            >
              {group.name}
            </Anchor>
            {may === 'full' && (
              <Tooltip label={t.leaveGroup(group.name)} withArrow>
                <ActionIcon
                  size="sm"
                  variant="subtle"
                  color="gray"
                  aria-label={t.leaveGroup(group.name)}
                  onClick={() => leave.mutate(group)}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
      <Problem error={leave.error ?? join.error} />
      {may === 'full' && (
        <Group>
          <SetSelect
            key={groups.length}
            size="xs"
            w="16rem"
            aria-label={t.addGroup}
            placeholder={t.addGroup}
            organization={organization}
            sets="groups"
            value={null}
            onChange={(id) => {
              if (id !== null) join.mutate(id);
            }}
          />
        </Group>
      )}
    </Stack>
  );
};
