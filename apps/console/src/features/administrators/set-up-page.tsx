import type { ConsoleSessionView } from '@latchkey/contract';
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Problem } from '../../components/problem.tsx';
import { useFields } from '../../components/use-fields.ts';
import { Outside } from './outside.tsx';
import { useStep } from './steps.ts';
import { texts } from './texts.ts';

/** From the one-time code to the first operator. The second factor follows as at every first sign-in. */
export const SetUpPage = () => {
  const t = useTexts(texts);
  const navigate = useNavigate();
  const { busy, error, attempt, take } = useStep();
  const { values, field } = useFields({ code: '', displayName: '', userName: '', password: '', again: '' });
  const { again, ...body } = values;
  const differ = again !== '' && again !== body.password;
  const submit = () =>
    attempt(async () => {
      take(await call<ConsoleSessionView>('POST', '/console/set-up', { body: { ...body, code: body.code.trim() } }));
      await navigate({ to: '/sign-in', search: { return: '/operator/organizations/new' } });
    });
  return (
    <Outside wide title={t.setUpTitle} text={t.setUpText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!differ) void submit();
        }}
      >
        <Stack>
          <TextInput label={t.setUpCode} description={t.setUpCodeHint} autoComplete="off" spellCheck={false} {...field('code')} />
          <TextInput label={t.displayName} autoComplete="name" {...field('displayName')} />
          <TextInput label={t.userName} type="email" autoComplete="username" {...field('userName')} />
          <PasswordInput label={t.password} description={t.passwordHint} autoComplete="new-password" {...field('password')} />
          <PasswordInput
            label={t.passwordAgain}
            autoComplete="new-password"
            error={differ ? t.passwordsDiffer : undefined}
            {...field('again')}
          />
          <Problem error={error} />
          <Button type="submit" size="md" loading={busy}>
            {t.makeOperator}
          </Button>
        </Stack>
      </form>
    </Outside>
  );
};
