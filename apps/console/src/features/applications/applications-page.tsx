import type { ApplicationView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconApps, IconPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { ApplicationDrawer } from './application-drawer.tsx';
import { RegisterApplication } from './register-application.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/applications');

const nameOf = ({ name }: ApplicationView): string => name;

/** What people sign in to: the list, and what was opened from it. */
export const ApplicationsPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('applications');
  const pages = usePages<ApplicationView>(['applications', organization], `/organizations/${organization}/applications`);
  const show = (id: string | undefined) => void navigate({ search: id === undefined ? {} : { open: id } });

  const columns = useMemo(
    (): readonly Column<ApplicationView>[] => [
      { id: 'name', header: t.columns.name, cell: nameOf },
      {
        id: 'state',
        header: t.columns.state,
        cell: ({ enabled }) => <State tone={enabled ? 'good' : 'calm'}>{enabled ? t.states.on : t.states.off}</State>,
      },
      { id: 'kind', header: t.columns.kind, hideBelow: 'sm', cell: ({ kind }) => t.kinds[kind] },
      { id: 'identifier', header: t.columns.identifier, hideBelow: 'md', cell: ({ identifier }) => identifier },
      { id: 'evidence', header: t.columns.evidence, hideBelow: 'lg', cell: ({ minEvidence }) => minEvidence },
      { id: 'registered', header: t.columns.registered, hideBelow: 'lg', cell: ({ createdAt }) => <Time at={createdAt} /> },
    ],
    [t],
  );
  const create = may === 'full' && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.create}
    </Button>
  );
  return (
    <Page title={t.title} description={t.description} actions={create} guide="applications">
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={nameOf}
        onOpen={({ id }) => show(id)}
        openId={open}
        empty={
          <Empty icon={<IconApps />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <RegisterApplication organization={organization} onShow={show} />}
      {open !== undefined && open !== 'new' && (
        <ApplicationDrawer key={open} organization={organization} id={open} onClose={() => show(undefined)} />
      )}
    </Page>
  );
};
