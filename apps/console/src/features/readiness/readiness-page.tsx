import type { DomainReadinessView, LockedOutUserView, ReadinessView, WayInView } from '@latchkey/contract';
import { Anchor, Button, Group, NativeSelect, Skeleton, Stack, Switch, Title } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { call } from '../../app/api.ts';
import { useLanguage, useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Filters } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { usePages } from '../../components/use-pages.ts';
import { UserName } from '../../components/user-name.tsx';
import classes from './readiness-page.module.css';
import type { ReadinessSearch } from './readiness-search.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/sign-in/readiness');

type WayReason = keyof (typeof texts.en)['noWay'];

/** A number in the language of the page; one that is estimated says so. */
const useNumber = (): ((value: number, isEstimate: boolean) => string) => {
  const { language } = useLanguage();
  const t = useTexts(texts);
  return (value, isEstimate) => (isEstimate ? t.about(value.toLocaleString(language)) : value.toLocaleString(language));
};

const useWay = (): ((way: WayInView) => string) => {
  const t = useTexts(texts);
  return ({ kind, idp, reason }) => {
    if (kind === 'none') return t.noWay[reason as WayReason] ?? t.noWay.domain_unknown; // one of these, or a newer one
    return kind === 'device' ? t.byDevice : t.elsewhere(idp ?? '');
  };
};

const sameWay = (one: WayInView, other: WayInView): boolean =>
  one.kind === other.kind && one.idp === other.idp && one.reason === other.reason;

