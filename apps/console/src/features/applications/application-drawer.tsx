import type { ApplicationView } from '@latchkey/contract';
import { Button, Group, Loader, Stack, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { fieldErrors } from '../../components/field-errors.ts';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { ConnectApplication } from './connect-application.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { texts } from './texts.ts';

type Change = Partial<Pick<ApplicationView, 'name' | 'enabled' | 'minEvidence' | 'allowBearer'>>;

/** What may be changed of it. */
const ChangeApplication = ({
  application,
  onChange,
}: {
  readonly application: ApplicationView;
  readonly onChange: (change: object) => Promise<unknown>;
}) => {
  const t = useTexts(texts);
  const notify = useNotify();
  const { kind, name, minEvidence, allowBearer } = application;
  const [values, setValues] = useState<{ name: string; minEvidence: string; allowBearer: boolean }>({
    name,
    minEvidence,
    allowBearer,
  });
  const set = (change: Partial<typeof values>) => setValues((old) => ({ ...old, ...change }));
  const save = useMutation({
    mutationFn: () => onChange(kind === 'gateway' ? values : { name: values.name, minEvidence: values.minEvidence }),
    onSuccess: () => notify(t.saved),
  });
  const isSame = values.name === name && values.minEvidence === minEvidence && values.allowBearer === allowBearer;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <Title order={3} size="h5">
          {t.change}
        </Title>
        <TextInput
          label={t.fields.name}
          required
          maxLength={127}
          error={fieldErrors(save.error).name}
          value={values.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <PolicyFields kind={kind} values={values} onChange={set} />
        <Problem error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={isSame}>
            {t.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** One application: how it stands, how it is connected, what can be changed. */
export const ApplicationDrawer = ({
  organization,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const may = useMay('applications');
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<'off' | 'delete'>();
  const path = `/organizations/${organization}/applications/${id}`;
  const { data: application, error } = useQuery({
    queryKey: ['applications', organization, 'one', id],
    queryFn: ({ signal }) => call<ApplicationView>('GET', path, { signal }),
  });
  const change = async (body: Change): Promise<void> => {
    await call('PATCH', path, { body });
    await queryClient.invalidateQueries({ queryKey: ['applications', organization] });
  };
  const switchOn = useMutation({ mutationFn: () => change({ enabled: true }) });
  if (application === undefined) {
    return (
      <SideDrawer title={t.columns.name} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { name, enabled, kind, identifier, minEvidence, createdAt } = application;
  return (
    <SideDrawer title={name} onClose={onClose}>
      <Stack gap="lg">
        <Group gap="xs" justify="space-between">
          <State tone={enabled ? 'good' : 'calm'}>{enabled ? t.states.on : t.states.off}</State>
          {may === 'full' && (
            <Group gap="xs">
              <Button
                variant="default"
                size="compact-md"
                loading={switchOn.isPending}
                onClick={() => (enabled ? setAsking('off') : switchOn.mutate())}
              >
                {enabled ? t.switchOff : t.switchOn}
              </Button>
              <Button variant="light" color="red" size="compact-md" onClick={() => setAsking('delete')}>
                {t.delete}
              </Button>
            </Group>
          )}
        </Group>
        <Problem error={switchOn.error} />
        <Facts
          facts={[
            [t.columns.kind, t.kinds[kind]],
            [t.columns.identifier, <Copyable key="identifier" value={identifier} />],
            [t.fields.evidence, t.evidence[minEvidence]],
            [t.columns.registered, <Time key="registered" at={createdAt} absolute />],
            [t.id, <Copyable key="id" value={id} />],
          ]}
        />
        <ConnectApplication organization={organization} application={application} />
        {may === 'full' && <ChangeApplication application={application} onChange={change} />}
      </Stack>
      {asking === 'off' && (
        <Confirm
          title={t.switchOffTitle}
          action={t.switchOff}
          onClose={() => setAsking(undefined)}
          onConfirm={() => change({ enabled: false })}
        >
          {t.switchOffText(name)}
        </Confirm>
      )}
      {asking === 'delete' && (
        <Confirm
          title={t.deleteTitle}
          typed={name}
          action={t.delete}
          onClose={() => setAsking(undefined)}
          onConfirm={async () => {
            await call('DELETE', path);
            onClose();
            await queryClient.invalidateQueries({ queryKey: ['applications', organization] });
            notify(t.deleted);
          }}
        >
          {t.deleteText(name)}
        </Confirm>
      )}
    </SideDrawer>
  );
};
