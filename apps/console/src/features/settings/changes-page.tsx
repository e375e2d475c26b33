import type { SettingsDiffView, SettingsPlanView, SettingsVersionView } from '@latchkey/contract';
import { Anchor, Button, Group, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconChecks, IconHistory } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay, useSession } from '../../app/session.ts';
import { Actor } from '../../components/actor.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/empty.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { usePages } from '../../components/use-pages.ts';
import { Differences } from './differences.tsx';
import { differencesOf, placeOf } from './document.ts';
import { activeQuery, draftQuery, etagOf, settingsKey, settingsPath, useActivate, useSaveDraft } from './draft.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/changes');

type VersionSummary = Omit<SettingsVersionView, 'document'>;

/** An older version becomes live again: what that would change stands in the question. */
const Rollback = ({
  organization,
  version,
  onClose,
}: {
  readonly organization: string;
  readonly version: number;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts).changes;
  const notify = useNotify();
  const activate = useActivate(organization);
  const plan = useQuery({
    queryKey: [...settingsKey(organization), 'plan', version],
    queryFn: async () => {
      const { document } = await call<SettingsVersionView>('GET', `${settingsPath(organization)}/versions/${version}`);
      return call<SettingsPlanView>('POST', `${settingsPath(organization)}/plan`, { body: document });
    },
  });
  const differences = differencesOf(plan.data?.changes ?? []);
  return (
    <Confirm
      title={t.rollbackTitle(version)}
      action={t.rollback}
      wide
      onClose={onClose}
      onConfirm={async () => {
        const made = await activate.mutateAsync({ path: `versions/${version}/activate`, comment: '' });
        notify(t.rolledBack(made.version));
      }}
    >
      <Stack>
        <Text>{t.rollbackText}</Text>
        <Problem error={plan.error} />
        {plan.data !== undefined &&
          (differences.length === 0 ? <Text c="dimmed">{t.rollbackSame}</Text> : <Differences differences={differences} />)}
      </Stack>
    </Confirm>
  );
};

const History = ({ organization, active }: { readonly organization: string; readonly active: number | null }) => {
  const t = useTexts(texts).changes;
  const may = useMay('settings');
  const [again, setAgain] = useState<number>();
  const pages = usePages<VersionSummary>([...settingsKey(organization), 'versions'], `${settingsPath(organization)}/versions`);
  const columns = useMemo(
    (): readonly Column<VersionSummary>[] => [
      { id: 'version', header: t.version, cell: ({ version }) => version },
      { id: 'when', header: t.when, cell: ({ activatedAt }) => <Time at={activatedAt} /> },
      {
        id: 'who',
        header: t.who,
        hideBelow: 'md',
        cell: ({ activatedBy }) => <Actor organization={organization} actor={activatedBy} />,
      },
      { id: 'comment', header: t.comment, hideBelow: 'sm', cell: ({ comment }) => comment },
      {
        id: 'act',
        header: '',
        cell: ({ version }) =>
          version === active ? (
            <State tone="good">{t.isLive}</State>
          ) : (
            may === 'full' && (
              <Button variant="default" size="compact-sm" onClick={() => setAgain(version)}>
                {t.rollback}
              </Button>
            )
          ),
      },
    ],
    [t, active, may, organization],
  );
  return (
    <section>
      <Title order={2} size="h4" mt="xl" mb="sm">
        {t.history}
      </Title>
      <DataTable
        label={t.history}
        columns={columns}
        pages={pages}
        idOf={({ version }) => String(version)}
        nameOf={({ version }) => `${t.version} ${version}`}
        empty={<Empty icon={<IconHistory />} title={t.historyEmpty} />}
      />
      {again !== undefined && <Rollback organization={organization} version={again} onClose={() => setAgain(undefined)} />}
    </section>
  );
};

