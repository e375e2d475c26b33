import type { DeviceView } from '@latchkey/contract';
import { Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { ConfirmEach } from '../../components/confirm-each.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { type Act, destroys, requestOf } from './acts.ts';
import { texts } from './texts.ts';

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
  const [first] = devices;
  const what =
    devices.length === 1 && first !== undefined ? (first.parameters.hostName ?? first.userName) : t.devices(devices.length);
  return (
    <ConfirmEach
      title={t.titles[act](what)}
      action={t.acts[act]}
      calm={!destroys(act)}
      typed={destroys(act) ? (devices.length === 1 ? what : String(devices.length)) : undefined}
      items={devices}
      nameOf={({ userName, parameters }) => `${parameters.hostName ?? ''} · ${userName}`}
      onEach={({ id }, reason) => {
        const { path, body } = requestOf(act, reason);
        return call('POST', `/organizations/${organization}/devices/${id}/${path}`, { body });
      }}
      onEnded={(all) => {
        if (all) notify(t.done);
        return queryClient.invalidateQueries({ queryKey: ['devices', organization] });
      }}
      onClose={onClose}
    >
      <Text>{t.consequences[act]}</Text>
    </ConfirmEach>
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
