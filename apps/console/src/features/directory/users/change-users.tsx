import type { DeviceView, SessionView, UserView } from '@latchkey/contract';
import { Button, Group, List, Modal, Progress, Stack, Text, TextInput, useMantineTheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call, type Page, queryString } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { FirstNames } from '../../../components/first-names.tsx';
import { useDescribed } from '../../../components/problem.tsx';
import { texts as components } from '../../../components/texts.ts';
import { useNotify } from '../../../components/use-notify.ts';
import { setMember } from '../members.ts';
import { usersPath } from '../paths.ts';
import { SetSelect } from '../pickers.tsx';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { mayAct, type UserAct, userActs } from './acts.ts';
import { type Failure, runEach } from './run-each.ts';
import { texts } from './texts.ts';

/** For so many it is asked what devices they have. */
const COUNTED = 50;

const changeUser = (organization: string, act: UserAct, { id }: UserView, groupId: string): Promise<unknown> =>
  act === 'join'
    ? setMember(organization, { sets: 'groups', id: groupId, userId: id, member: true })
    : act === 'delete'
      ? call('DELETE', `${usersPath(organization)}/${id}`)
      : call('POST', `${usersPath(organization)}/${id}/${act}`);

interface Hit {
  readonly devices: number;
  readonly signedIn: number;
}

/** How many devices are bound to these users, and how many of those are signed in; undefined while that is not known, or nobody's business. */
const useHit = (organization: string, users: readonly UserView[], enabled: boolean): Hit | undefined => {
  const may = useMay('devices');
  const names = users.map(({ userName }) => userName);
  const { data } = useQuery({
    queryKey: ['devices', organization, 'hit', names],
    queryFn: async ({ signal }) => {
      const list = <Item,>(path: string, query: Readonly<Record<string, string | number>>) =>
        call<Page<Item>>('GET', `/organizations/${organization}/${path}${queryString(query)}`, { signal });
      const hit = { devices: 0, signedIn: 0 };
      for (const userName of names) {
        hit.devices += (await list<DeviceView>('devices', { userName, limit: 1 })).total ?? 0;
        // Found by the beginning of the name.
        const { items } = await list<SessionView>('sessions', { q: userName, limit: 200 });
        hit.signedIn += items.filter(({ user }) => user.userName === userName).length;
      }
      return hit;
    },
    enabled: enabled && may !== 'none' && users.length <= COUNTED,
  });
  return data;
};

type Result = Awaited<ReturnType<typeof runEach<UserView>>>;

const Why = ({ error }: { readonly error: unknown }) => useDescribed(error).title;

/** Why one or the other could not be changed. */
const Refusals = ({ failures }: { readonly failures: readonly Failure<UserView>[] }) => (
  <List size="sm">
    {failures.map(({ item, error }) => (
      <List.Item key={item.id}>
        <strong>{item.userName}</strong>: <Why error={error} />
      </List.Item>
    ))}
  </List>
);

