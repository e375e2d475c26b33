import type { ConsoleSessionView } from '@latchkey/contract';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Problem } from '../../components/problem.tsx';
import { Outside } from './outside.tsx';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

/** From an invitation's link to an account. The token stands behind the #, which no server ever gets to see. */
export const AcceptInvitationPage = () => {
  const t = useTexts(texts);
  const navigate = useNavigate();
  const { busy, error, attempt, take } = useStep();
  const [token] = useState(() => location.hash.slice(1));
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const accept = () =>
    attempt(async () => {
      take(await call<ConsoleSessionView>('POST', '/console/accept-invitation', { body: { token, displayName, password } }));
      await navigate({ to: '/sign-in', replace: true });
    });
  return (
    <Outside title={t.acceptTitle} text={t.acceptText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void accept();
        }}
      >
        <Stack>
          <TextInput
            label={t.displayName}
            autoComplete="name"
            required
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t.password}
            description={t.passwordHint}
            autoComplete="new-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Problem error={error} />
          <Button type="submit" size="md" loading={busy}>
            {t.accept}
          </Button>
        </Stack>
      </form>
    </Outside>
  );
};
