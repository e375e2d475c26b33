import type { ConsoleSessionView } from '@latchkey/contract';
import { Alert, Anchor, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { Problem } from '../../components/problem.tsx';
import { texts as shared } from '../../components/texts.ts';
import { type PasskeyOptions, showPasskey } from './passkey.ts';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

type Factor = 'passkey' | 'totp';

/** What is dangerous is done only by who has just proved to be there: password and second factor, good for ten minutes. */
export const ReAuthenticate = ({ onDone }: { readonly onDone: (proved: boolean) => void }) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const { administrator } = useSession();
  const { busy, error, attempt, take, clear } = useStep();
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const factors: readonly Factor[] = [
    ...(administrator?.hasPasskey === true ? (['passkey'] as const) : []),
    ...(administrator?.hasTotp === true ? (['totp'] as const) : []),
  ];
  // The first operator, before a second factor is set up, has the password only.
  const [factor, setFactor] = useState<Factor | undefined>(factors[0]);
  const shown = async (): Promise<object> => {
    if (factor === undefined) return {};
    if (factor === 'totp') return { totp };
    const options = await call<PasskeyOptions>('POST', '/console/re-authenticate/passkey/options', { body: {} });
    return { passkey: await showPasskey(options) };
  };
  const prove = () =>
    attempt(async () => {
      take(await call<ConsoleSessionView>('POST', '/console/re-authenticate', { body: { password, ...(await shown()) } }));
      onDone(true);
    });
  return (
    <Modal opened onClose={() => onDone(false)} title={t.reauthenticate} centered closeButtonProps={{ 'aria-label': c.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // What asked for it may be a form around this window, for React if not for the page.
          event.stopPropagation();
          void prove();
        }}
      >
        <Stack>
          <Text c="dimmed" size="sm">
            {t.reauthenticateText}
          </Text>
          <input type="hidden" autoComplete="username" value={administrator?.userName ?? ''} readOnly />
          <PasswordInput
            label={t.password}
            autoComplete="current-password"
            required
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {factor === 'totp' && (
            <TextInput
              label={t.totpCode}
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              value={totp}
              onChange={(event) => setTotp(event.currentTarget.value)}
            />
          )}
          {error instanceof DOMException ? <Alert color="red">{t.passkeyFailed}</Alert> : <Problem error={error} />}
          <Button type="submit" loading={busy}>
            {factor === 'passkey' ? t.usePasskey : t.continue}
          </Button>
          {factors.length > 1 && (
            <Group>
              <Anchor
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  clear();
                  setFactor(factor === 'totp' ? 'passkey' : 'totp');
                }}
              >
                {factor === 'totp' ? t.usePasskey : t.useTotp}
              </Anchor>
            </Group>
          )}
        </Stack>
      </form>
    </Modal>
  );
};
