import type { SettingsDocumentView, SettingsDraftView } from '@latchkey/contract';
import { Button, Fieldset, Group, NativeSelect, NumberInput, Paper, Radio, Skeleton, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { draftQuery, useSaveDraft } from './draft.ts';
import { texts } from './texts.ts';

type Profile = SettingsDocumentView['authenticationProfile'];

const repositories = ['hosted', 'directory'] as const satisfies readonly Profile['userRepositoryType'][];
const frequencies = ['only_once', 'daily', 'session', 'custom'] as const satisfies readonly Profile['authenticationFrequency'][];

const ProfileForm = ({ organization, draft }: { readonly organization: string; readonly draft: SettingsDraftView }) => {
  const all = useTexts(texts);
  const t = all.profile;
  const may = useMay('settings');
  const save = useSaveDraft(organization, draft);
  const [profile, setProfile] = useState(draft.document.authenticationProfile);
  const change = (part: Partial<Profile>) => setProfile((old) => ({ ...old, ...part }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...draft.document, authenticationProfile: profile });
      }}
    >
      <Fieldset disabled={may !== 'full'} variant="unstyled">
        <Stack gap="lg">
          <TextInput label={t.type} description={t.typeHint} value={t.saml} readOnly />
          <Radio.Group
            label={t.repository}
            value={profile.userRepositoryType}
            // Its values are the two below.
            onChange={(value) => change({ userRepositoryType: value as Profile['userRepositoryType'] })}
          >
            <Stack gap="xs" mt={6}>
              {repositories.map((value) => (
                <Radio key={value} value={value} label={t[value]} description={t[`${value}Hint`]} />
              ))}
            </Stack>
          </Radio.Group>
          <Group align="flex-start">
            <NativeSelect
              flex={1}
              miw="12rem"
              label={t.frequency}
              description={t.frequencyHint}
              data={frequencies.map((value) => ({ value, label: t.frequencies[value] }))}
              value={profile.authenticationFrequency}
              onChange={(event) => {
                // Its values are the frequencies above.
                const authenticationFrequency = event.currentTarget.value as Profile['authenticationFrequency'];
                change({
                  authenticationFrequency,
                  authenticationFrequencyDays: authenticationFrequency === 'custom' ? 30 : null,
                });
              }}
            />
            {profile.authenticationFrequency === 'custom' && (
              <NumberInput
                w="7rem"
                label={t.days}
                description="1–180"
                min={1}
                max={180}
                allowDecimal={false}
                value={profile.authenticationFrequencyDays ?? ''}
                onChange={(value) => change({ authenticationFrequencyDays: value === '' ? null : Number(value) })}
              />
            )}
          </Group>
          <NumberInput
            label={t.deviceSession}
            description={t.deviceSessionHint}
            min={5}
            max={1440}
            allowDecimal={false}
            value={profile.deviceSessionSeconds / 60}
            onChange={(value) => change({ deviceSessionSeconds: Number(value) * 60 })}
          />
          <Problem error={save.error} />
          {may === 'full' && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending}>
                {all.save}
              </Button>
            </Group>
          )}
        </Stack>
      </Fieldset>
    </form>
  );
};

/** The authentication profile of the draft. */
export const ProfilePage = () => {
  const t = useTexts(texts).profile;
  const { organization } = getRouteApi('/signed-in/o/$organization/sign-in/profile').useParams();
  const draft = useQuery(draftQuery(organization));
  return (
    <Page title={t.title} description={t.description} narrow>
      <Problem error={draft.error} onRetry={() => void draft.refetch()} />
      <Paper withBorder p="lg" radius="lg" bg="var(--surface)">
        {draft.data === undefined ? (
          <Skeleton height={240} />
        ) : (
          <ProfileForm key={draft.data.revision} organization={organization} draft={draft.data} />
        )}
      </Paper>
    </Page>
  );
};
