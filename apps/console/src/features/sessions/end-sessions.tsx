import type { SessionView } from '@latchkey/contract';
import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { ConfirmEach } from '../../components/confirm-each.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { texts } from './texts.ts';

/** Asks, says what happens, and ends one session or many, one after the other. */
export const EndSessions = ({
  organization,
  sessions,
  onClose,
}: {
  readonly organization: string;
  readonly sessions: readonly SessionView[];
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const [first] = sessions;
  return (
    <ConfirmEach
      title={sessions.length === 1 && first !== undefined ? t.endTitle(first.user.userName) : t.endManyTitle(sessions.length)}
      action={t.end}
      items={sessions}
      nameOf={({ user, device }) => `${user.userName} · ${device.hostName}`}
      onEach={({ id }, reason) =>
        call('POST', `/organizations/${organization}/sessions/${id}/end`, { body: reason === '' ? {} : { reason } })
      }
      onEnded={(all) => {
        if (all) notify(t.ended(sessions.length));
        return queryClient.invalidateQueries({ queryKey: ['sessions', organization] });
      }}
      onClose={onClose}
    >
      <Text>{t.consequence}</Text>
      <Text c="dimmed">{t.returns}</Text>
    </ConfirmEach>
  );
};
