import { Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { type SetsPath, setsPath } from '../paths.ts';
import type { SetView } from '../set-view.ts';
import { useDirectoryChanged } from '../use-directory-changed.ts';
import { SetFields } from './set-fields.tsx';
import { texts } from './texts.ts';

/** Makes a group or department, and shows it. */
export const CreateSet = ({
  organization,
  sets,
  onShow,
}: {
  readonly organization: string;
  readonly sets: SetsPath;
  /** Opens one instead; undefined closes. */
  readonly onShow: (id: string | undefined) => void;
}) => {
  const t = useTexts(texts)[sets];
  const notify = useNotify();
  const changed = useDirectoryChanged(organization);
  const [values, setValues] = useState({ name: '', comments: '' });
  const create = useMutation({
    mutationFn: () => call<SetView>('POST', setsPath(organization, sets), { body: values }),
    onSuccess: async ({ id, name }) => {
      notify(t.createdDone(name));
      onShow(id);
      await changed();
    },
  });
  return (
    <SideDrawer title={t.create} onClose={() => onShow(undefined)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <SetFields
            values={values}
            errors={fieldErrors(create.error)}
            onChange={(change) => setValues((old) => ({ ...old, ...change }))}
          />
          <Problem error={create.error} />
          <FormActions submit={t.create} busy={create.isPending} onCancel={() => onShow(undefined)} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
