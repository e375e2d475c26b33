import type { AuditEventView } from '@latchkey/contract';
import { Autocomplete, Button, Menu, NativeSelect, Popover, Stack, TextInput } from '@mantine/core';
import { IconClipboardList, IconDownload, IconFilter, IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { queryString } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Chips } from '../../components/chips.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Filters } from '../../components/filters.tsx';
import { fromField, toField } from '../../components/last.ts';
import { News } from '../../components/news.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { TimeRange } from '../../components/time-range.tsx';
import { useStillPages } from '../../components/use-still-pages.ts';
import classes from './audit-list.module.css';
import { type AuditSearch, concerns, queryOf, type TextFilter, textFilters } from './audit-search.ts';
import { EventDrawer } from './event-drawer.tsx';
import { texts } from './texts.ts';
import { Who } from './who.tsx';

/** Asks for one of the filters that are texts. */
const AddFilter = ({
  actions,
  onAdd,
}: {
  /** To choose from; any other may be typed. */
  readonly actions: readonly string[];
  readonly onAdd: (name: TextFilter, value: string) => void;
}) => {
  const t = useTexts(texts);
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState<TextFilter>('action');
  const [value, setValue] = useState('');
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" trapFocus returnFocus withArrow>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={16} />} onClick={() => setOpened(!opened)}>
          {t.addFilter}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.addFilter}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (value.trim() !== '') onAdd(name, value.trim());
            setValue('');
            setOpened(false);
          }}
        >
          <Stack gap="xs" w="18rem">
            <NativeSelect
              label={t.filterBy}
              data={textFilters.map((each) => ({ value: each, label: t.filters[each] }))}
              value={name}
              onChange={(event) => setName(event.currentTarget.value as TextFilter)} // one of the options
            />
            <Autocomplete
              label={t.filters[name]}
              description={t.hints[name]}
              data={name === 'action' ? actions : []}
              limit={8}
              comboboxProps={{ withinPortal: false }}
              value={value}
              onChange={setValue}
              onOptionSubmit={(chosen) => {
                onAdd(name, chosen);
                setOpened(false);
              }}
              data-autofocus
            />
            <Button type="submit">{t.apply}</Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
};

/** The audit, of an organization or of the operators: filters and the open event stand in the URL, and nothing moves under the reader. */
export const AuditList = ({
  organization,
  search,
  onSearch,
  description,
}: {
  /** None: the operators' own acts. */
  readonly organization: string | undefined;
  readonly search: AuditSearch;
  readonly onSearch: (search: AuditSearch) => void;
  readonly description: ReactNode;
}) => {
  const t = useTexts(texts);
  const { open, ...filters } = search;
  const path = organization === undefined ? '/audit' : `/organizations/${organization}/audit`;
  const [asksTime, setAsksTime] = useState(false);
  // Counted once for each list: else it would be another list every minute.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the query is made of, by value
  const query = useMemo(() => queryOf(filters, Date.now()), [JSON.stringify(filters)]);
  const { pages, news, showNews } = useStillPages<AuditEventView>(['audit', organization], path, query, concerns(filters));

  const change = (changed: { readonly [Name in keyof AuditSearch]?: AuditSearch[Name] | undefined }) =>
    onSearch(Object.fromEntries(Object.entries({ ...filters, ...changed }).filter(([, value]) => value !== undefined)));
  const show = (id: string | undefined) => onSearch({ ...filters, ...(id === undefined ? {} : { open: id }) });
  const customTime = asksTime || filters.from !== undefined || filters.until !== undefined;
  const actions = useMemo(
    () => [...new Set(pages.data?.pages.flatMap(({ items }) => items.map(({ action }) => action)))].toSorted(),
    [pages.data],
  );
  const chips = textFilters.flatMap((name) => {
    const value = filters[name];
    return value === undefined ? [] : [{ name: t.filters[name], value, onRemove: () => change({ [name]: undefined }) }];
  });

  const columns = useMemo(
    (): readonly Column<AuditEventView>[] => [
      {
        id: 'at',
        header: t.columns.at,
        cell: ({ at }) => (
          <span className={classes.time}>
            <Time at={at} absolute />
          </span>
        ),
      },
      {
        id: 'action',
        header: t.columns.action,
        cell: ({ action, outcome, reason }) => (
          <div className={classes.action}>
            <State tone={outcome === 'success' ? 'good' : 'bad'} sentence>
              {action}
            </State>
            {outcome === 'refused' && <small>{reason === '' ? t.outcomes.refused : reason}</small>}
          </div>
        ),
      },
      {
        id: 'actor',
        header: t.columns.actor,
        hideBelow: 'sm',
        cell: ({ actor }) => <Who organization={organization} who={actor} short />,
      },
      {
        id: 'subject',
        header: t.columns.subject,
        hideBelow: 'md',
        cell: ({ subject }) => <Who organization={organization} who={subject} short />,
      },
      { id: 'address', header: t.columns.address, hideBelow: 'lg', cell: ({ remoteAddress }) => remoteAddress },
    ],
    [t, organization],
  );
  return (
    <Page
      title={t.title}
      description={description}
      guide="console#what-to-know"
      actions={
        <>
          {/* What operators do is told by no stream. */}
          {organization === undefined && (
            <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={showNews}>
              {t.reload}
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" leftSection={<IconDownload size={16} />}>
                {t.export}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t.exportHint}</Menu.Label>
              {(['csv', 'ndjson'] as const).map((format) => (
                <Menu.Item
                  key={format}
                  component="a"
                  href={`/api/v1${path}/export${queryString({ ...query, format })}`}
                  download={`audit.${format}`}
                >
                  {t.formats[format]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <Filters>
        <TimeRange
          value={customTime ? 'custom' : (filters.last ?? '')}
          custom
          onChange={(value) => {
            setAsksTime(value === 'custom');
            change({ last: value === '' || value === 'custom' ? undefined : value, from: undefined, until: undefined });
          }}
        />
        {customTime &&
          (['from', 'until'] as const).map((name) => (
            <TextInput
              key={name}
              type="datetime-local"
              aria-label={t[name]}
              value={toField(filters[name])}
              onChange={(event) => change({ [name]: fromField(event.currentTarget.value), last: undefined })}
            />
          ))}
        <NativeSelect
          aria-label={t.columns.outcome}
          data={[
            { value: '', label: t.anyOutcome },
            { value: 'success', label: t.outcomes.success },
            { value: 'refused', label: t.outcomes.refused },
          ]}
          value={filters.outcome ?? ''}
          onChange={({ currentTarget: { value } }) =>
            change({ outcome: value === 'success' || value === 'refused' ? value : undefined })
          }
        />
        <AddFilter actions={actions} onAdd={(name, value) => change({ [name]: value })} />
      </Filters>
      <Chips chips={chips} />
      <News count={news} onShow={showNews} />
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ action, at }) => `${action} ${at}`}
        onOpen={({ id }) => show(id)}
        openId={open}
        onClearFilters={
          Object.keys(filters).length === 0
            ? undefined
            : () => {
                setAsksTime(false);
                onSearch({});
              }
        }
        empty={
          <Empty icon={<IconClipboardList />} title={t.emptyTitle}>
            {t.emptyText}
          </Empty>
        }
      />
      {open !== undefined && (
        <EventDrawer
          key={open}
          organization={organization}
          path={path}
          id={open}
          onFilter={(name, value) => onSearch({ [name]: value })}
          onClose={() => show(undefined)}
        />
      )}
    </Page>
  );
};
