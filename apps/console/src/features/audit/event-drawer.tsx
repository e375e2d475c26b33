import type { AuditEventView } from '@latchkey/contract';
import { Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import type { TextFilter } from './audit-search.ts';
import { type Compared, compareDetails } from './comparison.ts';
import classes from './event-drawer.module.css';
import { texts } from './texts.ts';
import { Who } from './who.tsx';

const BeforeAndAfter = ({ compared }: { readonly compared: readonly Compared[] }) => {
  const t = useTexts(texts);
  return (
    <table className={classes.compared} aria-label={t.change}>
      <thead>
        <tr>
          <th scope="col">{t.member}</th>
          <th scope="col">{t.before}</th>
          <th scope="col">{t.after}</th>
        </tr>
      </thead>
      <tbody>
        {compared.map(({ name, before, after, differs }) => (
          <tr key={name} data-differs={differs || undefined}>
            <th scope="row">{name === '' ? t.value : name}</th>
            <td>{before === '' ? t.nothing : before}</td>
            <td>{after === '' ? t.nothing : after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** One event: who did what to what, from where; before and after side by side; and every id to copy. */
export const EventDrawer = ({
  organization,
  path,
  id,
  onFilter,
  onClose,
}: {
  readonly organization: string | undefined;
  /** Of the list in the API. */
  readonly path: string;
  readonly id: string;
  readonly onFilter: (name: TextFilter, value: string) => void;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const { data: event, error } = useQuery({
    queryKey: ['audit', organization, 'one', id],
    queryFn: ({ signal }) => call<AuditEventView>('GET', `${path}/${id}`, { signal }),
    // What has happened does not change.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (event === undefined) {
    return (
      <SideDrawer title={t.event} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { compared, members } = compareDetails(event.details);
  const others: readonly (readonly [TextFilter, string])[] = [
    ['correlationId', event.correlationId],
    ['subject', event.subject],
    ['actor', event.actor],
  ];
  return (
    <SideDrawer title={event.action} onClose={onClose}>
      <Stack>
        <Group gap="xs">
          <State tone={event.outcome === 'success' ? 'good' : 'bad'}>{t.outcomes[event.outcome]}</State>
          {event.reason !== '' && <code>{event.reason}</code>}
        </Group>
        <Facts
          facts={[
            [t.columns.at, <Time key="at" at={event.at} absolute />],
            [t.columns.actor, <Who key="actor" organization={organization} who={event.actor} />],
            [t.columns.subject, <Who key="subject" organization={organization} who={event.subject} />],
            [t.columns.address, event.remoteAddress === '' ? t.nothing : event.remoteAddress],
            [t.filters.correlationId, <Copyable key="correlation" value={event.correlationId} />],
            [t.id, <Copyable key="id" value={event.id} />],
          ]}
        />
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t.showOthers}
          </Text>
          {others.map(([name, value]) => (
            <Button key={name} size="compact-sm" variant="default" onClick={() => onFilter(name, value)}>
              {t.sameAs[name]}
            </Button>
          ))}
        </Group>
        {compared.length > 0 && (
          <Title order={3} size="h5">
            {t.change}
          </Title>
        )}
        {compared.length > 0 && <BeforeAndAfter compared={compared} />}
        {members.length > 0 && (
          <Title order={3} size="h5">
            {t.details}
          </Title>
        )}
        <Facts facts={members} />
      </Stack>
    </SideDrawer>
  );
};
