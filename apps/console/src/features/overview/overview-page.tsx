import type { OverviewView } from '@latchkey/contract';
import { Button, Progress, Skeleton, Text } from '@mantine/core';
import {
  IconApps,
  IconCheck,
  IconDevices,
  IconHistory,
  IconId,
  IconKey,
  IconLogin2,
  IconPlugConnected,
  type IconProps,
  IconShieldCog,
  IconUsersGroup,
  IconWorld,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { ActivityPanel } from './activity-panel.tsx';
import { AttentionPanel } from './attention.tsx';
import { useCount } from './counts.ts';
import { HealthPanel } from './health-panel.tsx';
import classes from './overview-page.module.css';
import { pathIn } from './path-in.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/');

type CountName = Exclude<keyof OverviewView['counts'], 'departments'>;
type StepName = OverviewView['setUp'][number]['step'];

/** Every area with what it has, as the landing page of the reference system has its tiles. */
const tiles: readonly { readonly count: CountName; readonly path: string; readonly icon: ComponentType<IconProps> }[] = [
  { count: 'devices', path: 'devices', icon: IconDevices },
  { count: 'deviceTokens', path: 'devices/tokens', icon: IconKey },
  { count: 'identityProviders', path: 'sign-in/identity-providers', icon: IconLogin2 },
  { count: 'domains', path: 'sign-in/domains', icon: IconWorld },
  { count: 'applications', path: 'sign-in/applications', icon: IconApps },
  { count: 'users', path: 'directory/users', icon: IconId },
  { count: 'groups', path: 'directory/groups', icon: IconUsersGroup },
  { count: 'administrators', path: 'administration/administrators', icon: IconShieldCog },
  { count: 'apiKeys', path: 'administration/api-keys', icon: IconPlugConnected },
  { count: 'auditEvents', path: 'audit', icon: IconHistory },
];

/** Where each step is done. */
const places: Readonly<Record<StepName, { readonly path: string; readonly search: Readonly<Record<string, string>> }>> = {
  domain: { path: 'sign-in/domains', search: {} },
  idp: { path: 'sign-in/identity-providers', search: { open: 'add-device' } },
  activate: { path: 'changes', search: {} },
  token: { path: 'devices/tokens', search: { open: 'new' } },
  device: { path: 'devices', search: {} },
};

interface PartProps {
  readonly organization: string;
  readonly overview: OverviewView;
}

const Tiles = ({ organization, overview }: PartProps) => {
  const t = useTexts(texts);
  const countOf = useCount();
  return (
    <ul className={classes.tiles}>
      {tiles.map(({ count, path, icon: Icon }) => {
        const found = overview.counts[count];
        return (
          found !== undefined && (
            <li key={count}>
              <Link to={pathIn(organization, path)}>
                <Icon size={18} stroke={1.6} />
                <strong>{countOf(found)}</strong>
                <span>{t.tiles[count]}</span>
              </Link>
            </li>
          )
        );
      })}
    </ul>
  );
};

const SetUp = ({ organization, overview }: PartProps) => {
  const t = useTexts(texts);
  const steps = overview.setUp;
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.step;
  if (next === undefined) return null;
  return (
    <Panel title={t.setUp} actions={<Text c="dimmed">{t.progress(done, steps.length)}</Text>}>
      <Progress value={(done / steps.length) * 100} size={3} radius={0} aria-label={t.progress(done, steps.length)} />
      <ol className={classes.steps}>
        {steps.map(({ step, done: isDone }, index) => (
          <li key={step} data-done={isDone || undefined} data-next={step === next || undefined}>
            <span className={classes.mark} aria-hidden="true">
              {isDone ? <IconCheck size={14} stroke={2.6} /> : index + 1}
            </span>
            <div>
              <strong>{t.steps[step]}</strong>
              {step === next && <p>{t.steps[`${step}Text`]}</p>}
            </div>
            {isDone ? (
              <span className={classes.done}>{t.done}</span>
            ) : (
              <Button
                size="compact-md"
                variant={step === next ? 'filled' : 'default'}
                aria-label={`${t.go}: ${t.steps[step]}`}
                renderRoot={(props) => (
                  <Link to={pathIn(organization, places[step].path)} search={places[step].search} {...props} />
                )}
              >
                {t.go}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
};

/** How things stand: what there is, what is still to be set up, what needs somebody to look, and what happens. */
export const OverviewPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const { period = '24h' } = route.useSearch();
  const navigate = route.useNavigate();
  const session = useSession();
  const {
    data: overview,
    error,
    refetch,
  } = useQuery({
    queryKey: ['overview', organization],
    queryFn: ({ signal }) => call<OverviewView>('GET', `/organizations/${organization}/overview`, { signal }),
  });
  const allDone = overview !== undefined && overview.setUp.length > 0 && overview.setUp.every(({ done }) => done);
  return (
    <Page title={session.organization?.name ?? t.title} guide="console" {...(allDone ? { description: t.allDone } : {})}>
      <Problem error={error} onRetry={() => void refetch()} />
      {overview === undefined && error === null && (
        <div role="status" aria-label={t.loading}>
          <Skeleton height={88} mb="lg" />
          <Skeleton height={240} />
        </div>
      )}
      {overview !== undefined && (
        <>
          <Tiles organization={organization} overview={overview} />
          <div className={classes.columns}>
            <div className={classes.column}>
              <SetUp organization={organization} overview={overview} />
              <ActivityPanel
                organization={organization}
                period={period}
                onPeriod={(value) => void navigate({ search: value === '24h' ? {} : { period: value }, replace: true })}
              />
              <HealthPanel />
            </div>
            <div className={classes.column}>
              <AttentionPanel organization={organization} attention={overview.attention} />
            </div>
          </div>
        </>
      )}
    </Page>
  );
};
