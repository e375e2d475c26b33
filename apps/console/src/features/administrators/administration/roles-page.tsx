import type { RoleView } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTexts } from '../../../app/language.tsx';
import { useOpen } from '../../../app/use-open.ts';
import { areasOf } from '../../../components/areas.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Page } from '../../../components/page.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { usePages } from '../../../components/use-pages.ts';
import { RoleDrawer } from './role-drawer.tsx';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';

/** The roles of an organization: the two built-in ones, and its own. */
export const RolesPage = () => {
  const t = useTexts(texts);
  const c = useTexts(shared);
  const { path, key, may } = useHolder();
  const [open, show] = useOpen();
  const pages = usePages<RoleView>(['administrators', key, 'roles'], `${path}/roles`);
  const columns = useMemo(
    (): readonly Column<RoleView>[] => [
      { id: 'name', header: t.columns.role, cell: ({ id, name }) => (id === 'full' || id === 'view' ? t.builtIn[id] : name) },
      {
        id: 'areas',
        header: t.columns.allows,
        cell: ({ id, permissions }) => {
          if (id === 'full' || id === 'view') return t.builtInText[id];
          const words = areasOf.organization.flatMap((area) =>
            permissions[area] === 'none' ? [] : [t.allows(c.areas[area], permissions[area] === 'full')],
          );
          return words.join(', ') || t.nothing;
        },
      },
      { id: 'kind', header: t.columns.kind, hideBelow: 'md', cell: ({ builtIn }) => (builtIn ? t.isBuiltIn : t.isOwn) },
      { id: 'count', header: t.columns.administrators, hideBelow: 'sm', cell: ({ administrators }) => administrators },
    ],
    [t, c],
  );
  return (
    <Page
      title={t.roles}
      description={t.rolesText}
      guide="administrators#roles"
      actions={
        may === 'full' && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
            {t.newRole}
          </Button>
        )
      }
    >
      <DataTable
        label={t.roles}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        onOpen={({ id }) => show(id)}
        openId={open}
        empty={null}
      />
      {open !== undefined && (
        <RoleDrawer
          key={open}
          id={open}
          roles={pages.data?.pages.flatMap(({ items }) => items)}
          onClose={() => show(undefined)}
        />
      )}
    </Page>
  );
};
