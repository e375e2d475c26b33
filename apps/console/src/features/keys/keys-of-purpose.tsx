import type { SigningKeyPurpose, SigningKeyView } from '@latchkey/contract';
import { Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { useLanguage, useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Panel } from '../../components/panel.tsx';
import { relativeTime } from '../../components/relative-time.ts';
import { State, type Tone } from '../../components/state.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { endsSoon } from './ends-soon.ts';
import classes from './signing-keys-page.module.css';
import { texts } from './texts.ts';

const tones: Readonly<Record<SigningKeyView['state'], Tone>> = { active: 'good', next: 'warn', retiring: 'calm' };
/** In the order of a key's life, the one that signs first. */
const order: readonly SigningKeyView['state'][] = ['active', 'next', 'retiring'];

type Doing = { readonly act: 'publish' } | { readonly act: 'activate' | 'remove'; readonly key: SigningKeyView };

/** The keys of one purpose, and the three steps by which one follows the other. */
export const KeysOfPurpose = ({
  organization,
  purpose,
  keys,
  onOpen,
}: {
  readonly organization: string;
  readonly purpose: SigningKeyPurpose;
  readonly keys: readonly SigningKeyView[];
  readonly onOpen: (id: string) => void;
}) => {
  const t = useTexts(texts);
  const { language } = useLanguage();
  const queryClient = useQueryClient();
  const notify = useNotify();
  const may = useMay('organization');
  const [doing, setDoing] = useState<Doing>();
  const path = `/organizations/${organization}/signing-keys`;
  const done = async (message: string) => {
    await queryClient.invalidateQueries({ queryKey: ['signing-keys', organization] });
    notify(message);
  };
  const name = t.purposes[purpose];
  const ago = (at: string) => relativeTime(language, Date.parse(at), Date.now());
  const question = () => {
    if (doing === undefined) return undefined;
    if (doing.act === 'publish') {
      return {
        title: t.publishTitle(name),
        action: t.publish,
        calm: true,
        text: t.publishText,
        run: async () => {
          await call('POST', path, { body: { purpose } });
          await done(t.published);
        },
      };
    }
    const { key } = doing;
    if (doing.act === 'activate') {
      return {
        title: t.activateTitle,
        action: t.activate,
        calm: key.state === 'retiring',
        text: key.state === 'retiring' ? t.reactivateText : t.activateText(ago(key.stateSince)),
        run: async () => {
          await call('POST', `${path}/${key.id}/activate`);
          await done(t.activated);
        },
      };
    }
    return {
      title: t.removeTitle,
      action: t.remove,
      calm: false,
      text: key.state === 'next' ? t.removeNextText : t.removeRetiringText,
      run: async () => {
        await call('DELETE', `${path}/${key.id}`);
        await done(t.removed);
      },
    };
  };
  const asked = question();
  const hasNext = keys.some(({ state }) => state === 'next');
  return (
    <Panel
      title={name}
      actions={
        may === 'full' &&
        !hasNext && (
          <Button variant="default" size="compact-md" onClick={() => setDoing({ act: 'publish' })}>
            {t.publish}
          </Button>
        )
      }
    >
      <Text c="dimmed" size="sm" className={classes.text}>
        {t.purposeTexts[purpose]}
      </Text>
      <table className={classes.keys} aria-label={name}>
        <thead>
          <tr>
            <th scope="col" data-state>
              {t.columns.state}
            </th>
            <th scope="col" data-hide-below="sm">
              {t.columns.fingerprint}
            </th>
            <th scope="col" data-algorithm data-hide-below="md">
              {t.columns.algorithm}
            </th>
            <th scope="col" data-hide-below="sm">
              {t.columns.until}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {order
            .flatMap((state) => keys.filter((key) => key.state === state))
            .map((key) => (
              <tr key={key.id}>
                <td>
                  <State tone={tones[key.state]}>{t.states[key.state]}</State>
                </td>
                <td data-hide-below="sm">
                  <button
                    type="button"
                    className={classes.fingerprint}
                    aria-label={t.open(key.fingerprint)}
                    onClick={() => onOpen(key.id)}
                  >
                    {key.fingerprint.slice(0, 23)}…
                  </button>
                </td>
                <td data-hide-below="md">{key.algorithm}</td>
                <td data-hide-below="sm">
                  {endsSoon(key, Date.now()) ? (
                    <State tone="warn">{t.endsSoon(ago(key.validUntil))}</State>
                  ) : (
                    <Time at={key.validUntil} absolute />
                  )}
                </td>
                <td>
                  <Group gap={6} justify="flex-end">
                    <Button hiddenFrom="sm" variant="default" size="compact-sm" onClick={() => onOpen(key.id)}>
                      {t.certificate}
                    </Button>
                    {may === 'full' && key.state !== 'active' && (
                      <>
                        <Button variant="default" size="compact-sm" onClick={() => setDoing({ act: 'activate', key })}>
                          {t.activate}
                        </Button>
                        <Button variant="light" color="red" size="compact-sm" onClick={() => setDoing({ act: 'remove', key })}>
                          {t.remove}
                        </Button>
                      </>
                    )}
                  </Group>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {asked !== undefined && (
        <Confirm
          title={asked.title}
          action={asked.action}
          calm={asked.calm}
          onClose={() => setDoing(undefined)}
          onConfirm={asked.run}
        >
          {asked.text}
        </Confirm>
      )}
    </Panel>
  );
};
