import type { UserView } from '@latchkey/contract';
import { Alert, Anchor, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Copyable } from '../../../components/copy.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { Comments } from '../comments.tsx';
import { directoryKey, usersPath } from '../paths.ts';
import { isHosted, useSources } from '../source.ts';
import { texts as shared } from '../texts.ts';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { mayAct, mayAdopt, tones } from './acts.ts';
import { ChangeUsers } from './change-users.tsx';
import { EditUser } from './edit-user.tsx';
import { texts } from './texts.ts';
import { UserDevices } from './user-devices.tsx';
import { UserGroups } from './user-groups.tsx';

/** What can be done with the user: everything but deleting at once, and taken back as fast. */
const Acts = ({
  organization,
  user,
  onEdit,
  onClose,
}: {
  readonly organization: string;
  readonly user: UserView;
  readonly onEdit: () => void;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const [deleting, setDeleting] = useState(false);
  const path = `${usersPath(organization)}/${user.id}`;
  const setState = async (act: 'enable' | 'disable') => {
    await call<UserView>('POST', `${path}/${act}`);
    await changed();
  };
  const change = useMutation({
    mutationFn: setState,
    onSuccess: (_, act) =>
      act === 'disable'
        ? notify(t.disabledDone(user.userName), () => setState('enable'))
        : notify(t.enabledDone(user.userName), () => setState('disable')),
  });
  return (
    <>
      <Group gap="xs">
        <Button variant="default" size="compact-md" onClick={onEdit}>
          {s.edit}
        </Button>
        {(['enable', 'disable'] as const).map(
          (act) =>
            mayAct(act, user) && (
              <Button key={act} variant="default" size="compact-md" loading={change.isPending} onClick={() => change.mutate(act)}>
                {t.acts[act]}
              </Button>
            ),
        )}
        {mayAct('delete', user) && (
          <Button variant="light" color="red" size="compact-md" onClick={() => setDeleting(true)}>
            {t.acts.delete}
          </Button>
        )}
      </Group>
      <Problem error={change.error} />
      {deleting && (
        <ChangeUsers
          organization={organization}
          users={[user]}
          act="delete"
          onClose={(done) => {
            setDeleting(false);
            if (done) onClose();
          }}
        />
      )}
    </>
  );
};

/** Who owns the user, what that means, and whether administrators can take it over. */
const Owner = ({ organization, user }: { readonly organization: string; readonly user: UserView }) => {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const { language } = useLanguage();
  const sources = useSources(organization);
  const may = useMay('directory');
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const adopt = useMutation({
    mutationFn: () => call<UserView>('POST', `${usersPath(organization)}/${user.id}/adopt`),
    onSuccess: async () => {
      notify(t.adopted);
      await changed();
    },
  });
  if (isHosted(user.source)) return null;
  const names = user.readOnly.map((name) => (name in s.fields ? s.fields[name as keyof typeof s.fields] : name)); // just asked
  const fields = new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
  return (
    <Alert color="gray" variant="light" icon={<IconLock size={18} />} title={s.ownedBy(sources.ownerOf(user.source))}>
      <Text size="sm">{mayAdopt(user) ? t.jitText(fields) : t.ownerText(fields)}</Text>
      {mayAdopt(user) && may === 'full' && (
        <Button mt="xs" size="compact-sm" variant="default" loading={adopt.isPending} onClick={() => adopt.mutate()}>
          {t.adopt}
        </Button>
      )}
      <Problem error={adopt.error} />
    </Alert>
  );
};

/** One user: profile, owner, groups, devices, and what can be done. */
export const UserDrawer = ({
  organization,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const may = useMay('directory');
  const mayDevices = useMay('devices');
  const mayAudit = useMay('audit');
  const sources = useSources(organization);
  const [editing, setEditing] = useState(false);
  const { data: user, error } = useQuery({
    queryKey: [...directoryKey(organization), 'users', id],
    queryFn: ({ signal }) => call<UserView>('GET', `${usersPath(organization)}/${id}`, { signal }),
  });
  if (user === undefined) {
    return (
      <SideDrawer title={t.columns.userName} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  if (editing) {
    return (
      <SideDrawer title={user.userName} onClose={onClose}>
        <EditUser organization={organization} user={user} onDone={() => setEditing(false)} />
      </SideDrawer>
    );
  }
  const { department, disabledBy } = user;
  return (
    <SideDrawer title={user.displayName || user.userName} onClose={onClose}>
      <Stack>
        {/* Somebody may have deleted the user meanwhile. */}
        <Problem error={error} />
        <Group gap="xs" justify="space-between">
          <State tone={tones[user.state]}>{t.states[user.state]}</State>
          {may === 'full' && <Acts organization={organization} user={user} onEdit={() => setEditing(true)} onClose={onClose} />}
        </Group>
        <Owner organization={organization} user={user} />
        <Facts
          facts={[
            [t.fields.userName, <Copyable key="name" value={user.userName} />],
            [t.fields.displayName, user.displayName],
            [t.fields.email, user.email],
            [
              t.fields.department,
              department === null ? (
                s.none
              ) : (
                <Anchor
                  key="department"
                  renderRoot={(props) => (
                    <Link
                      to="/o/$organization/directory/departments"
                      params={{ organization }}
                      search={{ open: department.id }}
                      {...props}
                    />
                  )}
                >
                  {department.name}
                </Anchor>
              ),
            ],
            ...(user.comments === '' ? [] : [[s.comments, <Comments key="comments">{user.comments}</Comments>] as const]),
            ...(disabledBy === null ? [] : [[t.columns.state, t.disabledBy(sources.nameOf(disabledBy))] as const]),
            [s.source, sources.cameFrom(user.source)],
            [s.created, <Time key="created" at={user.createdAt} absolute />],
            [s.changed, <Time key="changed" at={user.updatedAt} absolute />],
            [s.id, <Copyable key="id" value={user.id} />],
          ]}
        />
        <UserGroups organization={organization} user={user} />
        {mayDevices !== 'none' && <UserDevices organization={organization} userName={user.userName} />}
        {mayAudit !== 'none' && (
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/o/$organization/audit" params={{ organization }} search={{ subject: `user:${user.id}` }} {...props} />
            )}
          >
            {t.history}
          </Anchor>
        )}
      </Stack>
    </SideDrawer>
  );
};
