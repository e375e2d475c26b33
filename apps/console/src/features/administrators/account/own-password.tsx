import type { ConsoleSessionView } from '@latchkey/contract';
import { Button, Modal, PasswordInput, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useSession } from '../../../app/session.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { useFields } from '../../../components/use-fields.ts';
import { useNotify } from '../../../components/use-notify.ts';
import { useStep } from '../steps.ts';
import { Section } from './section.tsx';
import { texts } from './texts.ts';

const ChangePassword = ({ onClose }: { readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const notify = useNotify();
  const { administrator } = useSession();
  const { busy, error, attempt, take } = useStep();
  const { values, field } = useFields({ current: '', next: '', again: '' });
  const [differ, setDiffer] = useState(false);
  const change = (event: FormEvent) => {
    event.preventDefault();
    const { current, next, again } = values;
    setDiffer(next !== again);
    if (next !== again) return;
    void attempt(async () => {
      take(await call<ConsoleSessionView>('POST', '/console/password', { body: { current, new: next } }));
      notify(t.passwordChanged);
      onClose();
    });
  };
  return (
    <Modal opened onClose={onClose} title={t.change} centered closeButtonProps={{ 'aria-label': c.close }}>
      <form onSubmit={change}>
        <Stack>
          {/* For password managers: whose password it is. */}
          <input type="hidden" autoComplete="username" value={administrator?.userName ?? ''} readOnly />
          <PasswordInput label={t.current} autoComplete="current-password" data-autofocus {...field('current')} />
          <PasswordInput label={t.next} description={t.passwordHint} autoComplete="new-password" {...field('next')} />
          <PasswordInput label={t.again} autoComplete="new-password" error={differ && t.differ} {...field('again')} />
          <Problem error={error} />
          <FormActions submit={t.change} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
};

export const OwnPassword = () => {
  const t = useTexts(texts);
  const [changing, setChanging] = useState(false);
  return (
    <Section
      title={t.password}
      text={t.passwordText}
      actions={
        <Button variant="default" size="compact-md" onClick={() => setChanging(true)}>
          {t.change}
        </Button>
      }
    >
      {changing && <ChangePassword onClose={() => setChanging(false)} />}
    </Section>
  );
};
