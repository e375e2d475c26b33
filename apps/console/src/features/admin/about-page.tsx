import type { AboutView, DiagnosisView, HealthView } from '@latchkey/contract';
import { Anchor, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { useLanguage, useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { useOrganization } from '../../app/use-open.ts';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { State, type Tone } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import classes from './admin.module.css';
import { texts } from './texts.ts';

const tones: Readonly<Record<DiagnosisView['status'], Tone>> = { ok: 'good', warning: 'warn', problem: 'bad' };

/** What the doctor finds, of everything that the one who asks is responsible for. */
const Health = () => {
  const t = useTexts(texts);
  const { data, error, refetch } = useQuery({
    queryKey: ['doctor'],
    queryFn: ({ signal }) => call<DiagnosisView>('GET', '/doctor', { signal }),
  });
  return (
    <Panel title={t.health}>
      {data === undefined ? (
        <div className={classes.body}>
          {error === null ? <Skeleton height={60} /> : <Problem error={error} onRetry={() => void refetch()} />}
        </div>
      ) : (
        <ul className={classes.checks}>
          {data.checks.map(({ check, status, message, remedy }) => (
            <li key={`${check} ${message}`}>
              <div>
                <State tone={tones[status]}>{t.statuses[status]}</State>
                <Text c="dimmed" size="xs" ff="monospace">
                  {check}
                </Text>
              </div>
              {/* In the server's own words, as the command line has them. */}
              <div lang="en">
                {message}
                {remedy !== null && (
                  <Text c="dimmed" size="sm">
                    {remedy}
                  </Text>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const useDay = (): ((at: string) => string) => {
  const { language } = useLanguage();
  return (at) => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(at));
};

/** For operators: where the data is, what keeps it, and what machines ask. */
const Server = ({ health }: { readonly health: HealthView }) => {
  const t = useTexts(texts);
  const dayOf = useDay();
  const { data: about, error } = useQuery({
    queryKey: ['about'],
    queryFn: ({ signal }) => call<AboutView>('GET', '/operator/about', { signal }),
  });
  if (about === undefined) return error === null ? <Skeleton height={280} radius="lg" /> : <Problem error={error} />;
  const endpoints = [
    ['/healthz', t.endpoints.healthz],
    ['/readyz', t.endpoints.readyz],
    ['/metrics', t.endpoints.metrics],
    ['/api/docs', t.endpoints.docs],
  ] as const;
  return (
    <>
      <Panel>
        <div className={classes.body}>
          <Facts
            facts={[
              [t.version, t.released(health.version, dayOf(about.releasedAt))],
              [t.origin, <Copyable key="origin" value={about.origin} />],
              [t.engine, t.engines[health.database.engine]],
              [t.dataFolder, <Copyable key="folder" value={about.dataFolder} />],
              [
                t.masterKey,
                <Stack key="master" gap={4}>
                  <Copyable value={about.masterKeyFile} />
                  <Text c="dimmed" size="sm">
                    {t.masterKeyText}
                  </Text>
                </Stack>,
              ],
              [t.nodes, health.nodes],
              [t.node, `Node.js ${about.node}`],
              [t.started, <Time key="started" at={about.startedAt} absolute />],
              [t.licence, t.licenceText],
            ]}
          />
        </div>
      </Panel>
      <Panel title={t.backup}>
        <Stack gap="xs" className={classes.body}>
          <Text>{t.backupText[health.database.engine]}</Text>
          {health.database.engine === 'sqlite' && <Copyable value="npx latchkey backup /backups/$(date +%F)" />}
          {health.database.engine === 'sqlite' && (
            <Text c="dimmed" size="sm">
              {t.lastBackup} <Time at={health.backedUpAt} />
            </Text>
          )}
        </Stack>
      </Panel>
      <Panel title={t.forMachines}>
        <div className={classes.body}>
          <Text c="dimmed" size="sm">
            {t.forMachinesText}
          </Text>
          <Facts
            facts={endpoints.map(([path, what]) => [
              path,
              <Anchor key={path} href={path} target="_blank">
                {what}
              </Anchor>,
            ])}
          />
        </div>
      </Panel>
    </>
  );
};

/** What runs here, and how it stands. */
export const AboutPage = () => {
  const t = useTexts(texts);
  const organization = useOrganization();
  const { version } = useSession();
  const { data: health, error } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => call<HealthView>('GET', '/health', { signal }),
    enabled: organization === undefined,
  });
  return (
    <Page title={t.about} description={t.aboutText} guide="operate" narrow>
      <Stack gap="lg">
        {organization === undefined ? (
          health === undefined ? (
            <>
              <Problem error={error} />
              {error === null && <Skeleton height={280} radius="lg" />}
            </>
          ) : (
            <Server health={health} />
          )
        ) : (
          <Panel>
            <div className={classes.body}>
              <Facts
                facts={[
                  [t.version, version],
                  [t.origin, <Copyable key="origin" value={location.origin} />],
                  [t.licence, t.licenceText],
                ]}
              />
            </div>
          </Panel>
        )}
        <Health />
      </Stack>
    </Page>
  );
};
