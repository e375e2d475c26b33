import type { SignInView } from '@latchkey/contract';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconLogin2, IconSearch, IconZoomExclamation } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { Chips } from '../../components/chips.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Filters } from '../../components/filters.tsx';
import { beginOf } from '../../components/last.ts';
import { News } from '../../components/news.tsx';
import { Page } from '../../components/page.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { TimeRange } from '../../components/time-range.tsx';
import { useStillPages } from '../../components/use-still-pages.ts';
import { UserName } from '../../components/user-name.tsx';
import { SignInDrawer } from './sign-in-drawer.tsx';
import { idIn, type SignInsSearch } from './sign-ins-search.ts';
import { texts } from './texts.ts';
import { useExplanation } from './use-explanation.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/sign-ins');

/** What ends a sign-in or enrollment; that our own service provider was asserted is half of one. */
const ends = /^(sign_in\.(accepted|refused)|device\.(enrolled|enrollment_refused))$/;

/** Finds what a device shows the id of. */
const FindById = ({ id, onFind }: { readonly id: string; readonly onFind: (id: string) => void }) => {
  const t = useTexts(texts);
  const [typed, setTyped] = useState(id);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onFind(idIn(typed));
      }}
    >
      <TextInput
        aria-label={t.onScreen}
        placeholder={t.searchHint}
        leftSection={<IconSearch size={16} />}
        w="22rem"
        maw="100%"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          // Pasted whole, it is looked for at once.
          const pasted = idIn(event.currentTarget.value);
          if (/^cor_[0-9a-f]{32}$/.test(pasted)) onFind(pasted);
        }}
      />
    </form>
  );
};

/** Who has come in and who was refused, in words; found by the id on the screen of the device. */
export const SignInsPage = () => {
  const t = useTexts(texts);
  const explain = useExplanation();
  const { organization } = route.useParams();
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const { id, kind, result, device, last } = filters;
  const change = (changed: { readonly [Name in keyof SignInsSearch]?: SignInsSearch[Name] | undefined }) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...filters, ...changed }).filter(([, value]) => value !== undefined)),
    });
  const show = (event: string | undefined) =>
    void navigate({ search: { ...filters, ...(event === undefined ? {} : { open: event }) } });
  const query = useMemo(
    () =>
      id === undefined
        ? {
            kind,
            result,
            device,
            from: beginOf(last, Date.now()),
          }
        : { correlationId: id },
    [id, kind, result, device, last],
  );
  const { pages, news, showNews } = useStillPages<SignInView>(
    ['sign-ins', organization],
    `/organizations/${organization}/sign-ins`,
    query,
    (action) => id === undefined && ends.test(action),
  );

  const columns = useMemo(
    (): readonly Column<SignInView>[] => [
      {
        id: 'user',
        header: t.columns.user,
        cell: ({ userName }) => (userName === '' ? t.unknownUser : <UserName>{userName}</UserName>),
      },
      {
        id: 'result',
        header: t.columns.result,
        cell: (signIn) => (
          <State tone={signIn.result === 'accepted' ? 'good' : 'bad'} sentence={signIn.result === 'refused'}>
            {signIn.result === 'accepted'
              ? t.results.accepted[signIn.kind]
              : (explain(signIn)?.sentence ?? `${t.results.refused[signIn.kind]}: ${signIn.reason}`)}
          </State>
        ),
      },
      { id: 'device', header: t.columns.device, hideBelow: 'md', cell: ({ hostName }) => hostName },
      { id: 'idp', header: t.columns.idp, hideBelow: 'lg', cell: ({ idp }) => (idp === null ? '' : t.idps(idp)) },
      { id: 'at', header: t.columns.time, hideBelow: 'sm', cell: ({ at }) => <Time at={at} /> },
      { id: 'address', header: t.columns.address, hideBelow: 'lg', cell: ({ remoteAddress }) => remoteAddress },
    ],
    [t, explain],
  );
  const clear = () => void navigate({ search: {} });
  return (
    <Page title={t.title} description={t.description} guide="console#what-to-know">
      <Filters>
        <FindById key={id} id={id ?? ''} onFind={(found) => void navigate({ search: found === '' ? {} : { id: found } })} />
        {id === undefined && (
          <>
            <NativeSelect
              aria-label={t.columns.kind}
              data={[
                { value: '', label: t.anyKind },
                { value: 'sign_in', label: t.manyKinds.sign_in },
                { value: 'enrollment', label: t.manyKinds.enrollment },
              ]}
              value={kind ?? ''}
              onChange={({ currentTarget: { value } }) =>
                change({ kind: value === 'sign_in' || value === 'enrollment' ? value : undefined })
              }
            />
            <NativeSelect
              aria-label={t.columns.result}
              data={[
                { value: '', label: t.anyResult },
                { value: 'accepted', label: t.results.accepted.other },
                { value: 'refused', label: t.results.refused.other },
              ]}
              value={result ?? ''}
              onChange={({ currentTarget: { value } }) =>
                change({ result: value === 'accepted' || value === 'refused' ? value : undefined })
              }
            />
            <TimeRange
              value={last ?? ''}
              onChange={(value) => change({ last: value === '' || value === 'custom' ? undefined : value })}
            />
          </>
        )}
      </Filters>
      <Chips
        chips={[
          ...(id === undefined ? [] : [{ name: t.onScreen, value: id, onRemove: () => change({ id: undefined }) }]),
          ...(device === undefined
            ? []
            : [{ name: t.columns.device, value: device, onRemove: () => change({ device: undefined }) }]),
        ]}
      />
      <News count={news} onShow={showNews} />
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={(signIn) => signIn.id}
        nameOf={({ userName, at }) => `${userName} ${at}`}
        onOpen={(signIn) => show(signIn.id)}
        openId={open}
        onClearFilters={id === undefined && Object.keys(filters).length > 0 ? clear : undefined}
        empty={
          id === undefined ? (
            <Empty icon={<IconLogin2 />} title={t.emptyTitle}>
              {t.emptyText}
            </Empty>
          ) : (
            <Empty
              icon={<IconZoomExclamation />}
              title={t.notFoundTitle}
              action={
                <Button variant="default" onClick={clear}>
                  {t.showAll}
                </Button>
              }
            >
              {t.notFoundText}
            </Empty>
          )
        }
      />
      {open !== undefined && <SignInDrawer key={open} organization={organization} id={open} onClose={() => show(undefined)} />}
    </Page>
  );
};
