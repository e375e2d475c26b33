import { Alert, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { sessionQuery } from '../../app/session.ts';
import { Problem } from '../../components/problem.tsx';
import { Secret } from '../../components/secret.tsx';
import classes from './enrol-second-factor.module.css';
import { makePasskey, type PasskeyOptions } from './passkey.ts';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';
import { type NewTotp, TotpForm } from './totp-form.tsx';

/** The first second factor, with its recovery codes. */
export const EnrolSecondFactor = ({ onDone }: { readonly onDone: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const { busy, error, attempt } = useStep();
  const [totp, setTotp] = useState<NewTotp>();
  const [codes, setCodes] = useState<readonly string[]>();

  const addPasskey = () =>
    attempt(async () => {
      const options = await call<PasskeyOptions>('POST', '/console/passkeys/options', { body: {} });
      const response = await makePasskey(options);
      const name = navigator.platform || 'Passkey';
      const made = await call<{ recoveryCodes?: readonly string[] }>('POST', '/console/passkeys', { body: { response, name } });
      setCodes(
        made.recoveryCodes ?? (await call<{ recoveryCodes: readonly string[] }>('POST', '/console/recovery-codes')).recoveryCodes,
      );
    });

  if (codes !== undefined) {
    return (
      <Stack>
        <Text fw={600}>{t.recoveryTitle}</Text>
        <Text c="dimmed">{t.recoveryText}</Text>
        <Secret
          name="latchkey-recovery-codes.txt"
          value={codes.join('\n')}
          onStored={() => {
            void queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 }).then(onDone);
          }}
        />
      </Stack>
    );
  }
  if (totp !== undefined) return <TotpForm totp={totp} onCodes={setCodes} />;
  const choices = [
    { icon: <IconFingerprint size={22} />, title: t.enrolPasskey, text: t.enrolPasskeyText, choose: addPasskey },
    {
      icon: <IconDeviceMobile size={22} />,
      title: t.enrolTotp,
      text: t.enrolTotpText,
      choose: () => attempt(async () => setTotp(await call<NewTotp>('POST', '/console/totp', { body: {} }))),
    },
  ];
  return (
    <Stack gap="sm">
      {choices.map(({ icon, title, text, choose }) => (
        <UnstyledButton key={title} className={classes.choice} disabled={busy} onClick={() => void choose()}>
          {icon}
          <span>
            <strong>{title}</strong>
            <small>{text}</small>
          </span>
        </UnstyledButton>
      ))}
      {error instanceof DOMException ? <Alert color="red">{t.passkeyNotMade}</Alert> : <Problem error={error} />}
    </Stack>
  );
};
