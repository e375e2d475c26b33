import type { AdministratorView } from '@latchkey/contract';
import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTexts } from '../../../app/language.tsx';
import { useSession } from '../../../app/session.ts';
import { useOpen } from '../../../app/use-open.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Page } from '../../../components/page.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { UserName } from '../../../components/user-name.tsx';
import { AdministratorDrawer } from './administrator-drawer.tsx';
import { InvitationDrawer } from './invitation-drawer.tsx';
import { Invitations } from './invitations.tsx';
import { InviteAdministrator } from './invite-administrator.tsx';
import { factorsOf } from './second-factors.ts';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';
import { useRoles } from './use-roles.ts';

const nameOf = ({ displayName }: AdministratorView): string => displayName;

/** Who may sign in to the console: an organization's administrators, or the operators; and who was invited. */
export const AdministratorsPage = () => {
  const t = useTexts(texts);
  const { organization, path, key, may } = useHolder();
  const { administrator: self } = useSession();
  const [open, show] = useOpen();
  const { nameOf: roleOf } = useRoles();
  const pages = usePages<AdministratorView>(['administrators', key], `${path}/administrators`);
  const columns = useMemo(
    (): readonly Column<AdministratorView>[] => [
      {
        id: 'name',
        header: t.columns.name,
        cell: ({ id, displayName }) => (id === self?.id ? t.you(displayName) : displayName),
      },
      { id: 'userName', header: t.columns.userName, hideBelow: 'sm', cell: ({ userName }) => <UserName>{userName}</UserName> },
      { id: 'role', header: t.columns.role, cell: ({ roleId }) => roleOf(roleId) },
      {
        id: 'factors',
        header: t.columns.factors,
        hideBelow: 'md',
        cell: (each) => {
          const factors = factorsOf(each);
          return factors.length === 0 ? (
            <State tone="warn">{t.factors.none}</State>
          ) : (
            factors.map((factor) => t.factors[factor]).join(', ')
          );
        },
      },
      {
        id: 'signedIn',
        header: t.columns.lastSignedIn,
        hideBelow: 'sm',
        cell: ({ lastSignedInAt }) => <Time at={lastSignedInAt} />,
      },
      {
        id: 'state',
        header: t.columns.state,
        cell: ({ state }) => <State tone={state === 'active' ? 'good' : 'bad'}>{t.states[state]}</State>,
      },
    ],
    [t, self?.id, roleOf],
  );
  const invite = may === 'full' && (
    <Button leftSection={<IconUserPlus size={16} />} onClick={() => show('new')}>
      {t.invite}
    </Button>
  );
  const close = () => show(undefined);
  return (
    <Page
      title={organization === undefined ? t.operators : t.title}
      description={organization === undefined ? t.operatorsText : t.description}
      actions={invite}
      guide="administrators"
    >
      <Stack gap="xl">
        <DataTable
          label={organization === undefined ? t.operators : t.title}
          columns={columns}
          pages={pages}
          idOf={({ id }) => id}
          nameOf={nameOf}
          onOpen={({ id }) => show(id)}
          openId={open}
          empty={
            <Empty icon={<IconUsers />} title={t.emptyTitle} action={invite}>
              {t.emptyText}
            </Empty>
          }
        />
        <Invitations openId={open} onOpen={show} />
        {organization !== undefined && (
          <Text c="dimmed" size="sm" maw="44rem">
            {t.operatorsSee}{' '}
            <Anchor size="sm" renderRoot={(props) => <Link to={`/o/${organization}/administration/emergency`} {...props} />}>
              {t.toEmergency}
            </Anchor>
          </Text>
        )}
      </Stack>
      {open === 'new' && <InviteAdministrator onClose={close} />}
      {open?.startsWith('adm_') && <AdministratorDrawer key={open} id={open} onClose={close} />}
      {open?.startsWith('inv_') && <InvitationDrawer key={open} id={open} onClose={close} />}
    </Page>
  );
};
