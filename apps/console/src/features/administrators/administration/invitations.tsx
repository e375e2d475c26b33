import type { InvitationView } from '@latchkey/contract';
import { Stack, Title } from '@mantine/core';
import { useMemo } from 'react';
import { useTexts } from '../../../app/language.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { UserName } from '../../../components/user-name.tsx';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';
import { useRoles } from './use-roles.ts';

/** Who was invited and has not come yet. Nothing at all where nobody was. */
export const Invitations = ({
  openId,
  onOpen,
}: {
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
}) => {
  const t = useTexts(texts);
  const { path, key } = useHolder();
  const { nameOf } = useRoles();
  const pages = usePages<InvitationView>(['administrators', key, 'invitations'], `${path}/invitations`);
  const columns = useMemo(
    (): readonly Column<InvitationView>[] => [
      { id: 'userName', header: t.columns.invited, cell: ({ userName }) => <UserName>{userName}</UserName> },
      { id: 'role', header: t.columns.role, cell: ({ roleId }) => nameOf(roleId) },
      { id: 'created', header: t.columns.since, hideBelow: 'sm', cell: ({ createdAt }) => <Time at={createdAt} /> },
      {
        id: 'expires',
        header: t.columns.expires,
        cell: ({ expiresAt }) =>
          Date.parse(expiresAt) <= Date.now() ? <State tone="calm">{t.expired}</State> : <Time at={expiresAt} />,
      },
    ],
    [t, nameOf],
  );
  if (pages.data?.pages[0]?.items.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t.invitations}
      </Title>
      <DataTable
        label={t.invitations}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ userName }) => userName}
        onOpen={({ id }) => onOpen(id)}
        openId={openId}
        empty={null}
      />
    </Stack>
  );
};
