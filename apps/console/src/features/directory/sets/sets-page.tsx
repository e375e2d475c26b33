import { Badge, Button, Group, TextInput } from '@mantine/core';
import { IconLock, IconPlus, IconSearch, IconSitemap, IconUsersGroup } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Filters } from '../../../components/filters.tsx';
import { Page } from '../../../components/page.tsx';
import { Time } from '../../../components/time.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { directoryKey, type SetsPath, setsPath } from '../paths.ts';
import { readSetsSearch, type SetsSearch } from '../search.ts';
import type { SetView } from '../set-view.ts';
import { useSources } from '../source.ts';
import { texts as shared } from '../texts.ts';
import { useTyped } from '../use-typed.ts';
import { CreateSet } from './create-set.tsx';
import { SetDrawer } from './set-drawer.tsx';
import { texts } from './texts.ts';

/** Groups or departments: what is looked for and the open one stand in the URL. */
export const SetsPage = ({
  organization,
  sets,
  search: { open, ...filters },
  onSearch,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  readonly search: SetsSearch;
  readonly onSearch: (next: SetsSearch, replace: boolean) => void;
}) => {
  const texts_ = useTexts(texts);
  const t = texts_[sets];
  const s = useTexts(shared);
  const may = useMay('directory');
  const sources = useSources(organization);
  const typed = useTyped(filters.q, (q) => onSearch(readSetsSearch({ q }), true));
  const show = (id: string | undefined) => onSearch(readSetsSearch({ ...filters, open: id }), false);
  const pages = usePages<SetView>([...directoryKey(organization), sets], setsPath(organization, sets), { ...filters });

  const columns = useMemo(
    (): readonly Column<SetView>[] => [
      {
        id: 'name',
        header: s.name,
        cell: ({ name, system }) =>
          system ? (
            <Group component="span" gap="xs">
              {name}
              <Badge component="span" size="sm" variant="default" leftSection={<IconLock size={11} />}>
                {texts_.systemShort}
              </Badge>
            </Group>
          ) : (
            name
          ),
      },
      { id: 'comments', header: s.comments, hideBelow: 'md', cell: ({ comments }) => comments.split('\n', 1)[0] },
      { id: 'source', header: s.source, hideBelow: 'sm', cell: ({ source }) => sources.nameOf(source) },
      { id: 'updated', header: s.changed, hideBelow: 'sm', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
    ],
    [s, texts_, sources],
  );
  const create = may === 'full' && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.create}
    </Button>
  );
  return (
    <Page title={t.title} description={t.description} guide="directory#groups-and-departments" actions={create}>
      <Filters>
        <TextInput
          aria-label={texts_.search}
          placeholder={texts_.search}
          leftSection={<IconSearch size={16} />}
          w="18rem"
          {...typed}
        />
      </Filters>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        onOpen={({ id }) => show(id)}
        openId={open}
        onClearFilters={filters.q === undefined ? undefined : () => onSearch({}, false)}
        empty={
          <Empty icon={sets === 'groups' ? <IconUsersGroup /> : <IconSitemap />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <CreateSet organization={organization} sets={sets} onShow={show} />}
      {open !== undefined && open !== 'new' && (
        <SetDrawer key={open} organization={organization} sets={sets} id={open} onClose={() => show(undefined)} />
      )}
    </Page>
  );
};
