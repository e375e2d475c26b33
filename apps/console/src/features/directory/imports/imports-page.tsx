import type { ImportView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconTableImport, IconUpload } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Actor } from '../../../components/actor.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Page } from '../../../components/page.tsx';
import { Time } from '../../../components/time.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { directoryKey, importsPath } from '../paths.ts';
import { ImportCounts } from './import-counts.tsx';
import { ImportDrawer } from './import-drawer.tsx';
import { ImportState } from './import-state.tsx';
import { NewImport } from './new-import.tsx';
import { lookAgain } from './states.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/directory/imports');

/** The imports of an organization: what is going on, what waits, what was. */
export const ImportsPage = () => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const { organization } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('directory');
  const pages = usePages<ImportView>([...directoryKey(organization), 'imports'], importsPath(organization), {}, lookAgain);
  const show = (id: string | undefined) => void navigate({ search: id === undefined ? {} : { open: id } });

  const columns = useMemo(
    (): readonly Column<ImportView>[] => [
      { id: 'file', header: t.columns.file, cell: ({ fileName, id }) => fileName || id },
      { id: 'state', header: t.columns.state, cell: (job) => <ImportState job={job} /> },
      { id: 'lines', header: t.columns.lines, hideBelow: 'sm', cell: ({ rows }) => rows.toLocaleString(language) },
      {
        id: 'result',
        header: t.columns.result,
        hideBelow: 'md',
        cell: (job) => <ImportCounts job={job} />,
      },
      {
        id: 'by',
        header: t.columns.by,
        hideBelow: 'lg',
        cell: ({ createdBy }) => <Actor organization={organization} actor={createdBy} />,
      },
      { id: 'when', header: t.columns.when, hideBelow: 'sm', cell: ({ createdAt }) => <Time at={createdAt} /> },
    ],
    [t, language, organization],
  );
  const create = may === 'full' && (
    <Button leftSection={<IconUpload size={16} />} onClick={() => show('new')}>
      {t.create}
    </Button>
  );
  return (
    <Page title={t.title} description={t.description} guide="directory#from-and-to-csv" actions={create}>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ fileName, id }) => fileName || id}
        onOpen={({ id }) => show(id)}
        openId={open}
        empty={
          <Empty icon={<IconTableImport />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <NewImport organization={organization} onShow={show} />}
      {open !== undefined && open !== 'new' && (
        <ImportDrawer key={open} organization={organization} id={open} onClose={() => show(undefined)} />
      )}
    </Page>
  );
};
