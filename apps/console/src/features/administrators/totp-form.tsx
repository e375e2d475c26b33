import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { renderSVG } from 'uqr';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Problem } from '../../components/problem.tsx';
import classes from './enrol-second-factor.module.css';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

/** What an authenticator app is told. */
export interface NewTotp {
  readonly secret: string;
  readonly uri: string;
}

/** The new secret for an authenticator app, and the first code that proves the app has it. */
export const TotpForm = ({ totp, onCodes }: { readonly totp: NewTotp; readonly onCodes: (codes: readonly string[]) => void }) => {
  const t = useTexts(texts);
  const { busy, error, attempt } = useStep();
  const [code, setCode] = useState('');
  const confirm = () =>
    attempt(async () => {
      const { recoveryCodes } = await call<{ recoveryCodes: readonly string[] }>('POST', '/console/totp/confirm', {
        body: { code },
      });
      onCodes(recoveryCodes);
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <Stack>
        <Text>{t.scan}</Text>
        <img
          className={classes.qr}
          src={`data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(totp.uri, { border: 2 }))}`}
          alt={t.scan}
        />
        <Copyable value={totp.secret} />
        <TextInput
          label={t.confirmCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Problem error={error} />
        <Button type="submit" loading={busy}>
          {t.confirm}
        </Button>
      </Stack>
    </form>
  );
};
