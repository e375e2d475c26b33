import type { DeviceView } from '@latchkey/contract';
import { Anchor, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { actsOf, tones } from './acts.ts';
import { DeviceActs } from './change-devices.tsx';
import { texts } from './texts.ts';

type ParameterName = keyof (typeof texts.en)['parameters'];

/** One device: how it stands, what is proved of it, what it says of itself, and what can be done with it. */
export const DeviceDrawer = ({
  organization,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const may = useMay('devices');
  const mayDirectory = useMay('directory');
  const { data: device, error } = useQuery({
    queryKey: ['devices', organization, 'one', id],
    queryFn: ({ signal }) => call<DeviceView>('GET', `/organizations/${organization}/devices/${id}`, { signal }),
  });
  if (device === undefined) {
    return (
      <SideDrawer title={t.columns.host} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  const nameOf = (name: string): string => (name in t.parameters ? t.parameters[name as ParameterName] : name); // just asked
  return (
    <SideDrawer title={device.parameters.hostName ?? device.userName} onClose={onClose}>
      <Stack>
        <Group gap="xs" justify="space-between">
          <State tone={tones[device.state]}>{t.states[device.state]}</State>
          {may === 'full' && (
            <Group gap="xs">
              <DeviceActs organization={organization} devices={[device]} acts={actsOf(device.state)} />
            </Group>
          )}
        </Group>
        <Facts
          facts={[
            [
              t.user,
              device.userId === null || mayDirectory === 'none' ? (
                device.userName
              ) : (
                <Anchor
                  key="user"
                  renderRoot={(props) => (
                    <Link
                      to="/o/$organization/directory/users"
                      params={{ organization }}
                      search={{ open: device.userId ?? '' }}
                      {...props}
                    />
                  )}
                >
                  {device.userName}
                </Anchor>
              ),
            ],
            ...(device.stateReason === '' ? [] : [[t.whyState, <code key="why">{device.stateReason}</code>] as const]),
            [t.columns.evidence, device.evidence],
            [t.signIns, device.signIns],
            [t.columns.lastSeen, <Time key="seen" at={device.lastSeenAt} />],
            [t.enrolled, <Time key="enrolled" at={device.createdAt} absolute />],
            [t.address, device.remoteAddress],
            [
              t.token,
              <Anchor
                key="token"
                renderRoot={(props) => (
                  <Link
                    to="/o/$organization/devices/tokens"
                    params={{ organization }}
                    search={{ open: device.tokenId }}
                    {...props}
                  />
                )}
              >
                {device.tokenId}
              </Anchor>,
            ],
            [t.id, <Copyable key="id" value={device.id} />],
            [t.key, <Copyable key="key" value={device.keyThumbprint} />],
          ]}
        />
        <div>
          <Title order={3} size="h5">
            {t.says}
          </Title>
          <Text c="dimmed" size="sm">
            {t.saysWhy}
          </Text>
        </div>
        <Facts facts={Object.entries(device.parameters).map(([name, value]) => [nameOf(name), value])} />
      </Stack>
    </SideDrawer>
  );
};
