import type { SessionView } from '@latchkey/contract';
import { List, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { texts } from './texts.ts';

/** How many are named before the rest is counted. */
const NAMED = 5;

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
  const [reason, setReason] = useState('');
  const [left, setLeft] = useState(sessions);
  const [first] = sessions;
  const end = async () => {
    const waiting = [...left];
    const body = reason.trim() === '' ? {} : { reason: reason.trim() };
    try {
      for (const { id } of left) {
        await call('POST', `/organizations/${organization}/sessions/${id}/end`, { body });
        waiting.shift();
      }
      notify(t.ended(sessions.length));
    } finally {
      setLeft(waiting);
      await queryClient.invalidateQueries({ queryKey: ['sessions', organization] });
    }
  };
  return (
    <Confirm
      title={sessions.length === 1 && first !== undefined ? t.endTitle(first.user.userName) : t.endManyTitle(sessions.length)}
      action={t.end}
      onClose={onClose}
      onConfirm={end}
    >
      <Stack gap="sm">
        <Text>{t.consequence}</Text>
        <Text c="dimmed">{t.returns}</Text>
        {sessions.length > 1 && (
          <List size="sm">
            {sessions.slice(0, NAMED).map(({ id, user, device }) => (
              <List.Item key={id}>
                {user.userName} · {device.hostName}
              </List.Item>
            ))}
            {sessions.length > NAMED && <List.Item>+ {sessions.length - NAMED}</List.Item>}
          </List>
        )}
        {left.length < sessions.length && <Text role="status">{t.partly(sessions.length - left.length, sessions.length)}</Text>}
        <TextInput
          label={t.reason}
          description={t.reasonHint}
          maxLength={255}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Stack>
    </Confirm>
  );
};
