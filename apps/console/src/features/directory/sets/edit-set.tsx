import { Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { Conflict, isConflict } from '../conflict.tsx';
import { type SetsPath, setsPath } from '../paths.ts';
import type { SetView } from '../set-view.ts';
import { useSources } from '../source.ts';
import { texts as shared } from '../texts.ts';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { SetFields } from './set-fields.tsx';
import { texts } from './texts.ts';

const names = ['name', 'comments'] as const;

/** Changes a group or department, if it is still the one that was opened; else shows what somebody else has made of it. */
export const EditSet = ({
  organization,
  sets,
  set,
  onDone,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  readonly set: SetView;
  readonly onDone: () => void;
}) => {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const notify = useNotify();
  const sources = useSources(organization);
  const changed = useDirectoryChanged(organization);
  // What was opened: what is written since is compared with it, whatever comes in meanwhile.
  const [opened] = useState(set);
  const [values, setValues] = useState({ name: set.name, comments: set.comments });
  const save = useMutation({
    mutationFn: ({ revision }: SetView) => {
      const body = Object.fromEntries(names.filter((name) => values[name] !== opened[name]).map((name) => [name, values[name]]));
      return call<SetView>('PATCH', `${setsPath(organization, sets)}/${set.id}`, { body, ifMatch: `"${revision}"` });
    },
    onSuccess: async () => {
      await changed();
      notify(s.saved);
      onDone();
    },
    onError: async (error) => {
      if (isConflict(error)) await changed();
    },
  });
  const conflict = isConflict(save.error);
  const lockedName = set.system
    ? t.system
    : set.readOnly.includes('name')
      ? s.ownedField(sources.ownerOf(set.source))
      : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(opened);
      }}
    >
      <Stack>
        <SetFields
          values={values}
          errors={fieldErrors(save.error)}
          lockedName={lockedName}
          onChange={(change) => setValues((old) => ({ ...old, ...change }))}
        />
        {conflict ? (
          <Conflict
            busy={save.isPending}
            differences={names
              .filter((name) => values[name] !== opened[name] && values[name] !== set[name])
              .map((name) => ({ name: s[name], there: set[name], yours: values[name] }))}
            onSaveMine={() => save.mutate(set)}
            onTakeTheirs={onDone}
          />
        ) : (
          <Problem error={save.error} />
        )}
        <FormActions submit={conflict ? undefined : s.save} busy={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  );
};
