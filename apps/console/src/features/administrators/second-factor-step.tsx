import type { ConsoleSessionView, SecondFactor } from '@latchkey/contract';
import { Alert, Anchor, Button, Group, Stack, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Problem } from '../../components/problem.tsx';
import { type PasskeyOptions, showPasskey } from './passkey.ts';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

const preferred: readonly SecondFactor[] = ['passkey', 'totp', 'recovery_code'];

/** The second factor: the best of those that the administrator has, the others one click away. */
export const SecondFactorStep = ({ factors }: { readonly factors: readonly SecondFactor[] }) => {
  const t = useTexts(texts);
  const { busy, error, attempt, take, clear } = useStep();
  const [chosen, setChosen] = useState<SecondFactor>();
  const [code, setCode] = useState('');
  const factor = chosen ?? preferred.find((each) => factors.includes(each)) ?? 'totp';
  const words = {
    passkey: { other: t.usePasskey, label: '', hint: t.passkeyHint, path: '/console/sign-in/passkey' },
    totp: { other: t.useTotp, label: t.totpCode, hint: t.totpHint, path: '/console/sign-in/totp' },
    recovery_code: { other: t.useRecovery, label: t.recoveryCode, hint: t.recoveryHint, path: '/console/sign-in/recovery-code' },
  } as const;
  const submit = () =>
    attempt(async () => {
      if (factor !== 'passkey') return take(await call<ConsoleSessionView>('POST', words[factor].path, { body: { code } }));
      const options = await call<PasskeyOptions>('POST', '/console/sign-in/passkey/options', { body: {} });
      const response = await showPasskey(options);
      take(await call<ConsoleSessionView>('POST', '/console/sign-in/passkey', { body: { response } }));
    });
  const signOut = () =>
    attempt(async () => {
      await call('POST', '/console/sign-out');
      take(await call<ConsoleSessionView>('GET', '/console/session'));
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        {factor === 'passkey' ? (
          <Button type="submit" size="md" leftSection={<IconFingerprint size={18} />} loading={busy} data-autofocus>
            {t.usePasskey}
          </Button>
        ) : (
          <>
            <TextInput
              key={factor}
              label={words[factor].label}
              description={words[factor].hint}
              inputMode={factor === 'totp' ? 'numeric' : 'text'}
              autoComplete="one-time-code"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button type="submit" size="md" loading={busy}>
              {t.signIn}
            </Button>
          </>
        )}
        {error instanceof DOMException ? <Alert color="red">{t.passkeyFailed}</Alert> : <Problem error={error} />}
        <Group gap="md" justify="space-between">
          {factors
            .filter((each) => each !== factor)
            .map((each) => (
              <Anchor
                key={each}
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  clear();
                  setCode('');
                  setChosen(each);
                }}
              >
                {words[each].other}
              </Anchor>
            ))}
          <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => void signOut()}>
            {t.back}
          </Anchor>
        </Group>
      </Stack>
    </form>
  );
};
