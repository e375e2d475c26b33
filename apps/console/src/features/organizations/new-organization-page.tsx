import type { CreatedInvitationView, OrganizationView } from '@latchkey/contract';
import { Button, Group, Paper, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useFields } from '../../components/use-fields.ts';
import { InvitationLink } from './invitation-link.tsx';
import { texts } from './texts.ts';

/** A new organization with its first domain and the invitation of its first administrator. */
export const NewOrganizationPage = () => {
  const all = useTexts(texts);
  const t = all.wizard;
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { values, field } = useFields({ name: '', domain: '', userName: '' });
  // What was done stays done when a later step is refused: the next try goes on from there.
  const done = useRef<{ organization?: OrganizationView; domain?: string }>({});
  const create = useMutation({
    mutationFn: async () => {
      const { current } = done;
      current.organization ??= await call<OrganizationView>('POST', '/organizations', { body: { name: values.name } });
      const path = `/organizations/${current.organization.id}`;
      if (current.domain === undefined) {
        await call('POST', `${path}/domains`, { body: { name: values.domain.trim() } });
        current.domain = values.domain;
      }
      return call<CreatedInvitationView>('POST', `${path}/invitations`, { body: { userName: values.userName, roleId: 'full' } });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['organizations'] }),
  });
  const id = done.current.organization?.id;
  if (create.data !== undefined && id !== undefined) {
    return (
      <Page title={all.invitation} narrow key="invitation">
        <Paper withBorder p="lg" radius="lg" bg="var(--surface)">
          <InvitationLink
            invitation={create.data}
            onStored={() => void navigate({ to: '/operator/organizations/$id', params: { id } })}
          />
        </Paper>
      </Page>
    );
  }
  return (
    <Page title={t.title} description={t.text} narrow key="form">
      <Paper withBorder p="lg" radius="lg" bg="var(--surface)">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="lg">
            <TextInput label={t.name} description={t.nameHint} maxLength={127} readOnly={id !== undefined} {...field('name')} />
            <TextInput
              label={t.domain}
              description={t.domainHint}
              placeholder="acme.com"
              readOnly={done.current.domain !== undefined}
              {...field('domain')}
            />
            <TextInput label={t.administrator} description={t.administratorHint} type="email" {...field('userName')} />
            <Problem error={create.error} />
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending}>
                {t.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Page>
  );
};