/** The draft against what is live, what is wrong with it, activation, history. */
export const ChangesPage = () => {
  const all = useTexts(texts);
  const t = all.changes;
  const notify = useNotify();
  const { organization } = route.useParams();
  const { administrator } = useSession();
  const may = useMay('settings');
  const queryClient = useQueryClient();
  const draft = useQuery(draftQuery(organization));
  const active = useQuery(activeQuery(organization));
  const diff = useQuery({
    queryKey: [...settingsKey(organization), 'diff'],
    queryFn: ({ signal }) => call<SettingsDiffView>('GET', `${settingsPath(organization)}/diff`, { signal }),
  });
  const activate = useActivate(organization);
  const save = useSaveDraft(organization, draft.data);
  const [comment, setComment] = useState('');
  const live = active.data?.document;
  const [discarding, setDiscarding] = useState(false);
  const differences = differencesOf(diff.data?.changes ?? []);
  const problems = draft.data?.problems ?? [];
  const hasErrors = problems.some(({ severity }) => severity === 'error');
  const editors = (draft.data?.editors ?? []).filter(({ actor }) => actor !== `administrator:${administrator?.id}`);
  return (
    <Page title={t.title} description={t.description}>
      <Problem
        error={draft.error ?? diff.error ?? active.error}
        onRetry={() => void queryClient.invalidateQueries({ queryKey: settingsKey(organization) })}
      />
      {(draft.isPending || diff.isPending) && <Skeleton height={200} />}
      {diff.data !== undefined && differences.length === 0 && (
        <Panel>
          <Empty icon={<IconChecks />} title={t.nothing}>
            {t.nothingText}
          </Empty>
        </Panel>
      )}
      {draft.data !== undefined && diff.data !== undefined && differences.length > 0 && (
        <Stack gap="lg">
          {editors.length > 0 && <Text c="dimmed">{t.editors(editors.map(({ actor }) => actor).join(', '))}</Text>}
          <Panel>
            <Differences differences={differences} />
          </Panel>
          {problems.length > 0 && (
            <Panel title={t.problems}>
              <Stack gap="sm" p="md" component="ul" m={0} style={{ listStyle: 'none' }}>
                {problems.map(({ path, code, message, severity }) => {
                  const { page, ...search } = placeOf(draft.data.document, path);
                  return (
                    <li key={path + code}>
                      <State tone={severity === 'error' ? 'bad' : 'warn'}>{severity === 'error' ? t.error : t.warning}</State>
                      <Text>
                        {message}{' '}
                        <Anchor
                          renderRoot={(props) => (
                            <Link to={`/o/$organization/sign-in/${page}`} params={{ organization }} search={search} {...props} />
                          )}
                        >
                          {t.goThere}
                        </Anchor>
                      </Text>
                    </li>
                  );
                })}
              </Stack>
            </Panel>
          )}
          {may === 'full' && (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                activate.mutate(
                  { path: 'activate', comment, ifMatch: etagOf(diff.data) },
                  {
                    onSuccess: ({ version }) => {
                      setComment('');
                      notify(t.activated(version));
                    },
                  },
                );
              }}
            >
              <Stack>
                <Textarea
                  label={t.comment}
                  description={t.commentHint}
                  maxLength={1000}
                  autosize
                  minRows={2}
                  value={comment}
                  onChange={(event) => setComment(event.currentTarget.value)}
                />
                <Problem
                  error={activate.error}
                  onRetry={() => void queryClient.invalidateQueries({ queryKey: settingsKey(organization) })}
                />
                <Group justify="flex-end" gap="xs">
                  <Text c="dimmed" mr="auto">
                    {hasErrors ? t.forbidden : t.live}{' '}
                    <Anchor
                      renderRoot={(props) => (
                        <Link to="/o/$organization/sign-in/readiness" params={{ organization }} {...props} />
                      )}
                    >
                      {t.readiness}
                    </Anchor>
                  </Text>
                  {live !== undefined && (
                    <Button variant="default" onClick={() => setDiscarding(true)}>
                      {t.discard}
                    </Button>
                  )}
                  <Button type="submit" disabled={hasErrors} loading={activate.isPending}>
                    {t.activate}
                  </Button>
                </Group>
              </Stack>
            </form>
          )}
        </Stack>
      )}
      <History organization={organization} active={active.data?.version ?? null} />
      {discarding && live !== undefined && (
        <Confirm
          title={t.discardTitle}
          action={t.discard}
          onClose={() => setDiscarding(false)}
          onConfirm={() => save.mutateAsync(live)}
        >
          {t.discardText}
        </Confirm>
      )}
    </Page>
  );
};
