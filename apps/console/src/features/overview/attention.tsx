import type { AttentionView } from '@latchkey/contract';
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTexts } from '../../app/language.tsx';
import { Actor } from '../../components/actor.tsx';
import { Panel } from '../../components/panel.tsx';
import { State, type Tone } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useCount } from './counts.ts';
import { sortEndings } from './ending.ts';
import classes from './overview-page.module.css';
import { pathIn } from './path-in.ts';
import { texts } from './texts.ts';

interface Row {
  readonly key: string;
  readonly tone: Tone;
  readonly text: string;
  readonly more?: ReactNode;
  readonly path: string;
  readonly search?: Readonly<Record<string, string>>;
}

const endingPaths = {
  device_token: 'devices/tokens',
  api_key: 'administration/api-keys',
  certificate: 'administration/keys',
} as const;
const deviceTones = { pending: 'warn', quarantined: 'bad' } as const;
const domainTones = { claimed: 'warn', failing: 'bad', contested: 'bad' } as const;

/** What somebody should look at, each with a link to where. */
export const AttentionPanel = ({
  organization,
  attention,
}: {
  readonly organization: string;
  readonly attention: readonly AttentionView[];
}) => {
  const t = useTexts(texts);
  const countOf = useCount();
  const rowsOf = (each: AttentionView): readonly Row[] => {
    switch (each.kind) {
      case 'active':
        return [{ key: 'active', tone: 'bad', text: t.activeBroken(each.problems), path: 'changes' }];
      case 'draft':
        return [
          {
            key: 'draft',
            tone: each.errors > 0 ? 'bad' : 'warn',
            text: each.errors > 0 ? `${t.draft(each.changes)} · ${t.errors(each.errors)}` : t.draft(each.changes),
            more: (
              <>
                <Actor organization={organization} actor={each.updatedBy} />, <Time at={each.updatedAt} />
              </>
            ),
            path: 'changes',
          },
        ];
      case 'devices':
        return [
          {
            key: each.state,
            tone: deviceTones[each.state],
            text: t.devices[each.state](countOf(each)),
            path: 'devices',
            search: { state: each.state },
          },
        ];
      case 'domain':
        return [
          {
            key: `domain ${each.name}`,
            tone: domainTones[each.state],
            text: t.domain[each.state](each.name),
            path: 'sign-in/domains',
            search: { open: each.name },
          },
        ];
      case 'ending':
        return [];
    }
  };
  const { soon, later } = sortEndings(
    attention.filter((each) => each.kind === 'ending'),
    Date.now(),
  );
  const rows: readonly Row[] = [
    ...attention.flatMap(rowsOf),
    ...soon.map(
      ({ what, id, name, tone, endsAt }): Row => ({
        key: id,
        tone,
        text: t.ends[what](name),
        more: <Time at={endsAt} />,
        path: endingPaths[what],
        search: { open: id },
      }),
    ),
    ...later.map(([what, count]): Row => ({ key: what, tone: 'calm', text: t.endLater[what](count), path: endingPaths[what] })),
  ];
  return (
    <Panel title={t.attention}>
      {rows.length === 0 ? (
        <Text c="dimmed" p="lg">
          {t.nothing}
        </Text>
      ) : (
        <ul className={classes.attention}>
          {rows.map(({ key, tone, text, more, path, search }) => (
            <li key={key}>
              <Link to={pathIn(organization, path)} search={search ?? {}}>
                <State tone={tone} sentence>
                  {text}
                </State>
              </Link>
              {more !== undefined && <small>{more}</small>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};
