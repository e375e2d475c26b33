import type { CreatedApiKeyView } from '@latchkey/contract';
import { Anchor, NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useSession } from '../../app/session.ts';
import { type AreaChoice, AreaMatrix } from '../../components/area-matrix.tsx';
import { Copyable } from '../../components/copy.tsx';
import { fieldErrors } from '../../components/field-errors.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { Problem } from '../../components/problem.tsx';
import { Secret } from '../../components/secret.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { type Reach, scopesOf } from './scopes.ts';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';

const reaches = ['chosen', 'all:read', 'all:write'] as const satisfies readonly Reach[];
const DAY = 86_400;
/** Days; 366 is the most the server takes. */
const expiryChoices = [7, 30, 90, 180, 366] as const;

const CreatedApiKey = ({ created, onClose }: { readonly created: CreatedApiKeyView; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  return (
    <SideDrawer title={t.created(created.description)} onClose={onClose}>
      <Secret value={created.key} name={`${created.id}.txt`} onStored={onClose}>
        <Text>{t.use}</Text>
        <Copyable value={`curl -H "Authorization: Bearer $LATCHKEY_API_KEY" ${location.origin}/api/v1/whoami`} />
        <Anchor href="/api/docs" target="_blank">
          {t.apiDocs}
        </Anchor>
      </Secret>
    </SideDrawer>
  );
};

/** Makes a key, for no more than its maker may do, then shows it, this once. */
export const CreateApiKey = ({ onClose }: { readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const { permissions: mine } = useSession();
  const { path, key, areas } = useHolder();
  const [description, setDescription] = useState('');
  const [days, setDays] = useState(90);
  const [reach, setReach] = useState<Reach>('chosen');
  const [choice, setChoice] = useState<AreaChoice>({});
  const [nothing, setNothing] = useState(false);
  const scopes = scopesOf(reach, choice);
  const create = useMutation({
    mutationFn: () => call<CreatedApiKeyView>('POST', path, { body: { description, expiresInSeconds: days * DAY, scopes } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['api-keys', key] }),
  });
  const errors = fieldErrors(create.error);
  if (create.data !== undefined) return <CreatedApiKey created={create.data} onClose={onClose} />;
  return (
    <SideDrawer title={t.create} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setNothing(scopes.length === 0);
          if (scopes.length > 0) create.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.columns.description}
            description={t.descriptionHint}
            required
            maxLength={255}
            data-autofocus
            error={errors.description}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <NativeSelect
            label={t.expiresAfter}
            data={expiryChoices.map((value) => ({ value: String(value), label: t.days(value) }))}
            value={String(days)}
            onChange={(event) => setDays(Number(event.currentTarget.value))}
          />
          <Radio.Group
            label={t.reach}
            value={reach}
            onChange={(value) => setReach(reaches.find((each) => each === value) ?? 'chosen')}
            error={nothing && scopes.length === 0 ? t.nothingChosen : errors.scopes}
          >
            <Stack gap="xs" mt={6}>
              {reaches.map((value) => (
                <Radio key={value} value={value} label={t.reaches[value]} description={t.reachTexts[value]} />
              ))}
            </Stack>
          </Radio.Group>
          {reach === 'chosen' && <AreaMatrix areas={areas} words={t.levels} value={choice} limit={mine} onChange={setChoice} />}
          <Problem error={create.error} />
          <FormActions submit={t.create} busy={create.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
