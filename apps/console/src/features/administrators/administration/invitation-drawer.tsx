import type { InvitationView } from '@latchkey/contract';
import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Page } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { Confirm } from '../../../components/confirm.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';
import { useRoles } from './use-roles.ts';

/** An invitation that waits: it can be withdrawn; its link is shown nowhere again. */
export const InvitationDrawer = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const { path, key, may } = useHolder();
  const { nameOf } = useRoles();
  const [withdrawing, setWithdrawing] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['administrators', key, 'invitations', 'all'],
    queryFn: ({ signal }) => call<Page<InvitationView>>('GET', `${path}/invitations?limit=200`, { signal }),
  });
  const invitation = data?.items.find((each) => each.id === id);
  if (invitation === undefined) {
    return (
      <SideDrawer title={t.invitation} onClose={onClose}>
        {data !== undefined ? <Text>{t.invitationGone}</Text> : error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { userName } = invitation;
  return (
    <SideDrawer title={userName} onClose={onClose}>
      <Stack>
        {may === 'full' && (
          <Group justify="flex-end">
            <Button variant="light" color="red" size="compact-md" onClick={() => setWithdrawing(true)}>
              {t.withdraw}
            </Button>
          </Group>
        )}
        <Facts
          facts={[
            [t.columns.role, nameOf(invitation.roleId)],
            [t.columns.since, <Time key="since" at={invitation.createdAt} absolute />],
            [t.columns.expires, <Time key="expires" at={invitation.expiresAt} absolute />],
          ]}
        />
        <Text c="dimmed" size="sm">
          {t.linkLost}
        </Text>
      </Stack>
      {withdrawing && (
        <Confirm
          title={t.withdrawTitle(userName)}
          action={t.withdraw}
          onClose={() => setWithdrawing(false)}
          onConfirm={async () => {
            await call('DELETE', `${path}/invitations/${id}`);
            await queryClient.invalidateQueries({ queryKey: ['administrators', key, 'invitations'] });
            notify(t.withdrawn);
            onClose();
          }}
        >
          {t.withdrawText}
        </Confirm>
      )}
    </SideDrawer>
  );
};
