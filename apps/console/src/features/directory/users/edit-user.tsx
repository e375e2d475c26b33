import type { DepartmentView, UserView } from '@latchkey/contract';
import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { Conflict, isConflict } from '../conflict.tsx';
import { directoryKey, usersPath } from '../paths.ts';
import { texts as shared } from '../texts.ts';
import { texts } from './texts.ts';
import { UserFields, type UserValues } from './user-fields.tsx';

const valuesOf = ({ userName, displayName, email, department, comments }: UserView): UserValues => ({
  userName,
  displayName,
  email,
  department: department?.id ?? null,
  comments,
});
const names = ['userName', 'displayName', 'email', 'department', 'comments'] as const satisfies readonly (keyof UserValues)[];

/** Changes a user, if it is still the one that was opened; else shows what somebody else has made of it. */
export const EditUser = ({
  organization,
  user,
  onDone,
}: {
  readonly organization: string;
  readonly user: UserView;
  readonly onDone: () => void;
}) => {
  const t = useTexts(texts);
  const s = useTexts(shared);
  const queryClient = useQueryClient();
  const notify = useNotify();
  // What was opened: what is written since is compared with it, whatever comes in meanwhile.
  const [opened] = useState(user);
  const [values, setValues] = useState(() => valuesOf(user));
  const path = `${usersPath(organization)}/${user.id}`;
  const save = useMutation({
    mutationFn: ({ revision }: UserView) => {
      const before = valuesOf(opened);
      const body = Object.fromEntries(names.filter((name) => values[name] !== before[name]).map((name) => [name, values[name]]));
      return call<UserView>('PATCH', path, { body, ifMatch: `"${revision}"` });
    },
    onSuccess: async (saved) => {
      notify(s.saved);
      queryClient.setQueryData([...directoryKey(organization), 'users', user.id], saved);
      onDone();
      await queryClient.invalidateQueries({ queryKey: directoryKey(organization) });
    },
    onError: async (error) => {
      if (isConflict(error)) await queryClient.invalidateQueries({ queryKey: [...directoryKey(organization), 'users', user.id] });
    },
  });
  const conflict = isConflict(save.error);
  const [there, before] = [valuesOf(user), valuesOf(opened)];
  const wordOf = (name: keyof UserValues, { department, ...texts }: UserValues): string =>
    name === 'department'
      ? (queryClient.getQueryData<DepartmentView>([...directoryKey(organization), 'departments', department])?.name ?? '')
      : texts[name];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(opened);
      }}
    >
      <Stack>
        <UserFields
          organization={organization}
          user={user}
          values={values}
          errors={fieldErrors(save.error)}
          onChange={(change) => setValues((old) => ({ ...old, ...change }))}
        />
        {conflict ? (
          <Conflict
            busy={save.isPending}
            // What was left alone here is saved by neither: theirs stands.
            differences={names
              .filter((name) => values[name] !== before[name] && values[name] !== there[name])
              .map((name) => ({ name: t.fields[name], there: wordOf(name, there), yours: wordOf(name, values) }))}
            onSaveMine={() => save.mutate(user)}
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