/** Asks, does one thing to one user or many with a bar that shows how far it is, and tells what could not be done. */
export const ChangeUsers = ({
  organization,
  users,
  leftOut = 0,
  act,
  onClose,
}: {
  readonly organization: string;
  readonly users: readonly UserView[];
  /** So many were selected that it cannot be done to. */
  readonly leftOut?: number;
  readonly act: UserAct;
  /** With whether anything was done. */
  readonly onClose: (done: boolean) => void;
}) => {
  const t = useTexts(texts);
  const c = useTexts(components);
  const theme = useMantineTheme();
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const [typed, setTyped] = useState('');
  const [groupId, setGroupId] = useState<string | null>(null);
  const [ended, setEnded] = useState<number>();
  const [result, setResult] = useState<Result>();
  const stopped = useRef(false);
  const destroys = act === 'delete';
  const hit = useHit(organization, users, destroys);
  const [first] = users;
  const what = users.length === 1 && first !== undefined ? first.userName : t.usersCount(users.length);
  const word = users.length === 1 ? what : String(users.length);

  const run = async () => {
    setEnded(0);
    const made = await runEach(users, (user) => changeUser(organization, act, user, groupId ?? ''), {
      onProgress: setEnded,
      stopped: () => stopped.current,
    });
    const opposite = act === 'disable' ? 'enable' : act === 'enable' ? 'disable' : undefined;
    if (made.done.length > 0) {
      const undo = async () => {
        if (opposite === undefined) return;
        const back = await runEach(made.done, (user) => changeUser(organization, opposite, user, ''), {
          onProgress: () => undefined,
          stopped: () => false,
        });
        await changed();
        const [failure] = back.failures;
        if (failure !== undefined) throw failure.error;
      };
      notify(t.results[act](t.usersCount(made.done.length)), opposite === undefined ? undefined : undo);
    }
    if (made.done.length === users.length) onClose(true);
    else setResult(made);
    await changed();
  };

  if (result !== undefined) {
    const untouched = users.length - result.done.length - result.failures.length;
    return (
      <Modal
        opened
        centered
        onClose={() => onClose(result.done.length > 0)}
        title={t.results[act](t.usersCount(result.done.length))}
        closeButtonProps={{ 'aria-label': c.close }}
      >
        <Stack gap="sm">
          {result.failures.length > 0 && (
            <>
              <Text role="alert">{t.failed(result.failures.length)}</Text>
              <Refusals failures={result.failures} />
            </>
          )}
          {untouched > 0 && <Text>{t.stopped(untouched)}</Text>}
          <Group justify="flex-end">
            <Button onClick={() => onClose(result.done.length > 0)}>{t.close}</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  const running = ended !== undefined;
  return (
    <Modal
      opened
      centered
      onClose={() => onClose(false)}
      title={t.titles[act](what)}
      withCloseButton={!running}
      closeOnEscape={!running}
      closeOnClickOutside={!running}
      closeButtonProps={{ 'aria-label': c.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="md">
          <Text>{t.consequences[act]}</Text>
          {hit !== undefined && (
            <Text>
              {t.devicesHit(hit.devices)} {hit.signedIn > 0 && t.signedInHit(hit.signedIn)}
            </Text>
          )}
          <FirstNames
            items={users}
            nameOf={({ userName, displayName }) => (displayName === '' ? userName : `${userName} · ${displayName}`)}
          />
          {leftOut > 0 && <Text c="dimmed">{t.leftOut(leftOut)}</Text>}
          {act === 'join' && (
            <SetSelect
              label={t.columns.group}
              organization={organization}
              sets="groups"
              required
              disabled={running}
              value={groupId}
              onChange={setGroupId}
            />
          )}
          {destroys && (
            <TextInput
              label={c.confirmByTyping(word)}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              disabled={running}
              data-autofocus
            />
          )}
          {running && (
            <div role="status">
              <Progress value={(100 * ended) / users.length} aria-label={t.running(ended, users.length)} />
              <Text size="sm" mt={4}>
                {t.running(ended, users.length)}
              </Text>
            </div>
          )}
          <Group justify="flex-end" gap="xs">
            <Button
              variant="default"
              onClick={() => {
                if (running) stopped.current = true;
                else onClose(false);
              }}
            >
              {running ? t.stop : c.cancel}
            </Button>
            <Button
              type="submit"
              color={destroys ? 'red' : theme.primaryColor}
              loading={running}
              disabled={(destroys && typed.trim() !== word) || (act === 'join' && groupId === null)}
            >
              {t.acts[act]}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};

/** A button for each thing that can be done to some of the selected users. */
export const BulkActs = ({
  organization,
  users,
  onDone,
}: {
  readonly organization: string;
  readonly users: readonly UserView[];
  readonly onDone: () => void;
}) => {
  const t = useTexts(texts);
  const [asking, setAsking] = useState<{
    readonly act: UserAct;
    readonly users: readonly UserView[];
    readonly leftOut: number;
  }>();
  return (
    <>
      {userActs.map((act) => {
        const fitting = users.filter((user) => mayAct(act, user));
        return (
          fitting.length > 0 && (
            <Button
              key={act}
              size="compact-md"
              variant={act === 'delete' ? 'light' : 'default'}
              {...(act === 'delete' ? { color: 'red' } : {})}
              onClick={() => setAsking({ act, users: fitting, leftOut: users.length - fitting.length })}
            >
              {t.acts[act]}
            </Button>
          )
        );
      })}
      {asking !== undefined && (
        <ChangeUsers
          organization={organization}
          {...asking}
          onClose={(done) => {
            setAsking(undefined);
            if (done) onDone();
          }}
        />
      )}
    </>
  );
};
