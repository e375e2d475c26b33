import type {
  DeviceTokenView,
  DeviceView,
  DomainView,
  SettingsDiffView,
  SettingsDraftView,
  SettingsVersionView,
} from '@latchkey/contract';
import { Button, Progress, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ApiProblem, call, type Page as ListPage } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay, useSession } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { State, type Tone } from '../../components/state.tsx';
import classes from './overview-page.module.css';
import { endingTokens, type Standing, type StepName, stepsOf } from './standing.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/');

/** Where each step is done. */
const places: Readonly<Record<StepName, { readonly path: string; readonly search: Readonly<Record<string, string>> }>> = {
  domain: { path: 'sign-in/domains', search: {} },
  idp: { path: 'sign-in/identity-providers', search: { open: 'add-device' } },
  activate: { path: 'changes', search: {} },
  token: { path: 'devices/tokens', search: { open: 'new' } },
  device: { path: 'devices', search: {} },
};

/** What is asked of the server for it; each only by who may see it. Others that show the same share what was fetched. */
const useStanding = (organization: string): Standing & { readonly pending: readonly DeviceView[] | undefined } => {
  const path = `/organizations/${organization}`;
  const sees = {
    settings: useMay('settings'),
    devices: useMay('devices'),
    tokens: useMay('device-tokens'),
    domains: useMay('organization'),
  };
  const list = <Item,>(key: string, url: string, enabled: boolean) => ({
    queryKey: [key, organization, 'overview', url],
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      (await call<ListPage<Item>>('GET', `${path}/${url}`, { signal })).items,
    enabled,
  });
  const settings = <View,>(url: string) => ({
    queryKey: ['settings', organization, url],
    queryFn: ({ signal }: { signal: AbortSignal }) => call<View>('GET', `${path}/settings/${url}`, { signal }),
    enabled: sees.settings !== 'none',
  });
  const active = useQuery({
    ...settings<SettingsVersionView | null>('active'),
    queryFn: async ({ signal }) => {
      try {
        return await call<SettingsVersionView>('GET', `${path}/settings/active`, { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'not_activated') return null;
        throw error;
      }
    },
  });
  return {
    domains: useQuery(list<DomainView>('domains', 'domains', sees.domains !== 'none')).data,
    tokens: useQuery(list<DeviceTokenView>('device-tokens', 'device-tokens?limit=200', sees.tokens !== 'none')).data,
    devices: useQuery(list<DeviceView>('devices', 'devices?limit=1', sees.devices !== 'none')).data,
    pending: useQuery(list<DeviceView>('devices', 'devices?state=pending&limit=100', sees.devices !== 'none')).data,
    draft: useQuery(settings<SettingsDraftView>('draft')).data,
    diff: useQuery(settings<SettingsDiffView>('diff')).data,
    active: active.data,
  };
};

interface Attention {
  readonly key: string;
  readonly tone: Tone;
  readonly text: string;
  readonly path: string;
  readonly search?: Readonly<Record<string, string>>;
}

/** How things stand: what is still to be set up, and what needs somebody to look. */
export const OverviewPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const session = useSession();
  const standing = useStanding(organization);
  const steps = stepsOf(standing);
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done)?.name;
  const errors = (standing.draft?.problems ?? []).filter(({ severity }) => severity === 'error').length;
  const changes = standing.diff?.changes.length ?? 0;
  const pending = standing.pending?.length ?? 0;
  const attention: readonly Attention[] = [
    ...(standing.domains ?? [])
      .filter(({ state }) => state === 'failing' || state === 'contested')
      .map(
        ({ name }): Attention => ({
          key: name,
          tone: 'bad',
          text: t.domainFails(name),
          path: 'sign-in/domains',
          search: { open: name },
        }),
      ),
    ...(pending > 0
      ? [
          {
            key: 'pending',
            tone: 'warn',
            text: t.pendingDevices(pending === 100 ? '100+' : String(pending)),
            path: 'devices',
            search: { state: 'pending' },
          } as const,
        ]
      : []),
    ...(changes > 0 ? [{ key: 'draft', tone: 'warn', text: t.draft(changes), path: 'changes' } as const] : []),
    ...(errors > 0 ? [{ key: 'errors', tone: 'bad', text: t.errors(errors), path: 'changes' } as const] : []),
    ...endingTokens(standing.tokens, Date.now()).map(
      ({ id, description }): Attention => ({
        key: id,
        tone: 'warn',
        text: t.tokenExpires(description),
        path: 'devices/tokens',
        search: { open: id },
      }),
    ),
  ];
  const at = (path: string): string => `/o/${organization}/${path}`;
  return (
    <Page title={session.organization?.name ?? t.title} {...(done === steps.length ? { description: t.allDone } : {})}>
      <div className={classes.columns}>
        {done < steps.length && (
          <Panel title={t.setUp} actions={<Text c="dimmed">{t.progress(done, steps.length)}</Text>}>
            <Progress value={(done / steps.length) * 100} size={3} radius={0} aria-label={t.progress(done, steps.length)} />
            <ol className={classes.steps}>
              {steps.map(({ name, done: isDone }, index) => (
                <li key={name} data-done={isDone || undefined} data-next={name === next || undefined}>
                  <span className={classes.mark} aria-hidden="true">
                    {isDone ? <IconCheck size={14} stroke={2.6} /> : index + 1}
                  </span>
                  <div>
                    <strong>{t.steps[name]}</strong>
                    {name === next && <p>{t.steps[`${name}Text`]}</p>}
                  </div>
                  {isDone ? (
                    <span className={classes.done}>{t.done}</span>
                  ) : (
                    <Button
                      size="compact-md"
                      variant={name === next ? 'filled' : 'default'}
                      aria-label={`${t.go}: ${t.steps[name]}`}
                      renderRoot={(props) => <Link to={at(places[name].path)} search={places[name].search} {...props} />}
                    >
                      {t.go}
                    </Button>
                  )}
                </li>
              ))}
            </ol>
          </Panel>
        )}
        <Panel title={t.attention}>
          {attention.length === 0 ? (
            <Text c="dimmed" p="lg">
              {t.nothing}
            </Text>
          ) : (
            <Stack component="ul" gap={0} m={0} p={0} className={classes.attention}>
              {attention.map(({ key, tone, text, path, search }) => (
                <li key={key}>
                  <Link to={at(path)} search={search ?? {}}>
                    <State tone={tone} sentence>
                      {text}
                    </State>
                  </Link>
                </li>
              ))}
            </Stack>
          )}
        </Panel>
      </div>
    </Page>
  );
};
