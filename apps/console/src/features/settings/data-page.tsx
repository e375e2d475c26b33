import type { RetentionView, SettingsDraftView } from '@latchkey/contract';
import { Button, Fieldset, Group, NumberInput, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { fieldErrors } from '../../components/field-errors.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { draftQuery, etagOf, useSaveDraft } from './draft.ts';
import { texts } from './texts.ts';

const periods = ['auditDays', 'signInDetailsDays', 'removedDays'] as const;
type Periods = Pick<RetentionView, (typeof periods)[number]>;
const least = { auditDays: 30, signInDetailsDays: 7, removedDays: 30 } as const satisfies Periods;
const DAYS_AT_MOST = 3650;

const pathOf = (organization: string): string => `/organizations/${organization}/retention`;

const RetentionForm = ({ organization, retention }: { readonly organization: string; readonly retention: RetentionView }) => {
  const { data: t, save: saveWord } = useTexts(texts);
  const notify = useNotify();
  const queryClient = useQueryClient();
  const may = useMay('audit');
  const { auditDays, signInDetailsDays, removedDays } = retention;
  const [values, setValues] = useState<Periods>({ auditDays, signInDetailsDays, removedDays });
  const [confirming, setConfirming] = useState(false);
  const shorter = periods.filter((name) => values[name] < retention[name]);
  const save = useMutation({
    mutationFn: () => call<RetentionView>('PUT', pathOf(organization), { body: values, ifMatch: etagOf(retention) }),
    onSuccess: (changed) => {
      queryClient.setQueryData(['retention', organization], changed);
      notify(t.kept);
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (shorter.length > 0) setConfirming(true);
        else save.mutate();
      }}
    >
      <Fieldset disabled={may !== 'full'} variant="unstyled">
        <Stack gap="lg" p="md">
          <Text size="sm" c="dimmed">
            {t.keepText}
          </Text>
          {periods.map((name) => (
            <NumberInput
              key={name}
              label={t.periods[name]}
              description={t.periodHints[name]}
              suffix={t.daysSuffix}
              min={least[name]}
              max={name === 'signInDetailsDays' ? values.auditDays : DAYS_AT_MOST}
              allowDecimal={false}
              required
              maw="24rem"
              value={values[name]}
              onChange={(value) => setValues((old) => ({ ...old, [name]: Number(value) }))}
              error={errors[name]}
            />
          ))}
          <Text size="sm" c="dimmed">
            {t.sweptAt} {retention.sweptAt === null ? t.notYet : <Time at={retention.sweptAt} />}
          </Text>
          <Problem error={save.error} />
          {may === 'full' && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending}>
                {saveWord}
              </Button>
            </Group>
          )}
        </Stack>
      </Fieldset>
      {confirming && (
        <Confirm
          title={t.confirmTitle}
          action={t.confirm}
          typed={t.typed}
          onClose={() => setConfirming(false)}
          onConfirm={() => save.mutateAsync()}
        >
          <Stack gap="xs">
            <Text>{t.confirmText}</Text>
            {shorter.map((name) => (
              <Text key={name} fw={600}>
                {t.goes[name](values[name])}
              </Text>
            ))}
          </Stack>
        </Confirm>
      )}
    </form>
  );
};

type Collected = SettingsDraftView['document']['authenticationProfile']['collectedParameters'];
const optional = ['loginName', 'hostName', 'serial', 'externalDeviceId'] as const satisfies Collected;
const needed = ['userName', 'system', 'machineId'] as const;

const CollectionForm = ({ organization, draft }: { readonly organization: string; readonly draft: SettingsDraftView }) => {
  const t = useTexts(texts).data;
  const may = useMay('settings');
  const save = useSaveDraft(organization, draft);
  const profile = draft.document.authenticationProfile;
  const [collected, setCollected] = useState<Collected>(profile.collectedParameters);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...draft.document, authenticationProfile: { ...profile, collectedParameters: collected } });
      }}
    >
      <Fieldset disabled={may !== 'full'} variant="unstyled">
        <Stack gap="md" p="md">
          <Text size="sm" c="dimmed">
            {t.collectText}
          </Text>
          {optional.map((name) => (
            <Switch
              key={name}
              label={t.collects[name]}
              description={t.collectHints[name]}
              checked={collected.includes(name)}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                setCollected((old) => (checked ? [...old, name] : old.filter((each) => each !== name)));
              }}
            />
          ))}
          <Text fw={600} mt="xs">
            {t.alwaysTold}
          </Text>
          {needed.map((name) => (
            <div key={name}>
              <Text size="sm">{t.needs[name]}</Text>
              <Text size="xs" c="dimmed">
                {t.needHints[name]}
              </Text>
            </div>
          ))}
          <Problem error={save.error} />
          {may === 'full' && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending}>
                {t.saveDraft}
              </Button>
            </Group>
          )}
        </Stack>
      </Fieldset>
    </form>
  );
};

/** What is kept of people and machines, for how long, and what agents tell at all. */
export const DataPage = () => {
  const t = useTexts(texts).data;
  const { organization } = getRouteApi('/signed-in/o/$organization/administration/data').useParams();
  const maySettings = useMay('settings');
  const retention = useQuery({
    queryKey: ['retention', organization],
    queryFn: ({ signal }) => call<RetentionView>('GET', pathOf(organization), { signal }),
  });
  const draft = useQuery({ ...draftQuery(organization), enabled: maySettings !== 'none' });
  return (
    <Page title={t.title} description={t.description} guide="retention" narrow>
      <Stack gap="lg">
        <Panel title={t.keepTitle}>
          <Problem error={retention.error} onRetry={() => void retention.refetch()} />
          {retention.isPending && <Skeleton height={240} m="md" />}
          {retention.data !== undefined && (
            <RetentionForm key={retention.data.revision} organization={organization} retention={retention.data} />
          )}
        </Panel>
        {maySettings !== 'none' && (
          <Panel title={t.collectTitle}>
            <Problem error={draft.error} onRetry={() => void draft.refetch()} />
            {draft.isPending && <Skeleton height={240} m="md" />}
            {draft.data !== undefined && (
              <CollectionForm key={draft.data.revision} organization={organization} draft={draft.data} />
            )}
          </Panel>
        )}
      </Stack>
    </Page>
  );
};