const Domains = ({ domains, isEstimate }: { readonly domains: readonly DomainReadinessView[]; readonly isEstimate: boolean }) => {
  const t = useTexts(texts);
  const number = useNumber();
  const wayOf = useWay();
  return (
    <div className={classes.scroll}>
      <table className={classes.domains} aria-label={t.byDomain}>
        <thead>
          <tr>
            <th scope="col">{t.columns.domain}</th>
            <th scope="col">{t.columns.way}</th>
            <th scope="col" data-number data-middle>
              {t.columns.users}
            </th>
            <th scope="col" data-number data-middle>
              {t.columns.without}
            </th>
            <th scope="col" data-number data-wide>
              {t.columns.notSeen}
            </th>
            <th scope="col" data-wide>
              {t.columns.signIns}
            </th>
            <th scope="col" data-number>
              {t.columns.lockedOut}
            </th>
          </tr>
        </thead>
        <tbody>
          {domains.map((each) => (
            <tr key={each.domain}>
              <th scope="row">{each.domain}</th>
              <td>
                {!sameWay(each.live, each.drafted) && (
                  <span className={classes.way} data-was>
                    {wayOf(each.live)}
                  </span>
                )}
                <span className={classes.way}>{wayOf(each.drafted)}</span>
              </td>
              <td data-number data-middle>
                {number(each.users, isEstimate)}
              </td>
              <td data-number data-middle>
                {number(each.users - each.withDevice, isEstimate)}
              </td>
              <td data-number data-wide>
                {t.of(number(each.devicesNotSeen, isEstimate), number(each.devices, isEstimate))}
              </td>
              <td data-wide>{each.signIns.map(({ idp, count }) => `${t.idps(idp)}: ${number(count, false)}`).join(', ')}</td>
              <td data-number>
                {each.lockedOut === 0 ? (
                  number(0, false)
                ) : (
                  <State tone={each.newlyLockedOut > 0 ? 'bad' : 'warn'}>{number(each.lockedOut, isEstimate)}</State>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** What is to be done about it. */
const Verdict = ({ organization, readiness }: { readonly organization: string; readonly readiness: ReadinessView }) => {
  const t = useTexts(texts);
  const number = useNumber();
  const mayTokens = useMay('device-tokens');
  const { lockedOut, newlyLockedOut, isEstimate } = readiness;
  const [tone, text] =
    newlyLockedOut > 0
      ? (['bad', t.loses(number(newlyLockedOut, isEstimate))] as const)
      : lockedOut > 0
        ? (['warn', t.without(number(lockedOut, isEstimate))] as const)
        : (['good', t.ready] as const);
  return (
    <div className={classes.verdict}>
      <State tone={tone} sentence>
        {text}
      </State>
      <Group gap="xs">
        {lockedOut > 0 && mayTokens !== 'none' && (
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/o/$organization/devices/tokens" params={{ organization }} {...props} />}
          >
            {t.toTokens}
          </Button>
        )}
        <Button renderRoot={(props) => <Link to="/o/$organization/changes" params={{ organization }} {...props} />}>
          {t.toChanges}
        </Button>
      </Group>
    </div>
  );
};

/** Who they are: of one domain or all, all of them or who can sign in now. */
const LockedOut = ({
  organization,
  domains,
  filters,
  onFilter,
}: {
  readonly organization: string;
  readonly domains: readonly string[];
  readonly filters: ReadinessSearch;
  readonly onFilter: (search: ReadinessSearch) => void;
}) => {
  const t = useTexts(texts);
  const pages = usePages<LockedOutUserView>(
    ['settings', organization, 'readiness', 'users'],
    `/organizations/${organization}/users/locked-out`,
    { domain: filters.domain, newly: filters.newly && 'true' },
  );
  const columns = useMemo(
    (): readonly Column<LockedOutUserView>[] => [
      {
        id: 'user',
        header: t.columns.user,
        cell: ({ id, userName }) => (
          <Anchor renderRoot={(props) => <Link to={`/o/${organization}/directory/users`} search={{ open: id }} {...props} />}>
            <UserName>{userName}</UserName>
          </Anchor>
        ),
      },
      { id: 'name', header: t.columns.name, hideBelow: 'md', cell: ({ displayName }) => displayName },
      { id: 'devices', header: t.columns.devices, hideBelow: 'sm', cell: ({ devices }) => devices },
      {
        id: 'now',
        header: t.columns.now,
        cell: ({ newly }) => <State tone={newly ? 'bad' : 'calm'}>{newly ? t.canNow : t.cannotNow}</State>,
      },
      {
        id: 'last',
        header: t.columns.last,
        hideBelow: 'sm',
        cell: ({ lastSignIn }) =>
          lastSignIn === null ? (
            t.neverSignedIn
          ) : (
            <>
              <Time at={lastSignIn.at} />, {t.idps(lastSignIn.idp)}
            </>
          ),
      },
    ],
    [t, organization],
  );
  return (
    <section>
      <Title order={2} size="h4" mt="xl" mb="sm">
        {t.who}
      </Title>
      <Filters>
        <NativeSelect
          aria-label={t.columns.domain}
          data={[{ value: '', label: t.anyDomain }, ...domains]}
          value={filters.domain ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onFilter({ ...(value === '' ? {} : { domain: value }), ...(filters.newly === undefined ? {} : { newly: true }) })
          }
        />
        <Switch
          label={t.onlyNewly}
          checked={filters.newly !== undefined}
          onChange={({ currentTarget: { checked } }) =>
            onFilter({
              ...(filters.domain === undefined ? {} : { domain: filters.domain }),
              ...(checked ? { newly: true } : {}),
            })
          }
        />
      </Filters>
      <DataTable
        label={t.who}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ userName }) => userName}
        onClearFilters={Object.keys(filters).length === 0 ? undefined : () => onFilter({})}
        empty={<Empty icon={<IconChecks />} title={t.nobody} />}
      />
    </section>
  );
};

/** Who would be locked out by activating the draft now, before anybody is. */
export const ReadinessPage = () => {
  const t = useTexts(texts);
  const number = useNumber();
  const { organization } = route.useParams();
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const mayUsers = useMay('directory');
  const { data, error, isPending, refetch } = useQuery({
    // Whatever changes the settings changes this.
    queryKey: ['settings', organization, 'readiness'],
    queryFn: ({ signal }) => call<ReadinessView>('GET', `/organizations/${organization}/settings/readiness`, { signal }),
  });
  return (
    <Page title={t.title} description={t.description} guide="settings#draft-review-activation-history">
      <Problem error={error} onRetry={() => void refetch()} />
      {isPending && <Skeleton height={220} />}
      {data !== undefined && (
        <>
          <Stack gap="lg">
            <Panel>
              <dl className={classes.numbers}>
                <div>
                  <dt>{t.numbers.users}</dt>
                  <dd>{number(data.users, data.isEstimate)}</dd>
                </div>
                <div {...(data.lockedOut > 0 ? { 'data-tone': 'warn' } : {})}>
                  <dt>{t.numbers.lockedOut}</dt>
                  <dd>{number(data.lockedOut, data.isEstimate)}</dd>
                </div>
                <div {...(data.newlyLockedOut > 0 ? { 'data-tone': 'bad' } : {})}>
                  <dt>{t.numbers.newly}</dt>
                  <dd>{number(data.newlyLockedOut, data.isEstimate)}</dd>
                </div>
              </dl>
              <Verdict organization={organization} readiness={data} />
            </Panel>
            <Panel title={t.byDomain}>
              <Domains domains={data.domains} isEstimate={data.isEstimate} />
            </Panel>
          </Stack>
          {mayUsers !== 'none' && (
            <LockedOut
              organization={organization}
              domains={data.domains.map(({ domain }) => domain)}
              filters={filters}
              onFilter={(search) => void navigate({ search, replace: true })}
            />
          )}
        </>
      )}
    </Page>
  );
};
