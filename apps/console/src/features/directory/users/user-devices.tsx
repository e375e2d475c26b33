import type { DeviceView } from '@latchkey/contract';
import { Anchor, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call, type Page, queryString } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Problem } from '../../../components/problem.tsx';
import { Time } from '../../../components/time.tsx';
import { texts } from './texts.ts';

/** So many are named here; the list of devices has them all. */
const NAMED = 5;

/** The devices that have enrolled for a user. */
export const UserDevices = ({ organization, userName }: { readonly organization: string; readonly userName: string }) => {
  const t = useTexts(texts);
  const mayAudit = useMay('audit');
  const { data, error } = useQuery({
    queryKey: ['devices', organization, 'of', userName],
    queryFn: ({ signal }) => {
      const query = queryString({ userName, limit: NAMED });
      return call<Page<DeviceView>>('GET', `/organizations/${organization}/devices${query}`, { signal });
    },
  });
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t.devicesTitle}
      </Title>
      <Problem error={error} />
      {data?.items.length === 0 && (
        <Text c="dimmed" size="sm">
          {t.noDevices}
        </Text>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <Table aria-label={t.devicesTitle}>
            <Table.Tbody>
              {data.items.map(({ id, parameters, lastSeenAt }) => (
                <Table.Tr key={id}>
                  <Table.Td>
                    <Anchor
                      size="sm"
                      renderRoot={(props) => (
                        <Link to="/o/$organization/devices" params={{ organization }} search={{ open: id }} {...props} />
                      )}
                    >
                      {parameters.hostName ?? id}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{[parameters.osName, parameters.osVersion].filter(Boolean).join(' ')}</Table.Td>
                  <Table.Td>
                    {t.lastSeen} <Time at={lastSeenAt} />
                  </Table.Td>
                  {mayAudit !== 'none' && (
                    <Table.Td ta="right">
                      <Anchor
                        size="sm"
                        renderRoot={(props) => (
                          <Link
                            to="/o/$organization/sign-in/sign-ins"
                            params={{ organization }}
                            search={{ device: id, kind: 'sign_in' }}
                            {...props}
                          />
                        )}
                      >
                        {t.signIns}
                      </Anchor>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/o/$organization/devices" params={{ organization }} search={{ q: userName }} {...props} />
            )}
          >
            {t.allDevices(data.total ?? data.items.length)}
          </Anchor>
        </>
      )}
    </Stack>
  );
};
