import type { AdministratorView } from '@latchkey/contract';
import { Anchor, Button, Group, Loader, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useSession } from '../../../app/session.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { Copyable } from '../../../components/copy.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { factorsOf } from './second-factors.ts';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';
import { useRoles } from './use-roles.ts';

type Act = 'disable' | 'reset' | 'endSessions' | 'remove';

/** Another role, chosen and then saved. */
const Role = ({
  administrator,
  onSave,
}: {
  readonly administrator: AdministratorView;
  readonly onSave: (roleId: string) => Promise<unknown>;
}) => {
  const t = useTexts(texts);
  const { roles } = useRoles();
  const [roleId, setRoleId] = useState(administrator.roleId);
  const save = useMutation({ mutationFn: () => onSave(roleId) });
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <NativeSelect
          aria-label={t.columns.role}
          data={roles.map(({ id, name }) => ({ value: id, label: name }))}
          value={roleId}
          onChange={(event) => setRoleId(event.currentTarget.value)}
        />
        {roleId !== administrator.roleId && (
          <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
            {t.saveRole}
          </Button>
        )}
      </Group>
      <Problem error={save.error} />
    </Stack>
  );
};

/** One administrator, and what another one can do with them. */
export const AdministratorDrawer = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const { organization, path: holder, key, may } = useHolder();
  const { administrator: self } = useSession();
  const { nameOf } = useRoles();
  const [doing, setDoing] = useState<Act>();
  const path = `${holder}/administrators/${id}`;
  const { data: administrator, error } = useQuery({
    queryKey: ['administrators', key, 'one', id],
    queryFn: ({ signal }) => call<AdministratorView>('GET', path, { signal }),
  });
  const changed = async (message: string) => {
    await queryClient.invalidateQueries({ queryKey: ['administrators', key] });
    notify(message);
  };
  const change = async (body: Partial<Pick<AdministratorView, 'roleId' | 'state'>>, message: string) => {
    await call('PATCH', path, { body });
    await changed(message);
  };
  const enable = useMutation({ mutationFn: () => change({ state: 'active' }, t.enabled) });

  if (administrator === undefined) {
    return (
      <SideDrawer title={t.administrator} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const { displayName, userName, state } = administrator;
  const isSelf = id === self?.id;
  const factors = factorsOf(administrator);
  const acts: Readonly<
    Record<
      Act,
      {
        readonly action: string;
        readonly title: string;
        readonly text: ReactNode;
        readonly typed?: string;
        run: () => Promise<unknown>;
      }
    >
  > = {
    disable: {
      action: t.disable,
      title: t.disableTitle(displayName),
      text: t.disableText,
      run: () => change({ state: 'disabled' }, t.disabled),
    },
    reset: {
      action: t.reset,
      title: t.resetTitle(displayName),
      text: t.resetText,
      typed: userName,
      run: async () => {
        await call('POST', `${path}/reset-second-factor`);
        await changed(t.resetDone);
      },
    },
    endSessions: {
      action: t.endSessions,
      title: t.endSessionsTitle(displayName),
      text: t.endSessionsText,
      run: async () => {
        await call('POST', `${path}/end-sessions`);
        notify(t.sessionsEnded);
      },
    },
    remove: {
      action: t.remove,
      title: t.removeTitle(displayName),
      text: t.removeText,
      typed: userName,
      run: async () => {
        await call('DELETE', path);
        await changed(t.removed);
        onClose();
      },
    },
  };
  const act = doing === undefined ? undefined : acts[doing];
  return (
    <SideDrawer title={displayName} onClose={onClose}>
      <Stack>
        <Group gap="xs">
          <State tone={state === 'active' ? 'good' : 'bad'}>{t.states[state]}</State>
          {may === 'full' && !isSelf && (
            <Group gap="xs" ml="auto">
              {state === 'active' ? (
                <Button variant="default" size="compact-md" onClick={() => setDoing('disable')}>
                  {t.disable}
                </Button>
              ) : (
                <Button variant="default" size="compact-md" loading={enable.isPending} onClick={() => enable.mutate()}>
                  {t.enable}
                </Button>
              )}
              <Button variant="light" color="red" size="compact-md" onClick={() => setDoing('remove')}>
                {t.remove}
              </Button>
            </Group>
          )}
        </Group>
        <Problem error={enable.error} />
        <Facts
          facts={[
            [t.columns.userName, <Copyable key="userName" value={userName} />],
            [t.id, <Copyable key="id" value={id} />],
            [
              t.columns.role,
              may === 'full' ? (
                <Role
                  key={`role-${administrator.roleId}`}
                  administrator={administrator}
                  onSave={(roleId) => change({ roleId }, t.roleSaved)}
                />
              ) : (
                nameOf(administrator.roleId)
              ),
            ],
            [
              t.columns.factors,
              <Group key="factors" gap="xs" justify="space-between">
                <span>{factors.map((factor) => t.factors[factor]).join(', ') || t.factors.none}</span>
                {may === 'full' && !isSelf && factors.length > 0 && (
                  <Button variant="default" size="compact-sm" onClick={() => setDoing('reset')}>
                    {t.reset}
                  </Button>
                )}
              </Group>,
            ],
            [
              t.columns.lastSignedIn,
              <Group key="signed-in" gap="xs" justify="space-between">
                <Time at={administrator.lastSignedInAt} absolute />
                {may === 'full' && !isSelf && (
                  <Button variant="default" size="compact-sm" onClick={() => setDoing('endSessions')}>
                    {t.endSessions}
                  </Button>
                )}
              </Group>,
            ],
            [t.joined, <Time key="joined" at={administrator.createdAt} absolute />],
          ]}
        />
        {isSelf && (
          <Text size="sm" c="dimmed">
            {t.thisIsYou}{' '}
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link to={organization === undefined ? '/operator/account' : `/o/${organization}/account`} {...props} />
              )}
            >
              {t.toAccount}
            </Anchor>
          </Text>
        )}
      </Stack>
      {act !== undefined && (
        <Confirm
          title={act.title}
          action={act.action}
          {...(act.typed === undefined ? {} : { typed: act.typed })}
          onClose={() => setDoing(undefined)}
          onConfirm={act.run}
        >
          {act.text}
        </Confirm>
      )}
    </SideDrawer>
  );
};
