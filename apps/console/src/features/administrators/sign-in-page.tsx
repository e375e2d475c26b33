import type { ConsoleSessionView } from '@latchkey/contract';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { Problem } from '../../components/problem.tsx';
import { EnrolSecondFactor } from './enrol-second-factor.tsx';
import { Outside } from './outside.tsx';
import { SecondFactorStep } from './second-factor-step.tsx';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

const PasswordStep = () => {
  const t = useTexts(texts);
  const { busy, error, attempt, take } = useStep();
  const [userName, setUserName] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () =>
          take(await call<ConsoleSessionView>('POST', '/console/sign-in', { body: { userName, password } })),
        );
      }}
    >
      <Stack>
        <TextInput
          label={t.userName}
          type="email"
          autoComplete="username"
          required
          data-autofocus
          value={userName}
          onChange={(event) => setUserName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.password}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Problem error={error} />
        <Button type="submit" size="md" loading={busy}>
          {t.continue}
        </Button>
      </Stack>
    </form>
  );
};

/** Password, then passkey, authenticator app or recovery code; whoever has no second factor yet sets one up first. */
export const SignInPage = () => {
  const t = useTexts(texts);
  const router = useRouter();
  const session = useSession();
  const { return: back } = getRouteApi('/sign-in').useSearch();
  const { state, administrator } = session;
  const wanting =
    state === 'second_factor_enrolment' || (state === 'signed_in' && !administrator?.hasTotp && !administrator?.hasPasskey);
  // Stays until the recovery codes are stored, although the factor is there already.
  const [enrolling, setEnrolling] = useState(false);
  useEffect(() => {
    if (wanting) setEnrolling(true);
    else if (state === 'signed_in' && !enrolling) router.history.replace(back ?? '/');
    if (state === 'setup_needed') void router.navigate({ to: '/set-up', replace: true });
  }, [state, wanting, enrolling, back, router]);

  if (wanting || enrolling) {
    return (
      <Outside wide title={t.enrolTitle} text={t.enrolText}>
        <EnrolSecondFactor onDone={() => setEnrolling(false)} />
      </Outside>
    );
  }
  if (state === 'second_factor') {
    return (
      <Outside title={t.secondFactor}>
        <SecondFactorStep factors={session.secondFactors ?? []} />
      </Outside>
    );
  }
  return (
    <Outside title={t.signIn}>
      <PasswordStep />
    </Outside>
  );
};
