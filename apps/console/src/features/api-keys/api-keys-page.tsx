import type { ApiKeyView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconApi, IconPlus } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { useOpen } from '../../app/use-open.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { ApiKeyDrawer } from './api-key-drawer.tsx';
import { CreateApiKey } from './create-api-key.tsx';
import { texts } from './texts.ts';
import { tones } from './tones.ts';
import { useGrants } from './use-grants.ts';
import { useHolder } from './use-holder.ts';

const nameOf = ({ description }: ApiKeyView): string => description;

/** The API keys of an organization, or of the operators. */
export const ApiKeysPage = () => {
  const t = useTexts(texts);
  const grants = useGrants();
  const { organization, path, key } = useHolder();
  const [open, show] = useOpen();
  const may = useMay('api-keys');
  const pages = usePages<ApiKeyView>(['api-keys', key], path);
  const opened = pages.data?.pages.flatMap(({ items }) => items).find(({ id }) => id === open);
  // A link may be to one further down.
  const { hasNextPage, isFetching, fetchNextPage } = pages;
  const looking = open !== undefined && open !== 'new' && opened === undefined && hasNextPage;
  useEffect(() => {
    if (looking && !isFetching) void fetchNextPage();
  }, [looking, isFetching, fetchNextPage]);
  const columns = useMemo(
    (): readonly Column<ApiKeyView>[] => [
      { id: 'description', header: t.columns.description, cell: nameOf },
      { id: 'state', header: t.columns.state, cell: ({ state }) => <State tone={tones[state]}>{t.states[state]}</State> },
      { id: 'reach', header: t.columns.reach, hideBelow: 'md', cell: ({ scopes }) => grants(scopes) },
      { id: 'expires', header: t.columns.expires, hideBelow: 'sm', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
      { id: 'used', header: t.columns.lastUsed, hideBelow: 'sm', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
      { id: 'hint', header: t.columns.hint, hideBelow: 'lg', cell: ({ hint }) => <code>…{hint}</code> },
    ],
    [t, grants],
  );
  const create = may === 'full' && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.create}
    </Button>
  );
  const close = () => show(undefined);
  return (
    <Page
      title={t.title}
      description={organization === undefined ? t.operatorsDescription : t.description}
      actions={create}
      guide="admin#two-kinds-of-keys"
    >
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={nameOf}
        onOpen={({ id }) => show(id)}
        openId={open}
        empty={
          <Empty icon={<IconApi />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <CreateApiKey onClose={close} />}
      {open !== undefined && open !== 'new' && (
        <ApiKeyDrawer key={open} apiKey={opened} loading={pages.isPending || looking} onClose={close} />
      )}
    </Page>
  );
};
