import type { CreatedInvitationView, OrganizationView } from '@latchkey/contract';
import { Anchor, Button, Group, Modal, NativeSelect, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Problem } from '../../components/problem.tsx';
import { State } from '../../components/state.tsx';
import { texts as shared } from '../../components/texts.ts';
import { Time } from '../../components/time.tsx';
import { AddDomain } from './add-domain.tsx';
import { DomainList } from './domain-list.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/operator/organizations/$id');
const roles = ['full', 'view'] as const;

const Invite = ({ path, onClose }: { readonly path: string; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const [userName, setUserName] = useState('');
  const [roleId, setRoleId] = useState('full');
  const invite = useMutation({
    mutationFn: () => call<CreatedInvitationView>('POST', `${path}/invitations`, { body: { userName, roleId } }),
  });
  return (
    <Modal opened onClose={onClose} title={t.invite} centered closeButtonProps={{ 'aria-label': c.close }}>
      {invite.data !== undefined ? (
        <InvitationLink invitation={invite.data} onStored={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            invite.mutate();
          }}
        >
          <Stack>
            <TextInput
              label={t.userName}
              type="email"
              required
              data-autofocus
              value={userName}
              onChange={(event) => setUserName(event.currentTarget.value)}
            />
            <NativeSelect
              label={t.role}
              data={roles.map((value) => ({ value, label: t.roles[value] }))}
              value={roleId}
              onChange={(event) => setRoleId(event.currentTarget.value)}
            />
            <Problem error={invite.error} />
            <Group justify="flex-end">
              <Button type="submit" loading={invite.isPending}>
                {t.send}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
};

/** One organization as its operator sees it: that it is there, its domains, who may be invited. Nothing of its data. */
export const OrganizationPage = () => {
  const t = useTexts(texts);
  const { id } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const queryClient = useQueryClient();
  const [doing, setDoing] = useState<'invite' | 'suspend'>();
  const path = `/organizations/${id}`;
  const organization = useQuery({
    queryKey: ['organizations', id],
    queryFn: ({ signal }) => call<OrganizationView>('GET', path, { signal }),
  });
  const show = (name: string | undefined) => void navigate({ search: name === undefined ? {} : { open: name } });
  const turn = async (to: 'suspend' | 'resume') => {
    await call('POST', `${path}/${to}`);
    await queryClient.invalidateQueries({ queryKey: ['organizations'] });
  };
  const resume = useMutation({ mutationFn: () => turn('resume') });
  const { data } = organization;
  const add = (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.domains.grant}
    </Button>
  );
  if (data === undefined) {
    return (
      <Page title={t.title}>
        {organization.error === null ? <Skeleton height={200} /> : <Problem error={organization.error} />}
      </Page>
    );
  }
  return (
    <Page
      title={data.name}
      actions={
        <>
          {data.state === 'active' ? (
            <Button variant="light" color="red" onClick={() => setDoing('suspend')}>
              {t.suspend}
            </Button>
          ) : (
            <Button variant="default" loading={resume.isPending} onClick={() => resume.mutate()}>
              {t.resume}
            </Button>
          )}
          <Button onClick={() => setDoing('invite')}>{t.invite}</Button>
        </>
      }
    >
      <Stack gap="lg">
        <Problem error={resume.error} />
        <Panel>
          <Stack px="lg" py="xs">
            <Facts
              facts={[
                [
                  t.state,
                  <State key="state" tone={data.state === 'active' ? 'good' : 'bad'}>
                    {t.states[data.state]}
                  </State>,
                ],
                [t.id, <Copyable key="id" value={data.id} />],
                [t.created, <Time key="created" at={data.createdAt} absolute />],
                ...(data.deletesAt === null ? [] : [[t.deletes, <Time key="deletes" at={data.deletesAt} absolute />] as const]),
              ]}
            />
          </Stack>
        </Panel>
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t.domains.title}
          </Title>
          {add}
        </Group>
        <DomainList organization={id} open={open} onShow={show} mayChange emptyText={t.domains.emptyGrant} add={null} />
        <Text c="dimmed" size="sm">
          {t.dataText}{' '}
          <Anchor size="sm" renderRoot={(props) => <Link to="/operator/administration/emergency" {...props} />}>
            {t.emergency}
          </Anchor>
        </Text>
      </Stack>
      {open === 'new' && (
        <AddDomain organization={id} how="grant" onAdded={() => show(undefined)} onClose={() => show(undefined)} />
      )}
      {doing === 'invite' && <Invite path={path} onClose={() => setDoing(undefined)} />}
      {doing === 'suspend' && (
        <Confirm
          title={t.suspendTitle(data.name)}
          typed={data.name}
          action={t.suspend}
          onClose={() => setDoing(undefined)}
          onConfirm={() => turn('suspend')}
        >
          {t.suspendText(data.name)}
        </Confirm>
      )}
    </Page>
  );
};
