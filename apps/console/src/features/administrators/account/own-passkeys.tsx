import type { PasskeyView } from '@latchkey/contract';
import { Alert, Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call, type Page } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { sessionQuery } from '../../../app/session.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { Secret } from '../../../components/secret.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { makePasskey, type PasskeyOptions } from '../passkey.ts';
import { useStep } from '../steps.ts';
import { texts as signIn } from '../texts.ts';
import classes from './section.module.css';
import { Section } from './section.tsx';
import { texts } from './texts.ts';

const AddPasskey = ({ onAdded, onClose }: { readonly onAdded: () => void; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const s = useTexts(signIn);
  const c = useTexts(shared);
  const { busy, error, attempt } = useStep();
  const [name, setName] = useState('');
  const [codes, setCodes] = useState<readonly string[]>();
  const add = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const options = await call<PasskeyOptions>('POST', '/console/passkeys/options', { body: {} });
      const response = await makePasskey(options);
      const made = await call<{ recoveryCodes?: readonly string[] }>('POST', '/console/passkeys', { body: { response, name } });
      onAdded();
      if (made.recoveryCodes === undefined) onClose();
      else setCodes(made.recoveryCodes);
    });
  };
  return (
    <Modal opened onClose={onClose} title={t.addPasskey} centered closeButtonProps={{ 'aria-label': c.close }}>
      {codes !== undefined ? (
        <Secret name="latchkey-recovery-codes.txt" value={codes.join('\n')} onStored={onClose}>
          <Text>{t.recoveryText}</Text>
        </Secret>
      ) : (
        <form onSubmit={add}>
          <Stack>
            <TextInput
              label={t.passkeyName}
              description={t.passkeyNameHint}
              required
              maxLength={100}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {error instanceof DOMException ? <Alert color="red">{s.passkeyNotMade}</Alert> : <Problem error={error} />}
            <FormActions submit={t.addPasskey} busy={busy} onCancel={onClose} />
          </Stack>
        </form>
      )}
    </Modal>
  );
};

export const OwnPasskeys = () => {
  const t = useTexts(texts);
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<PasskeyView>();
  const { data, error } = useQuery({
    queryKey: ['own-passkeys'],
    queryFn: ({ signal }) => call<Page<PasskeyView>>('GET', '/console/passkeys', { signal }),
  });
  const changed = (message: string) => {
    for (const queryKey of [['own-passkeys'], sessionQuery.queryKey]) void queryClient.invalidateQueries({ queryKey });
    notify(message);
  };
  const passkeys = data?.items ?? [];
  return (
    <Section
      title={t.passkeys}
      text={t.passkeysText}
      actions={
        <Button variant="default" size="compact-md" onClick={() => setAdding(true)}>
          {t.addPasskey}
        </Button>
      }
    >
      <Problem error={error} />
      {data !== undefined && passkeys.length === 0 && <Text>{t.noPasskeys}</Text>}
      {passkeys.length > 0 && (
        <table className={classes.table} aria-label={t.passkeys}>
          <thead>
            <tr>
              <th scope="col">{t.columns.name}</th>
              <th scope="col" data-hide-below="sm">
                {t.columns.added}
              </th>
              <th scope="col">{t.columns.lastUsed}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {passkeys.map((passkey) => (
              <tr key={passkey.id}>
                <td>{passkey.name}</td>
                <td data-hide-below="sm">
                  <Time at={passkey.createdAt} />
                </td>
                <td>
                  <Time at={passkey.lastUsedAt} />
                </td>
                <td>
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-sm"
                    aria-label={t.removePasskey(passkey.name)}
                    onClick={() => setRemoving(passkey)}
                  >
                    {t.remove}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {adding && <AddPasskey onAdded={() => changed(t.passkeyAdded)} onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <Confirm
          title={t.removePasskeyTitle(removing.name)}
          action={t.remove}
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            await call('DELETE', `/console/passkeys/${removing.id}`);
            changed(t.passkeyRemoved);
          }}
        >
          {t.removePasskeyText}
        </Confirm>
      )}
    </Section>
  );
};
