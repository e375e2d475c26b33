import type { ApplicationView } from '@latchkey/contract';
import { Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { fieldErrors } from '../../components/field-errors.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { type Kind, kinds, oneOf } from './kinds.ts';
import { PolicyFields } from './policy-fields.tsx';
import { texts } from './texts.ts';

/** Registers an application of one kind, then shows what to do with it. */
export const RegisterApplication = ({
  organization,
  onShow,
}: {
  readonly organization: string;
  readonly onShow: (id: string | undefined) => void;
}) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const [kind, setKind] = useState<Kind>('gateway');
  const [values, setValues] = useState({ name: '', identifier: '', metadata: '', minEvidence: 'E0', allowBearer: false });
  const set = (change: Partial<typeof values>) => setValues((old) => ({ ...old, ...change }));
  const register = useMutation({
    mutationFn: () => {
      const { name, identifier, metadata, minEvidence, allowBearer } = values;
      const own = { gateway: { identifier: identifier.trim(), allowBearer }, saml: { metadata }, api: { identifier } } as const;
      return call<ApplicationView>('POST', `/organizations/${organization}/applications`, {
        body: { kind, name, minEvidence, ...own[kind] },
      });
    },
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['applications', organization] });
      onShow(id);
    },
  });
  const errors = fieldErrors(register.error);
  return (
    <SideDrawer title={t.create} onClose={() => onShow(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          register.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.fields.name}
            required
            maxLength={127}
            data-autofocus
            error={errors.name}
            value={values.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Radio.Group label={t.fields.kind} value={kind} onChange={(value) => setKind((old) => oneOf(kinds, value) ?? old)}>
            <Stack gap="xs" mt={6}>
              {kinds.map((each) => (
                <Radio key={each} value={each} label={t.kinds[each]} description={t.kindTexts[each]} />
              ))}
            </Stack>
          </Radio.Group>
          {kind === 'saml' ? (
            <Textarea
              label={t.fields.metadata}
              description={t.fields.metadataHint}
              required
              autosize
              minRows={6}
              maxRows={14}
              spellCheck={false}
              error={errors.metadata}
              value={values.metadata}
              onChange={(event) => set({ metadata: event.currentTarget.value })}
            />
          ) : (
            <TextInput
              label={kind === 'gateway' ? t.fields.origin : t.fields.audience}
              description={kind === 'gateway' ? t.fields.originHint : t.fields.audienceHint}
              required
              maxLength={kind === 'gateway' ? 255 : 512}
              error={errors.identifier}
              value={values.identifier}
              onChange={(event) => set({ identifier: event.currentTarget.value })}
            />
          )}
          <PolicyFields kind={kind} values={values} onChange={set} />
          <Problem error={register.error} />
          <FormActions submit={t.register} busy={register.isPending} onCancel={() => onShow(undefined)} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
