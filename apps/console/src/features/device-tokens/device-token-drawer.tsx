import type { CreatedDeviceTokenView, DeviceTokenView } from '@latchkey/contract';
import { Anchor, Button, Group, Loader, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Copyable } from '../../components/copy.tsx';
import { Facts } from '../../components/facts.tsx';
import { Problem } from '../../components/problem.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { State } from '../../components/state.tsx';
import { texts as shared } from '../../components/texts.ts';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { CreatedDeviceToken } from './created-device-token.tsx';
import { DAY, expiryChoices } from './expiry.ts';
import { texts } from './texts.ts';
import { tones } from './tones.ts';

const overlapChoices = [0, 1, 7, 30, 90] as const;

/** The successor of a token: both are good for the overlap. */
const Rotate = ({
  path,
  onRotated,
  onClose,
}: {
  readonly path: string;
  readonly onRotated: (created: CreatedDeviceTokenView) => void;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const [overlap, setOverlap] = useState(7);
  const [expires, setExpires] = useState(90);
  const rotate = useMutation({
    mutationFn: () =>
      call<CreatedDeviceTokenView>('POST', `${path}/rotate`, {
        body: { overlapSeconds: overlap * DAY, expiresInSeconds: expires * DAY },
      }),
    onSuccess: onRotated,
  });
  return (
    <Modal opened onClose={onClose} title={t.rotateTitle} centered closeButtonProps={{ 'aria-label': c.close }}>
      <Stack>
        <Text>{t.rotateText}</Text>
        <NativeSelect
          label={t.overlap}
          data={overlapChoices.map((days) => ({ value: String(days), label: t.overlapDays(days) }))}
          value={String(overlap)}
          onChange={(event) => setOverlap(Number(event.currentTarget.value))}
        />
        <NativeSelect
          label={t.newExpires}
          data={expiryChoices.map((days) => ({ value: String(days), label: t.fields.days(days) }))}
          value={String(expires)}
          onChange={(event) => setExpires(Number(event.currentTarget.value))}
        />
        <Problem error={rotate.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {c.cancel}
          </Button>
          <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
            {t.rotate}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
};

/** One device token, and what can be done with it. */
export const DeviceTokenDrawer = ({
  organization,
  id,
  onShow,
}: {
  readonly organization: string;
  readonly id: string;
  /** Opens another one instead; undefined closes. */
  readonly onShow: (id: string | undefined) => void;
}) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const may = useMay('device-tokens');
  const [doing, setDoing] = useState<'rotate' | 'revoke'>();
  const [rotated, setRotated] = useState<CreatedDeviceTokenView>();
  const path = `/organizations/${organization}/device-tokens/${id}`;
  const { data: token, error } = useQuery({
    queryKey: ['device-tokens', organization, 'one', id],
    queryFn: ({ signal }) => call<DeviceTokenView>('GET', path, { signal }),
  });
  const changed = () => queryClient.invalidateQueries({ queryKey: ['device-tokens', organization] });
  const close = () => onShow(undefined);

  if (rotated !== undefined) return <CreatedDeviceToken organization={organization} created={rotated} onClose={close} />;
  if (token === undefined) {
    return (
      <SideDrawer title={t.deviceToken} onClose={close}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  return (
    <SideDrawer title={token.description} onClose={close}>
      <Stack>
        <Group gap="md">
          <State tone={tones[token.state]}>{t.states[token.state]}</State>
          {may === 'full' && token.revokedAt === null && (
            <Group gap="xs" ml="auto">
              <Button variant="default" size="compact-md" onClick={() => setDoing('rotate')}>
                {t.rotate}
              </Button>
              <Button variant="light" color="red" size="compact-md" onClick={() => setDoing('revoke')}>
                {t.revoke}
              </Button>
            </Group>
          )}
        </Group>
        <Facts
          facts={[
            [t.id, <Copyable key="id" value={token.id} />],
            [t.hint, <code key="hint">…{token.hint}</code>],
            [t.columns.enrollment, t.enrollments[token.enrollment]],
            [t.domains, token.domains.join(', ') || t.all],
            [t.fields.platforms, token.platforms.map((each) => t.platforms[each]).join(', ') || t.all],
            [t.networks, token.networks.join(', ') || t.anywhere],
            [
              t.columns.enrolled,
              token.maxEnrollments === null ? token.enrollments : `${token.enrollments} / ${token.maxEnrollments}`,
            ],
            [t.columns.lastUsed, <Time key="used" at={token.lastUsedAt} />],
            [t.columns.expires, <Time key="expires" at={token.expiresAt} absolute />],
            [t.created, <Time key="created" at={token.createdAt} absolute />],
            ...(token.revokedAt === null ? [] : [[t.revoked, <Time key="revoked" at={token.revokedAt} absolute />] as const]),
            ...(token.rotatedTo === null
              ? []
              : [
                  [
                    t.rotatedTo,
                    <Anchor key="successor" component="button" onClick={() => onShow(token.rotatedTo ?? undefined)}>
                      {token.rotatedTo}
                    </Anchor>,
                  ] as const,
                ]),
          ]}
        />
      </Stack>
      {doing === 'rotate' && (
        <Rotate
          path={path}
          onClose={() => setDoing(undefined)}
          onRotated={(created) => {
            void changed();
            setRotated(created);
          }}
        />
      )}
      {doing === 'revoke' && (
        <Confirm
          title={t.revokeTitle}
          typed={token.description}
          action={t.revoke}
          onClose={() => setDoing(undefined)}
          onConfirm={async () => {
            await call('POST', `${path}/revoke`);
            await changed();
            notify(t.revokedDone);
          }}
        >
          {t.revokeText(token.description, token.enrollments)}
        </Confirm>
      )}
    </SideDrawer>
  );
};
