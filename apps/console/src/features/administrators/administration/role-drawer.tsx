import type { RoleView } from '@latchkey/contract';
import { Button, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useSession } from '../../../app/session.ts';
import { type AreaChoice, AreaMatrix } from '../../../components/area-matrix.tsx';
import { areasOf } from '../../../components/areas.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { fieldErrors } from '../../../components/field-errors.ts';
import { FormActions } from '../../../components/form-actions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { SideDrawer } from '../../../components/side-drawer.tsx';
import { useNotify } from '../../../components/use-notify.ts';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';

const RoleForm = ({ role, onClose }: { readonly role: RoleView | undefined; readonly onClose: () => void }) => {
  const t = useTexts(texts);
  const queryClient = useQueryClient();
  const notify = useNotify();
  const { path, key, may } = useHolder();
  const { permissions: mine } = useSession();
  const [name, setName] = useState(role?.name ?? '');
  const [choice, setChoice] = useState<AreaChoice>(role?.permissions ?? {});
  const [removing, setRemoving] = useState(false);
  const changed = async (message: string) => {
    await queryClient.invalidateQueries({ queryKey: ['administrators', key, 'roles'] });
    notify(message);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => {
      const permissions = Object.fromEntries(areasOf.organization.map((area) => [area, choice[area] ?? 'none']));
      const body = { name, permissions };
      return role === undefined
        ? call<RoleView>('POST', `${path}/roles`, { body })
        : call<RoleView>('PUT', `${path}/roles/${role.id}`, { body });
    },
    onSuccess: () => changed(role === undefined ? t.roleMade : t.roleChanged),
  });
  const fixed = role?.builtIn === true || may !== 'full';
  const matrix = (
    <AreaMatrix
      areas={areasOf.organization}
      words={t.levels}
      value={choice}
      {...(fixed ? {} : { limit: mine })}
      disabled={fixed}
      onChange={setChoice}
    />
  );
  const held = role === undefined ? null : <Text c="dimmed">{t.heldBy(role.administrators)}</Text>;
  if (fixed) {
    return (
      <Stack>
        {held}
        {role?.builtIn === true && <Text c="dimmed">{t.builtInStays}</Text>}
        {matrix}
      </Stack>
    );
  }
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          {held}
          <TextInput
            label={t.roleName}
            description={t.roleNameHint}
            required
            maxLength={100}
            data-autofocus
            error={fieldErrors(save.error).name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {matrix}
          <Problem error={save.error} />
          <FormActions submit={role === undefined ? t.newRole : t.saveRole} busy={save.isPending} onCancel={onClose}>
            {role !== undefined && (
              <Button variant="light" color="red" mr="auto" onClick={() => setRemoving(true)}>
                {t.removeRole}
              </Button>
            )}
          </FormActions>
        </Stack>
      </form>
      {removing && role !== undefined && (
        <Confirm
          title={t.removeRoleTitle(role.name)}
          action={t.removeRole}
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await call('DELETE', `${path}/roles/${role.id}`);
            await changed(t.roleRemoved);
          }}
        >
          {t.removeRoleText}
        </Confirm>
      )}
    </>
  );
};

/** One role as a matrix of areas: a new one, one of the organization's own, or a built-in one to look at. */
export const RoleDrawer = ({
  id,
  roles,
  onClose,
}: {
  readonly id: string;
  readonly roles: readonly RoleView[] | undefined;
  readonly onClose: () => void;
}) => {
  const t = useTexts(texts);
  const role = roles?.find((each) => each.id === id);
  const name = role === undefined ? '' : role.id === 'full' || role.id === 'view' ? t.builtIn[role.id] : role.name;
  return (
    <SideDrawer title={id === 'new' ? t.newRole : name || t.role} onClose={onClose}>
      {id === 'new' || role !== undefined ? (
        <RoleForm role={role} onClose={onClose} />
      ) : roles === undefined ? (
        <Loader />
      ) : (
        <Text>{t.roleGone}</Text>
      )}
    </SideDrawer>
  );
};
