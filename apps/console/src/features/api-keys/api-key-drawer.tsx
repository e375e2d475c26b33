import type { ApiKeyView } from '@latchkey/contract';
import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { texts } from './texts.ts';
import { tones } from './tones.ts';
import { useGrants } from './use-grants.ts';
import { useHolder } from './use-holder.ts';

/** One key, by what is known of it, and its end. */
export const ApiKeyDrawer = ({
  apiKey,
  loading,
  onClose,
}: {
  readonly apiKey: ApiKeyView | undefined;
  readonly loading: boolean;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const grants = useGrants();
  const queryClient = useQueryClient();
  const notify = useNotify();
  const { path, key } = useHolder();
  const may = useMay('api-keys');
  const [revoking, setRevoking] = useState(false);
  if (apiKey === undefined) {
    return (
      <SideDrawer title={t.title} onClose={onClose}>
        {loading ? <Loader /> : <Text>{t.gone}</Text>}
      </SideDrawer>
    );
  }
  const { id, description, state, revokedAt } = apiKey;
  return (
    <SideDrawer title={description} onClose={onClose}>
      <Stack>
        <Group gap="md">
          <State tone={tones[state]}>{t.states[state]}</State>
          {may === 'full' && state === 'live' && (
            <Button variant="light" color="red" size="compact-md" ml="auto" onClick={() => setRevoking(true)}>
              {t.revoke}
            </Button>
          )}
        </Group>
        <Facts
          facts={[
            [t.id, <Copyable key="id" value={id} />],
            [t.columns.hint, <code key="hint">…{apiKey.hint}</code>],
            [t.columns.reach, grants(apiKey.scopes)],
            [t.columns.lastUsed, <Time key="used" at={apiKey.lastUsedAt} />],
            [t.columns.expires, <Time key="expires" at={apiKey.expiresAt} absolute />],
            [t.createdAt, <Time key="created" at={apiKey.createdAt} absolute />],
            ...(revokedAt === null ? [] : [[t.revokedAt, <Time key="revoked" at={revokedAt} absolute />] as const]),
          ]}
        />
      </Stack>
      {revoking && (
        <Confirm
          title={t.revokeTitle}
          typed={description}
          action={t.revoke}
          onClose={() => setRevoking(false)}
          onConfirm={async () => {
            await call('POST', `${path}/${id}/revoke`);
            await queryClient.invalidateQueries({ queryKey: ['api-keys', key] });
            notify(t.revoked);
          }}
        >
          {t.revokeText(description)}
        </Confirm>
      )}
    </SideDrawer>
  );
};
