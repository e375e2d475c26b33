import type { OrganizationView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTexts } from '../../app/language.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { texts } from './texts.ts';

/** The organizations of this server, for its operators. */
export const OrganizationsPage = () => {
  const t = useTexts(texts);
  const navigate = useNavigate();
  const pages = usePages<OrganizationView>(['organizations', 'pages'], '/organizations');
  const columns = useMemo(
    (): readonly Column<OrganizationView>[] => [
      { id: 'name', header: t.name, cell: ({ name }) => name },
      {
        id: 'state',
        header: t.state,
        cell: ({ state }) => <State tone={state === 'active' ? 'good' : 'bad'}>{t.states[state]}</State>,
      },
      { id: 'created', header: t.created, hideBelow: 'sm', cell: ({ createdAt }) => <Time at={createdAt} /> },
    ],
    [t],
  );
  const create = (
    <Button leftSection={<IconPlus size={16} />} renderRoot={(props) => <Link to="/operator/organizations/new" {...props} />}>
      {t.create}
    </Button>
  );
  return (
    <Page title={t.title} description={t.description} actions={create}>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        onOpen={({ id }) => void navigate({ to: '/operator/organizations/$id', params: { id } })}
        empty={
          <Empty icon={<IconBuilding />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
    </Page>
  );
};
