import type { SessionView } from '@latchkey/contract';
import { Anchor, Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlugConnected, IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useHeard } from '../../app/live.ts';
import { useMay } from '../../app/session.ts';
import { Chips } from '../../components/chips.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Filters } from '../../components/filters.tsx';
import { News } from '../../components/news.tsx';
import { Page } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { UserName } from '../../components/user-name.tsx';
import { EndSessions } from './end-sessions.tsx';
import type { SessionsSearch } from './sessions-search.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/sessions');

/** Who is signed in now, on which device, until when. What ends disappears by itself; who comes is told of, and shown when asked for. */
export const SessionsPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('devices');
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState(filters.q ?? '');
  const [ending, setEnding] = useState<readonly SessionView[]>();
  const [news, setNews] = useState(0);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['sessions', organization] });
  useHeard(({ action }) => {
    if (action === 'sign_in.accepted') setNews((old) => old + 1);
    // A device that is removed or put in quarantine has no session any more.
    else if (action.startsWith('device.')) refresh();
  });
  const pages = usePages<SessionView>(['sessions', organization], `/organizations/${organization}/sessions`, { ...filters });
  const filter = (search: SessionsSearch) => void navigate({ search, replace: true });
  const search = useDebouncedCallback((q: string) => filter(q === '' ? {} : { q }), 250);
  const columns = useMemo(
    (): readonly Column<SessionView>[] => [
      { id: 'user', header: t.columns.user, cell: ({ user }) => <UserName>{user.userName}</UserName> },
      {
        id: 'device',
        header: t.columns.device,
        cell: ({ device }) => (
          <Anchor
            renderRoot={(props) => (
              <Link to="/o/$organization/devices" params={{ organization }} search={{ open: device.id }} {...props} />
            )}
          >
            {device.hostName || t.nameless}
          </Anchor>
        ),
      },
      { id: 'since', header: t.columns.since, hideBelow: 'sm', cell: ({ createdAt }) => <Time at={createdAt} /> },
      { id: 'until', header: t.columns.until, hideBelow: 'md', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
      { id: 'idp', header: t.columns.idp, hideBelow: 'lg', cell: ({ idp }) => t.idps(idp) },
      { id: 'proof', header: t.columns.proof, hideBelow: 'md', cell: ({ lastProofAt }) => <Time at={lastProofAt} /> },
      ...(may === 'full'
        ? [
            {
              id: 'end',
              header: '',
              cell: (session: SessionView) => (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t.endOf(session.user.userName)}
                  onClick={() => setEnding([session])}
                >
                  {t.end}
                </Button>
              ),
            },
          ]
        : []),
    ],
    [t, organization, may],
  );
  return (
    <Page title={t.title} description={t.description} guide="settings#how-soon-somebody-has-to-sign-in-again">
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
      </Filters>
      <Chips
        chips={
          filters.device === undefined ? [] : [{ name: t.columns.device, value: filters.device, onRemove: () => filter({}) }]
        }
      />
      <News
        count={news}
        onShow={() => {
          setNews(0);
          refresh();
        }}
      />
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ user, device }) => `${user.userName} ${device.hostName}`}
        {...(may === 'full'
          ? {
              bulk: (selected: readonly SessionView[]) => (
                <Button size="compact-md" variant="light" color="red" onClick={() => setEnding(selected)}>
                  {t.end}
                </Button>
              ),
            }
          : {})}
        onClearFilters={
          Object.keys(filters).length === 0
            ? undefined
            : () => {
                setTyped('');
                filter({});
              }
        }
        empty={
          <Empty icon={<IconPlugConnected />} title={t.emptyTitle}>
            {t.emptyText}
          </Empty>
        }
      />
      {ending !== undefined && <EndSessions organization={organization} sessions={ending} onClose={() => setEnding(undefined)} />}
    </Page>
  );
};
