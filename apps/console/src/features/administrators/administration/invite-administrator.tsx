import type { CreatedInvitationView } from '@latchkey/contract';
import { NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { Secret } from '../../../components/secret.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';
import { useRoles } from './use-roles.ts';

/** Invites somebody, then shows the link, this once. */
export const InviteAdministrator = ({ onClose }: { readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const { organization, path, key } = useHolder();
  const { roles } = useRoles();
  const [userName, setUserName] = useState('');
  const [roleId, setRoleId] = useState('view');
  const invite = useMutation({
    mutationFn: () => call<CreatedInvitationView>('POST', `${path}/invitations`, { body: { userName, roleId } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['administrators', key, 'invitations'] }),
  });
  const errors = fieldErrors(invite.error);
  if (invite.data !== undefined) {
    return (
      <SideDrawer title={t.invitationFor(invite.data.userName)} onClose={onClose}>
        <Secret value={invite.data.link} name={`${invite.data.id}.txt`} onStored={onClose}>
          <Text>{t.handOn(invite.data.userName)}</Text>
        </Secret>
      </SideDrawer>
    );
  }
  return (
    <SideDrawer title={organization === undefined ? t.inviteOperator : t.invite} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t.columns.userName}
            description={t.userNameHint}
            type="email"
            required
            data-autofocus
            error={errors.userName}
            value={userName}
            onChange={(event) => setUserName(event.currentTarget.value)}
          />
          <NativeSelect
            label={t.columns.role}
            description={t.roleHint}
            data={roles.map(({ id, name }) => ({ value: id, label: name }))}
            value={roleId}
            onChange={(event) => setRoleId(event.currentTarget.value)}
          />
          <Problem error={invite.error} />
          <FormActions submit={t.makeLink} busy={invite.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </SideDrawer>
  );
};
