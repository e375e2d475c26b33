import type { HealthView } from '@latchkey/contract';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import classes from './overview-page.module.css';
import { texts } from './texts.ts';

const MINUTE = 60_000;
const SOON = 14 * 24 * 60 * MINUTE;

/** How far the server's clock is ahead of this browser's; half of the way there and back is taken off. */
const askHealth = async (signal: AbortSignal): Promise<HealthView & { readonly ahead: number }> => {
  const asked = Date.now();
  const health = await call<HealthView>('GET', '/health', { signal });
  return { ...health, ahead: Date.parse(health.at) - (asked + Date.now()) / 2 };
};

/** How the server does, in words. */
export const HealthPanel = () => {
  const t = useTexts(texts);
  const { data, error, refetch } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => askHealth(signal),
    refetchInterval: MINUTE,
  });
  const facts = (): readonly (readonly [string, ReactNode])[] => {
    if (data === undefined) return [];
    const { database, ahead, certificateEndsAt, backedUpAt } = data;
    const minutes = Math.round(Math.abs(ahead) / MINUTE);
    const left = certificateEndsAt === null ? undefined : Date.parse(certificateEndsAt) - Date.parse(data.at);
    return [
      [
        t.database,
        <State key="database" tone={database.takesWrites ? 'good' : 'bad'} sentence>
          {(database.takesWrites ? t.writes : t.noWrites)(t.engines[database.engine])}
        </State>,
      ],
      [
        t.clock,
        <State key="clock" tone={minutes < 1 ? 'good' : 'warn'} sentence>
          {minutes < 1 ? t.clockAgrees : ahead > 0 ? t.clockAhead(minutes) : t.clockBehind(minutes)}
        </State>,
      ],
      ...(left === undefined
        ? []
        : [
            [
              t.certificate,
              <span key="certificate" className={classes.words}>
                <State tone={left > SOON ? 'good' : left > 0 ? 'warn' : 'bad'} sentence>
                  {left > 0 ? t.certificateGood : t.certificateOver}
                </State>{' '}
                <Time at={certificateEndsAt} />
              </span>,
            ] as const,
          ]),
      [t.nodes, t.nodesText(data.nodes)],
      [
        t.backup,
        backedUpAt === null ? (
          <State key="backup" tone={database.engine === 'sqlite' ? 'warn' : 'calm'} sentence>
            {database.engine === 'sqlite' ? t.noBackup : t.ownBackup}
          </State>
        ) : (
          <Time key="backup" at={backedUpAt} />
        ),
      ],
      [t.version, data.version],
    ];
  };
  return (
    <Panel title={t.health}>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height={96} m="lg" width="auto" />
      ) : (
        <div className={classes.facts}>
          <Facts facts={facts()} />
        </div>
      )}
    </Panel>
  );
};
