import type { UserView } from '@latchkey/contract';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconDownload, IconPlus, IconSearch, IconUpload, IconUsers } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queryString } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { useMay } from '../../../app/session.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Empty } from '../../../components/empty.tsx';
import { Filters } from '../../../components/filters.tsx';
import { Page } from '../../../components/page.tsx';
import { State } from '../../../components/state.tsx';
import { Time } from '../../../components/time.tsx';
import { usePages } from '../../../components/use-pages.ts';
import { UserName } from '../../../components/user-name.tsx';
import { directoryKey, fileUrl, usersPath } from '../paths.ts';
import { SetSelect } from '../pickers.tsx';
import { readUsersSearch, type UsersSearch } from '../search.ts';
import { useSources } from '../source.ts';
import { useTyped } from '../use-typed.ts';
import { tones } from './acts.ts';
import { BulkActs } from './change-users.tsx';
import { CreateUser } from './create-user.tsx';
import { texts } from './texts.ts';
import { UserDrawer } from './user-drawer.tsx';
import classes from './users-page.module.css';

const route = getRouteApi('/signed-in/o/$organization/directory/users');

/** The users of an organization. Filters and the open one stand in the URL, so a link shows the same. */
export const UsersPage = () => {
  const t = useTexts(texts);
  const { organization } = route.useParams();
  const { open, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay('directory');
  const sources = useSources(organization);
  const filter = (change: { readonly [Name in keyof UsersSearch]?: string }) =>
    void navigate({ search: readUsersSearch({ ...filters, ...change }), replace: true });
  const typed = useTyped(filters.q, (q) => filter({ q }));
  const show = (id: string | undefined) => void navigate({ search: { ...filters, ...(id === undefined ? {} : { open: id }) } });
  const pages = usePages<UserView>([...directoryKey(organization), 'users'], usersPath(organization), { ...filters });

  const columns = useMemo(
    (): readonly Column<UserView>[] => [
      { id: 'userName', header: t.columns.userName, cell: ({ userName }) => <UserName>{userName}</UserName> },
      { id: 'displayName', header: t.columns.displayName, hideBelow: 'sm', cell: ({ displayName }) => displayName },
      { id: 'department', header: t.columns.department, hideBelow: 'md', cell: ({ department }) => department?.name ?? '' },
      { id: 'state', header: t.columns.state, cell: ({ state }) => <State tone={tones[state]}>{t.states[state]}</State> },
      { id: 'source', header: t.columns.source, hideBelow: 'lg', cell: ({ source }) => sources.nameOf(source) },
      { id: 'updated', header: t.columns.updated, hideBelow: 'lg', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
    ],
    [t, sources],
  );
  const filtered = Object.keys(filters).length > 0;
  const create = may === 'full' && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
      {t.create}
    </Button>
  );
  const importLink = may === 'full' && (
    <Button
      variant="default"
      leftSection={<IconUpload size={16} />}
      renderRoot={(props) => (
        <Link to="/o/$organization/directory/imports" params={{ organization }} search={{ open: 'new' }} {...props} />
      )}
    >
      {t.import}
    </Button>
  );
  return (
    <Page
      title={t.title}
      description={t.description}
      guide="directory"
      actions={
        <>
          <Button
            component="a"
            variant="default"
            leftSection={<IconDownload size={16} />}
            href={fileUrl(`${usersPath(organization)}/export${queryString({ ...filters })}`)}
            download="users.csv"
          >
            {t.export}
          </Button>
          {importLink}
          {create}
        </>
      }
    >
      <Filters>
        <TextInput
          aria-label={t.search}
          placeholder={t.search}
          leftSection={<IconSearch size={16} />}
          className={classes.search}
          {...typed}
        />
        <NativeSelect
          className={classes.filter}
          aria-label={t.columns.state}
          data={[
            { value: '', label: t.anyState },
            { value: 'active', label: t.states.active },
            { value: 'disabled', label: t.states.disabled },
          ]}
          value={filters.state ?? ''}
          onChange={(event) => filter({ state: event.currentTarget.value })}
        />
        <NativeSelect
          className={classes.filter}
          aria-label={t.columns.source}
          data={[
            { value: '', label: t.anySource },
            ...sources.choices(filters.source).map((value) => ({ value, label: sources.nameOf(value) })),
          ]}
          value={filters.source ?? ''}
          onChange={(event) => filter({ source: event.currentTarget.value })}
        />
        {(['department', 'group'] as const).map((name) => (
          <SetSelect
            key={name}
            organization={organization}
            sets={`${name}s`}
            aria-label={name === 'group' ? t.fields.groups : t.fields.department}
            placeholder={name === 'group' ? t.anyGroup : t.anyDepartment}
            className={classes.filter}
            value={filters[name] ?? null}
            onChange={(value) => filter({ [name]: value ?? '' })}
          />
        ))}
      </Filters>
      <DataTable
        label={t.title}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        nameOf={({ userName }) => userName}
        onOpen={({ id }) => show(id)}
        openId={open}
        {...(may === 'full'
          ? {
              bulk: (selected: readonly UserView[], clear: () => void) => (
                <BulkActs organization={organization} users={selected} onDone={clear} />
              ),
            }
          : {})}
        onClearFilters={filtered ? () => void navigate({ search: {} }) : undefined}
        empty={
          <Empty
            icon={<IconUsers />}
            title={t.emptyTitle}
            action={
              <Button.Group>
                {importLink}
                {create}
              </Button.Group>
            }
          >
            {t.emptyText}
          </Empty>
        }
      />
      {open === 'new' && <CreateUser organization={organization} onShow={show} />}
      {open !== undefined && open !== 'new' && (
        <UserDrawer key={open} organization={organization} id={open} onClose={() => show(undefined)} />
      )}
    </Page>
  );
};
