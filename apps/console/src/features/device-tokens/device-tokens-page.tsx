import type { DeviceTokenView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
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
import { CreateDeviceToken } from './create-device-token.tsx';
import { DeviceTokenDrawer } from './device-token-drawer.tsx';
import { texts } from './texts.ts';
import { tones } from './tones.ts';

const route = getRouteApi('/signed-in/o/$organization/devices/tokens');

const nameOf = ({ description }: DeviceTokenView): string => description;

/** The device tokens of an organization: the list, and what was opened from it. */
export const DeviceTokensPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('device-tokens');
  const pages = usePages<DeviceTokenView>(['device-tokens', organization], `/organizations/${organization}/device-tokens`);
  const show = (id: string | undefined) => void navigate({ search: id === undefined ? {} : { open: id } });

  const columns = useMemo(
    (): readonly Column<DeviceTokenView>[] => [
      { id: 'description', header: t.columns.description, cell: nameOf },
      { id: 'state', header: t.columns.state, cell: ({ state }) => <State tone={tones[state]}>{t.states[state]}</State> },
      { id: 'enrollment', header: t.columns.enrollment, hideBelow: 'md', cell: ({ enrollment }) => t.enrollments[enrollment] },
      {
        id: 'scope',
        header: t.columns.scope,
        hideBelow: 'lg',
        cell: ({ domains, platforms, networks }) =>
          [...domains, ...platforms.map((each) => t.platforms[each]), ...networks].join(', ') || t.everything,
      },
      {
        id: 'enrolled',
        header: t.columns.enrolled,
        hideBelow: 'sm',
        cell: ({ enrollments, maxEnrollments }) => (maxEnrollments === null ? enrollments : `${enrollments} / ${maxEnrollments}`),
      },
      { id: 'expires', header: t.columns.expires, hideBelow: 'sm', cell: ({ expiresAt }) => <Time at={expiresAt} /> },
      { id: 'used', header: t.columns.lastUsed, hideBelow: 'md', cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
    ],
    [t],
  );
  const create = may === 'full' && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
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
        nameOf={nameOf}
        onOpen={({ id }) => show(id)}
        openId={open}
        empty={
          <Empty icon={<IconKey />} title={t.emptyTitle} action={create}>
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <CreateDeviceToken organization={organization} onClose={() => show(undefined)} />}
      {open !== undefined && open !== 'new' && (
        <DeviceTokenDrawer key={open} organization={organization} id={open} onShow={show} />
      )}
    </Page>
  );
};
