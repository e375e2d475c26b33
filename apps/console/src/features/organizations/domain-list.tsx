import type { DomainVerificationView, DomainView } from '@latchkey/contract';
import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconWorld } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Copyable } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { domainsKey } from '../../components/domains.ts';
import { Empty } from '../../components/empty.tsx';
import { Facts } from '../../components/facts.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State, type Tone } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { usePages } from '../../components/use-pages.ts';
import { texts } from './texts.ts';

const tones: Readonly<Record<DomainView['state'], Tone>> = { claimed: 'warn', proved: 'good', failing: 'bad', contested: 'bad' };

/** One domain: how it stands, the record to publish, a look-up, its removal. */
const DomainDrawer = ({
  organization,
  domain,
  mayChange,
  onClose,
}: {
  readonly organization: string;
  readonly domain: DomainView;
  readonly mayChange: boolean;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts).domains;
  const queryClient = useQueryClient();
  const notify = useNotify();
  const [removing, setRemoving] = useState(false);
  const path = `/organizations/${organization}/domains/${encodeURIComponent(domain.name)}`;
  const changed = () => queryClient.invalidateQueries({ queryKey: domainsKey(organization) });
  const check = useMutation({
    mutationFn: () => call<DomainVerificationView>('POST', `${path}/verify`),
    onSuccess: changed,
  });
  const finding = check.data?.finding;
  return (
    <SideDrawer title={domain.name} onClose={onClose}>
      <Stack>
        <Group>
          <State tone={tones[domain.state]}>{t.states[domain.state]}</State>
          {mayChange && (
            <Button variant="light" color="red" size="compact-md" ml="auto" onClick={() => setRemoving(true)}>
              {t.remove}
            </Button>
          )}
        </Group>
        {domain.state === 'failing' && (
          <Alert color="red" variant="light">
            {t.failing} <Time at={domain.lostAt} absolute />
          </Alert>
        )}
        {domain.state === 'contested' && (
          <Alert color="red" variant="light">
            {t.contested}
          </Alert>
        )}
        {domain.record === null ? (
          <Text c="dimmed">{t.granted}</Text>
        ) : (
          <>
            <div>
              <Title order={3} size="h5">
                {t.record}
              </Title>
              <Text c="dimmed" size="sm">
                {t.recordText}
              </Text>
            </div>
            <Facts
              facts={[
                [`TXT · ${t.recordName}`, <Copyable key="name" value={domain.record.name} />],
                [`TXT · ${t.recordValue}`, <Copyable key="value" value={domain.record.value} />],
                [t.checked, <Time key="checked" at={domain.checkedAt} />],
              ]}
            />
            {mayChange && (
              <Group>
                <Button loading={check.isPending} onClick={() => check.mutate()}>
                  {t.check}
                </Button>
              </Group>
            )}
            <div role="status">
              {finding !== undefined && (
                <Alert color={finding === 'present' ? 'green' : 'brass'} variant="light">
                  {t[finding]}
                </Alert>
              )}
            </div>
            <Problem error={check.error} />
          </>
        )}
      </Stack>
      {removing && (
        <Confirm
          title={t.removeTitle(domain.name)}
          typed={domain.name}
          action={t.remove}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await call('DELETE', path);
            await changed();
            notify(t.removed(domain.name));
            onClose();
          }}
        >
          {t.removeText(domain.name)}
        </Confirm>
      )}
    </SideDrawer>
  );
};

/** The domains of an organization, for its administrators and for operators alike. */
export const DomainList = ({
  organization,
  open,
  onShow,
  mayChange,
  emptyText,
  add,
}: {
  readonly organization: string;
  readonly open: string | undefined;
  readonly onShow: (name: string | undefined) => void;
  readonly mayChange: boolean;
  readonly emptyText: string;
  readonly add: React.ReactNode;
}) => {
  const t = useTexts(texts).domains;
  const pages = usePages<DomainView>([...domainsKey(organization), 'pages'], `/organizations/${organization}/domains`);
  const columns = useMemo(
    (): readonly Column<DomainView>[] => [
      { id: 'domain', header: t.domain, cell: ({ name }) => name },
      { id: 'state', header: t.state, cell: ({ state }) => <State tone={tones[state]}>{t.states[state]}</State> },
      { id: 'proof', header: t.proof, hideBelow: 'sm', cell: ({ proof }) => t.proofs[proof] },
      { id: 'checked', header: t.checked, hideBelow: 'md', cell: ({ checkedAt }) => <Time at={checkedAt} /> },
    ],
    [t],
  );
  const opened = pages.data?.pages.flatMap(({ items }) => items).find(({ name }) => name === open);
  return (
    <>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ name }) => name}
        nameOf={({ name }) => name}
        onOpen={({ name }) => onShow(name)}
        openId={open}
        empty={
          <Empty icon={<IconWorld />} title={t.emptyTitle} action={add}>
            {emptyText}
          </Empty>
        }
      />
      {opened !== undefined && (
        <DomainDrawer organization={organization} domain={opened} mayChange={mayChange} onClose={() => onShow(undefined)} />
      )}
    </>
  );
};
