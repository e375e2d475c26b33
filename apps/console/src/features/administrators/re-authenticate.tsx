import type { ConsoleSessionView } from '@latchkey/contract';
import { Button, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { Problem } from '../../components/problem.tsx';
import { type PasskeyOptions, showPasskey } from './passkey.ts';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

/** What is dangerous is done only by who has just proved to be there: password and second factor, good for ten minutes. */
export const ReAuthenticate = ({ onDone }: { readonly onDone: (proved: boolean) => void }) => {
  const t = useTexts(texts);
  const { administrator } = useSession();
  const { busy, error, attempt, take } = useStep();
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const byCode = administrator?.hasTotp === true;
  const prove = () =>
    attempt(async () => {
      const factor = byCode
        ? { totp }
        : {
            passkey: await showPasskey(
              await call<PasskeyOptions>('POST', '/console/re-authenticate/passkey/options', { body: {} }),
            ),
          };
      take(await call<ConsoleSessionView>('POST', '/console/re-authenticate', { body: { password, ...factor } }));
      onDone(true);
    });
  return (
    <Modal opened onClose={() => onDone(false)} title={t.reauthenticate} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void prove();
        }}
      >
        <Stack>
          <PasswordInput
            label={t.password}
            autoComplete="current-password"
            required
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {byCode && (
            <TextInput
              label={t.totpCode}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              value={totp}
              onChange={(event) => setTotp(event.currentTarget.value)}
            />
          )}
          <Problem error={error} />
          <Button type="submit" loading={busy}>
            {t.continue}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
};
