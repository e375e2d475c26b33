import type { AuditEventView, SignInStoryView } from '@latchkey/contract';
import { Anchor, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { useLanguage, useTexts } from '../../app/language.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import classes from './sign-in-drawer.module.css';
import { texts } from './texts.ts';
import { useExplanation } from './use-explanation.ts';

type StepName = keyof (typeof texts.en)['steps'];

/** What belongs to it, in the order in which it happened. */
const Story = ({ organization, events }: { readonly organization: string; readonly events: readonly AuditEventView[] }) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const stepOf = (action: string): string => (action in t.steps ? t.steps[action as StepName] : action); // just asked
  return (
    <ol className={classes.story}>
      {events.map(({ id, at, action, outcome, reason }) => (
        <li key={id} data-refused={outcome === 'refused' || undefined}>
          <strong>{stepOf(action)}</strong>
          <small>
            <time dateTime={at}>{clock.format(new Date(at))}</time> · {reason === '' ? action : `${action}: ${reason}`} ·{' '}
            <Anchor
              inherit
              renderRoot={(props) => (
                <Link to="/o/$organization/audit" params={{ organization }} search={{ open: id }} {...props} />
              )}
            >
              {t.inAudit}
            </Anchor>
          </small>
        </li>
      ))}
    </ol>
  );
};

/** One sign-in or enrollment: how it ended and why, what to do about it, and its whole story. */
export const SignInDrawer = ({
  organization,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const explain = useExplanation();
  const { data: signIn, error } = useQuery({
    queryKey: ['sign-ins', organization, 'one', id],
    queryFn: ({ signal }) => call<SignInStoryView>('GET', `/organizations/${organization}/sign-ins/${id}`, { signal }),
  });
  if (signIn === undefined) {
    return (
      <SideDrawer title={t.title} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { kind, result, reason, userName, userId, deviceId, hostName } = signIn;
  const explanation = explain(signIn);
  return (
    <SideDrawer title={`${t.kinds[kind]}: ${userName || t.unknownUser}`} onClose={onClose}>
      <Stack>
        <State tone={result === 'accepted' ? 'good' : 'bad'}>{t.results[result][kind]}</State>
        {reason !== '' && (
          <div className={classes.remedy}>
            <Text fw={550}>{explanation?.sentence ?? t.noWords}</Text>
            {explanation !== null && <Text>{explanation.remedy}</Text>}
            <Text c="dimmed" size="sm">
              {t.code} <code>{reason}</code>
            </Text>
          </div>
        )}
        <Facts
          facts={[
            [
              t.columns.user,
              userId === null ? (
                userName || t.unknownUser
              ) : (
                <Anchor
                  key="user"
                  renderRoot={(props) => <Link to={`/o/${organization}/directory/users`} search={{ open: userId }} {...props} />}
                >
                  {userName}
                </Anchor>
              ),
            ],
            [
              t.columns.device,
              deviceId === null ? (
                hostName || t.noDevice
              ) : (
                <Anchor
                  key="device"
                  renderRoot={(props) => (
                    <Link to="/o/$organization/devices" params={{ organization }} search={{ open: deviceId }} {...props} />
                  )}
                >
                  {hostName || deviceId}
                </Anchor>
              ),
            ],
            ...(signIn.idp === null ? [] : [[t.columns.idp, t.idps(signIn.idp)] as const]),
            ...(signIn.target === null ? [] : [[t.target, signIn.target] as const]),
            [t.columns.time, <Time key="at" at={signIn.at} absolute />],
            [t.columns.address, signIn.remoteAddress],
            [t.onScreen, <Copyable key="id" value={signIn.correlationId} />],
          ]}
        />
        <Title order={3} size="h5">
          {t.story}
        </Title>
        <Story organization={organization} events={signIn.events} />
      </Stack>
    </SideDrawer>
  );
};
