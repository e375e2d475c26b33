import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { sessionQuery, useSession } from '../../../app/session.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { Problem } from '../../../components/problem.tsx';
import { Secret } from '../../../components/secret.tsx';
import { State } from '../../../components/state.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { useNotify } from '../../../components/use-notify.ts';
import { useStep } from '../steps.ts';
import { type NewTotp, TotpForm } from '../totp-form.tsx';
import { Section } from './section.tsx';
import { texts } from './texts.ts';

export const OwnTotp = () => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const notify = useNotify();
  const queryClient = useQueryClient();
  const { administrator } = useSession();
  const { busy, error, attempt } = useStep();
  const [totp, setTotp] = useState<NewTotp>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [removing, setRemoving] = useState(false);
  const changed = (message: string) => {
    void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
    notify(message);
  };
  const close = () => {
    setTotp(undefined);
    setCodes(undefined);
  };
  const has = administrator?.hasTotp === true;
  return (
    <Section
      title={t.totp}
      text={t.totpText}
      actions={
        <Group gap="xs">
          <Button
            variant="default"
            size="compact-md"
            loading={busy}
            onClick={() => void attempt(async () => setTotp(await call<NewTotp>('POST', '/console/totp', { body: {} })))}
          >
            {has ? t.another : t.setUp}
          </Button>
          {has && (
            <Button variant="light" color="red" size="compact-md" onClick={() => setRemoving(true)}>
              {t.remove}
            </Button>
          )}
        </Group>
      }
    >
      <State tone={has ? 'good' : 'calm'}>{has ? t.totpOn : t.totpOff}</State>
      <Problem error={error} />
      {totp !== undefined && (
        <Modal opened onClose={close} title={t.totp} centered closeButtonProps={{ 'aria-label': c.close }}>
          {codes === undefined ? (
            <Stack>
              {has && <Text>{t.anotherText}</Text>}
              <TotpForm
                totp={totp}
                onCodes={(made) => {
                  setCodes(made);
                  changed(t.totpAdded);
                }}
              />
            </Stack>
          ) : (
            <Secret name="latchkey-recovery-codes.txt" value={codes.join('\n')} onStored={close}>
              <Text>{t.recoveryText}</Text>
            </Secret>
          )}
        </Modal>
      )}
      {removing && (
        <Confirm
          title={t.removeTotpTitle}
          action={t.remove}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await call('DELETE', '/console/totp');
            changed(t.totpRemoved);
          }}
        >
          {t.removeTotpText}
        </Confirm>
      )}
    </Section>
  );
};
