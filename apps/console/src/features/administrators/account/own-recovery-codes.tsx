import { Button, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { sessionQuery, useSession } from '../../../app/session.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { Secret } from '../../../components/secret.tsx';
import { State } from '../../../components/state.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { Section } from './section.tsx';
import { texts } from './texts.ts';

/** Fewer than that, and it is time for new ones. */
const FEW = 2;

export const OwnRecoveryCodes = () => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const queryClient = useQueryClient();
  const { administrator } = useSession();
  const [renewing, setRenewing] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const left = administrator?.recoveryCodesLeft ?? 0;
  return (
    <Section
      title={t.recovery}
      text={t.recoveryText}
      actions={
        <Button variant="default" size="compact-md" onClick={() => setRenewing(true)}>
          {t.renew}
        </Button>
      }
    >
      <State tone={left < FEW ? 'warn' : 'good'}>{t.recoveryLeft(left)}</State>
      {renewing && (
        <Confirm
          title={t.renewTitle}
          action={t.renew}
          onClose={() => setRenewing(false)}
          onConfirm={async () => {
            const { recoveryCodes } = await call<{ recoveryCodes: readonly string[] }>('POST', '/console/recovery-codes');
            setCodes(recoveryCodes);
            await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
          }}
        >
          {t.renewText}
        </Confirm>
      )}
      {codes !== undefined && (
        <Modal
          opened
          onClose={() => setCodes(undefined)}
          title={t.recovery}
          centered
          closeButtonProps={{ 'aria-label': c.close }}
        >
          <Secret name="latchkey-recovery-codes.txt" value={codes.join('\n')} onStored={() => setCodes(undefined)}>
            <Text>{t.recoveryText}</Text>
          </Secret>
        </Modal>
      )}
    </Section>
  );
};
