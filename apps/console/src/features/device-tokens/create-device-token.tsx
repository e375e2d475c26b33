import type { CreatedDeviceTokenView, DeviceTokenView } from '@latchkey/contract';
import { Fieldset, MultiSelect, NativeSelect, NumberInput, Radio, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { domainsQuery, isProved } from '../../components/domains.ts';
import { fieldErrors } from '../../components/field-errors.ts';
import { FormActions } from '../../components/form-actions.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { texts as shared } from '../../components/texts.ts';
import { CreatedDeviceToken } from './created-device-token.tsx';
import { DAY, expiryChoices } from './expiry.ts';
import { texts } from './texts.ts';

const platforms = ['windows', 'macos', 'linux', 'ios', 'android', 'chromeos'] as const satisfies DeviceTokenView['platforms'];

/** Makes a device token with everything the API offers, then shows it, this once. */
export const CreateDeviceToken = ({ organization, onClose }: { readonly organization: string; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const _c = useTexts(shared);
  const queryClient = useQueryClient();
  const domains = useQuery(domainsQuery(organization));
  const [values, setValues] = useState({
    description: '',
    enrollment: 'approval',
    expiresInDays: 90,
    maxEnrollments: '' as number | string,
    domains: [] as string[],
    platforms: [] as string[],
    networks: [] as string[],
    password: '',
  });
  const set = <Name extends keyof typeof values>(name: Name, value: (typeof values)[Name]) =>
    setValues((old) => ({ ...old, [name]: value }));

  const create = useMutation({
    mutationFn: () => {
      const { expiresInDays, maxEnrollments, password, ...rest } = values;
      const body = {
        ...rest,
        expiresInSeconds: expiresInDays * DAY,
        maxEnrollments: maxEnrollments === '' ? null : Number(maxEnrollments),
        ...(password === '' ? {} : { password }),
      };
      return call<CreatedDeviceTokenView>('POST', `/organizations/${organization}/device-tokens`, { body });
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['device-tokens', organization] }),
  });
  const errors = fieldErrors(create.error);

  if (create.data !== undefined) {
    return <CreatedDeviceToken organization={organization} created={create.data} onClose={onClose} />;
  }
  return (
    <SideDrawer title={t.create} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.fields.description}
            description={t.fields.descriptionHint}
            required
            maxLength={255}
            data-autofocus
            error={errors.description}
            value={values.description}
            onChange={(event) => set('description', event.currentTarget.value)}
          />
          <Radio.Group
            label={t.fields.enrollment}
            value={values.enrollment}
            onChange={(value) => set('enrollment', value)}
            error={errors.enrollment}
          >
            <Stack gap="xs" mt={6}>
              {(['approval', 'automatic'] as const).map((value) => (
                <Radio key={value} value={value} label={t.enrollments[value]} description={t.enrollmentTexts[value]} />
              ))}
            </Stack>
          </Radio.Group>
          <NativeSelect
            label={t.fields.expires}
            description={t.fields.expiresHint}
            data={expiryChoices.map((days) => ({ value: String(days), label: t.fields.days(days) }))}
            value={String(values.expiresInDays)}
            onChange={(event) => set('expiresInDays', Number(event.currentTarget.value))}
          />
          <Fieldset legend={t.fields.narrow}>
            <Stack gap="sm">
              <MultiSelect
                label={t.fields.domains}
                description={t.fields.domainsHint}
                data={(domains.data ?? []).filter(isProved).map(({ name }) => name)}
                value={values.domains}
                onChange={(value) => set('domains', value)}
                error={errors.domains}
                searchable
                clearable
              />
              <MultiSelect
                label={t.fields.platforms}
                description={t.fields.platformsHint}
                data={platforms.map((value) => ({ value, label: t.platforms[value] }))}
                value={values.platforms}
                onChange={(value) => set('platforms', value)}
                error={errors.platforms}
                clearable
              />
              <TagsInput
                label={t.fields.networks}
                description={t.fields.networksHint}
                value={values.networks}
                onChange={(value) => set('networks', value)}
                error={errors.networks}
                acceptValueOnBlur
                clearable
              />
              <NumberInput
                label={t.fields.maxEnrollments}
                description={t.fields.maxHint}
                min={1}
                max={1_000_000_000}
                allowDecimal={false}
                value={values.maxEnrollments}
                onChange={(value) => set('maxEnrollments', value)}
                error={errors.maxEnrollments}
              />
            </Stack>
          </Fieldset>
          <details>
            <Text component="summary" size="sm" c="dimmed">
              {t.fields.password}
            </Text>
            <TextInput
              mt="xs"
              aria-label={t.fields.password}
              description={t.fields.passwordHint}
              autoComplete="off"
              value={values.password}
              onChange={(event) => set('password', event.currentTarget.value)}
              error={errors.password}
            />
          </details>
          <Problem error={create.error} />
          <FormActions submit={t.create} busy={create.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
