import type { DeviceView } from '@latchkey/contract';
import { Button, List, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { type Act, destroys, requestOf } from './acts.ts';
import { texts } from './texts.ts';

/** How many are named before the rest is counted. */
const NAMED = 5;

/** Asks, then does one thing to one device or many, one after the other. */
const ChangeDevices = ({
  organization,
  devices,
  act,
  onClose,
}: {
  readonly organization: string;
  readonly devices: readonly DeviceView[];
  readonly act: Act;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const [reason, setReason] = useState('');
  const [left, setLeft] = useState(devices);
  const [first] = devices;
  const what =
    devices.length === 1 && first !== undefined ? (first.parameters.hostName ?? first.userName) : t.devices(devices.length);
  const typed = destroys(act) ? (devices.length === 1 ? what : String(devices.length)) : undefined;
  const change = async () => {
    const { path, body } = requestOf(act, reason.trim());
    const waiting = [...left];
    try {
      for (const device of left) {
        await call('POST', `/organizations/${organization}/devices/${device.id}/${path}`, { body });
        waiting.shift();
      }
      notify(t.done);
    } finally {
      setLeft(waiting);
      await queryClient.invalidateQueries({ queryKey: ['devices', organization] });
    }
  };
  return (
    <Confirm
      title={t.titles[act](what)}
      action={t.acts[act]}
      calm={!destroys(act)}
      {...(typed === undefined ? {} : { typed })}
      onClose={onClose}
      onConfirm={change}
    >
      <Stack gap="sm">
        <Text>{t.consequences[act]}</Text>
        {devices.length > 1 && (
          <List size="sm">
            {devices.slice(0, NAMED).map(({ id, userName, parameters }) => (
              <List.Item key={id}>
                {parameters.hostName} · {userName}
              </List.Item>
            ))}
            {devices.length > NAMED && <List.Item>+ {devices.length - NAMED}</List.Item>}
          </List>
        )}
        {left.length < devices.length && <Text role="status">{t.partly(devices.length - left.length, devices.length)}</Text>}
        <TextInput
          label={t.reason}
          description={t.reasonHint}
          maxLength={255}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Stack>
    </Confirm>
  );
};

/** A button for each act, and the question that it asks. */
export const DeviceActs = ({
  organization,
  devices,
  acts,
  onDone,
}: {
  readonly organization: string;
  readonly devices: readonly DeviceView[];
  readonly acts: readonly Act[];
  readonly onDone?: () => void;
}) => {
  const t = useTexts(texts);
  const [asking, setAsking] = useState<{ readonly act: Act; readonly devices: readonly DeviceView[] }>();
  return (
    <>
      {acts.map((act) => (
        <Button
          key={act}
          size="compact-md"
          variant={act === 'approve' ? 'filled' : destroys(act) ? 'light' : 'default'}
          {...(destroys(act) ? { color: 'red' } : {})}
          onClick={() => setAsking({ act, devices })}
        >
          {t.acts[act]}
        </Button>
      ))}
      {asking !== undefined && (
        <ChangeDevices
          organization={organization}
          devices={asking.devices}
          act={asking.act}
          onClose={() => {
            setAsking(undefined);
            onDone?.();
          }}
        />
      )}
    </>
  );
};
