import type { UserView } from '@latchkey/contract';
import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { directoryKey, usersPath } from '../paths.ts';
import { SetMultiSelect } from '../pickers.tsx';
import { texts } from './texts.ts';
import { noValues, UserFields } from './user-fields.tsx';

/** Makes a user, and shows it. */
export const CreateUser = ({
  organization,
  onShow,
}: {
  readonly organization: string;
  /** Opens a user instead; undefined closes. */
  readonly onShow: (id: string | undefined) => void;
}) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const [values, setValues] = useState(noValues);
  const [groups, setGroups] = useState<string[]>([]);
  const create = useMutation({
    mutationFn: () => call<UserView>('POST', usersPath(organization), { body: { ...values, groups } }),
    onSuccess: async ({ id, userName }) => {
      notify(t.createdDone(userName));
      onShow(id);
      await queryClient.invalidateQueries({ queryKey: directoryKey(organization) });
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <SideDrawer title={t.create} onClose={() => onShow(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <UserFields
            organization={organization}
            values={values}
            errors={errors}
            onChange={(change) => setValues((old) => ({ ...old, ...change }))}
          />
          <SetMultiSelect
            label={t.fields.groups}
            organization={organization}
            sets="groups"
            value={groups}
            onChange={setGroups}
            error={errors.groups}
          />
          <Problem error={create.error} />
          <FormActions submit={t.create} busy={create.isPending} onCancel={() => onShow(undefined)} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
