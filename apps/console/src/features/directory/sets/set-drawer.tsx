import type { UserView } from '@latchkey/contract';
import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Page, queryString } from '../../../app/api.ts';
import { useLanguage, useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { Copyable } from '../../../components/copy.tsx';
import { Facts } from '../../../components/facts.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { Time } from '../../../components/time.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { Comments } from '../comments.tsx';
import { directoryKey, type SetsPath, setsPath, usersPath } from '../paths.ts';
import type { SetView } from '../set-view.ts';
import { isHosted, useSources } from '../source.ts';
import { texts as shared } from '../texts.ts';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { EditSet } from './edit-set.tsx';
import { Members, memberFilter } from './members.tsx';
import { texts } from './texts.ts';

/** Says how many are hit, and asks for the name to be typed. */
const DeleteSet = ({
  organization,
  sets,
  set,
  onDeleted,
  onClose,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  readonly set: SetView;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}) => {
  const texts_ = useTexts(texts);
  const t = texts_[sets];
  const s = useTexts(shared);
  const { language } = useLanguage();
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const query = queryString({ ...memberFilter(sets, set.id), limit: 1 });
  const { data: members } = useQuery({
    queryKey: [...directoryKey(organization), 'users', 'count', query],
    queryFn: ({ signal }) => call<Page<UserView>>('GET', `${usersPath(organization)}${query}`, { signal }),
  });
  return (
    <Confirm
      title={t.deleteTitle(set.name)}
      typed={set.name}
      action={s.delete}
      onClose={onClose}
      onConfirm={async () => {
        await call('DELETE', `${setsPath(organization, sets)}/${set.id}`);
        notify(t.deletedDone(set.name));
        onDeleted();
        await changed();
      }}
    >
      <Stack gap="xs">
        <Text>{t.deleteText}</Text>
        {members?.total !== undefined && (
          <Text>{texts_.membersHit(members.total.toLocaleString(language), members.totalIsEstimate === true)}</Text>
        )}
      </Stack>
    </Confirm>
  );
};

/** One group or department, with its users. */
export const SetDrawer = ({
  organization,
  sets,
  id,
  onClose,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const texts_ = useTexts(texts);
  const t = texts_[sets];
  const s = useTexts(shared);
  const { language } = useLanguage();
  const may = useMay('directory');
  const sources = useSources(organization);
  const [doing, setDoing] = useState<'edit' | 'delete'>();
  const { data: set, error } = useQuery({
    queryKey: [...directoryKey(organization), sets, id],
    queryFn: ({ signal }) => call<SetView>('GET', `${setsPath(organization, sets)}/${id}`, { signal }),
  });
  if (set === undefined) {
    return (
      <SideDrawer title={t.title} onClose={onClose}>
        {error === null ? <Loader /> : <Problem error={error} />}
      </SideDrawer>
    );
  }
  if (doing === 'edit') {
    return (
      <SideDrawer title={set.name} onClose={onClose}>
        <EditSet organization={organization} sets={sets} set={set} onDone={() => setDoing(undefined)} />
      </SideDrawer>
    );
  }
  const owned = set.readOnly.map((name) => (name in s.fields ? s.fields[name as keyof typeof s.fields] : name)); // just asked
  return (
    <SideDrawer title={set.name} onClose={onClose}>
      <Stack>
        <Problem error={error} />
        {may === 'full' && (
          <Group gap="xs">
            <Button variant="default" size="compact-md" onClick={() => setDoing('edit')}>
              {s.edit}
            </Button>
            {!set.readOnly.includes('existence') && (
              <Button variant="light" color="red" size="compact-md" onClick={() => setDoing('delete')}>
                {s.delete}
              </Button>
            )}
          </Group>
        )}
        {(set.system || !isHosted(set.source)) && (
          <Alert color="gray" variant="light" icon={<IconLock size={18} />}>
            {set.system
              ? texts_.system
              : texts_.ownerText(
                  sources.ownerOf(set.source),
                  new Intl.ListFormat(language, { type: 'conjunction' }).format(owned),
                )}
          </Alert>
        )}
        <Facts
          facts={[
            ...(set.comments === '' ? [] : [[s.comments, <Comments key="comments">{set.comments}</Comments>] as const]),
            [s.source, sources.cameFrom(set.source)],
            [s.created, <Time key="created" at={set.createdAt} absolute />],
            [s.changed, <Time key="changed" at={set.updatedAt} absolute />],
            [s.id, <Copyable key="id" value={set.id} />],
          ]}
        />
        <Members organization={organization} sets={sets} set={set} />
      </Stack>
      {doing === 'delete' && (
        <DeleteSet organization={organization} sets={sets} set={set} onDeleted={onClose} onClose={() => setDoing(undefined)} />
      )}
    </SideDrawer>
  );
};
