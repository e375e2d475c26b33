import type { DeviceView } from '@latchkey/contract';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDevices, IconSearch } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Filters } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { UserName } from '../../components/user-name.tsx';
import { commonActs, deviceStates, tones } from './acts.ts';
import { DeviceActs } from './change-devices.tsx';
import { DeviceDrawer } from './device-drawer.tsx';
import type { DevicesSearch } from './devices-search.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/devices');

/** The devices of an organization. Filters and the open one stand in the URL, so a link shows the same. */
export const DevicesPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('devices');
  const [typed, setTyped] = useState(filters.q ?? '');
  const filter = (change: { readonly [Name in keyof DevicesSearch]?: string }) =>
    // The route reads what is put there as it reads any URL.
    void navigate({ search: { ...filters, ...change } as DevicesSearch, replace: true });
  const search = useDebouncedCallback((q: string) => filter({ q }), 250);
  const show = (id: string | undefined) => void navigate({ search: { ...filters, ...(id === undefined ? {} : { open: id }) } });
  const pages = usePages<DeviceView>(['devices', organization], `/organizations/${organization}/devices`, filters);

  const columns = useMemo(
    (): readonly Column<DeviceView>[] => [
      { id: 'user', header: t.columns.user, cell: ({ userName }) => <UserName>{userName}</UserName> },
      { id: 'host', header: t.columns.host, hideBelow: 'sm', cell: ({ parameters }) => parameters.hostName ?? '' },
      {
        id: 'platform',
        header: t.columns.platform,
        hideBelow: 'md',
        cell: ({ parameters }) => [parameters.osName, parameters.osVersion].filter(Boolean).join(' '),
      },
      { id: 'state', header: t.columns.state, cell: ({ state }) => <State tone={tones[state]}>{t.states[state]}</State> },
      { id: 'evidence', header: t.columns.evidence, hideBelow: 'lg', cell: ({ evidence }) => evidence },
      { id: 'seen', header: t.columns.lastSeen, hideBelow: 'sm', cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
    ],
    [t],
  );
  const filtered = filters.q !== undefined || filters.state !== undefined;
  return (
    <Page title={t.title} description={t.description}>
      <Filters>
        <TextInput
          aria-label={t.search}
          placeholder={t.search}
          leftSection={<IconSearch size={16} />}
          w="18rem"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
        />
        <NativeSelect
          aria-label={t.columns.state}
          data={[{ value: '', label: t.anyState }, ...deviceStates.map((value) => ({ value, label: t.states[value] }))]}
          value={filters.state ?? ''}
          onChange={(event) => filter({ state: event.currentTarget.value })}
        />
      </Filters>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ userName, parameters }) => `${userName} ${parameters.hostName ?? ''}`}
        onOpen={({ id }) => show(id)}
        openId={open}
        {...(may === 'full'
          ? {
              bulk: (selected: readonly DeviceView[], clear: () => void) => (
                <DeviceActs
                  organization={organization}
                  devices={selected}
                  acts={commonActs(selected.map(({ state }) => state))}
                  onDone={clear}
                />
              ),
            }
          : {})}
        onClearFilters={
          filtered
            ? () => {
                setTyped('');
                void navigate({ search: {} });
              }
            : undefined
        }
        empty={
          <Empty
            icon={<IconDevices />}
            title={t.emptyTitle}
            action={
              <Button renderRoot={(props) => <Link to="/o/$organization/devices/tokens" params={{ organization }} {...props} />}>
                {t.toTokens}
              </Button>
            }
          >
            {t.emptyText}
          </Empty>
        }
      />
      {open !== undefined && <DeviceDrawer key={open} organization={organization} id={open} onClose={() => show(undefined)} />}
    </Page>
  );
};
