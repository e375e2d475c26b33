import type { UserView } from '@latchkey/contract';
import { MultiSelect, type MultiSelectProps, type OptionsFilter, Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, type Page, queryString } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { directoryKey, type SetsPath, setsPath, usersPath } from './paths.ts';
import type { SetView } from './set-view.ts';
import { texts } from './texts.ts';

/** So many are offered: who does not find what is meant among them types more of it. */
const OFFERED = 20;

/** The server has searched. */
const asFound: OptionsFilter = ({ options }) => options;

/** A list of the API by the beginning of a name, as somebody types it. */
const useSearch = <Item,>(organization: string, path: string, typed: string, enabled: boolean) => {
  const [q] = useDebouncedValue(typed.trim(), 200);
  return useQuery({
    queryKey: [...directoryKey(organization), 'pick', path, q],
    queryFn: ({ signal }) => call<Page<Item>>('GET', `${path}${queryString({ q, limit: OFFERED })}`, { signal }),
    placeholderData: keepPreviousData,
    enabled,
  });
};

/** The sets with these ids: what is chosen already may not be among those that are offered. */
const useChosen = (organization: string, sets: SetsPath, ids: readonly string[]): readonly SetView[] =>
  useQueries({
    queries: ids.map((id) => ({
      queryKey: [...directoryKey(organization), sets, id],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        call<SetView>('GET', `${setsPath(organization, sets)}/${id}`, { signal }),
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });

const useOffered = (organization: string, sets: SetsPath, ids: readonly string[]) => {
  const t = useTexts(texts);
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const chosen = useChosen(organization, sets, ids);
  // Once chosen, what is in the field is its name: everything is offered again.
  const q = chosen.some(({ name }) => name === typed) ? '' : typed;
  const found = useSearch<SetView>(organization, setsPath(organization, sets), q, opened);
  const offered = new Map([...(found.data?.items ?? []), ...chosen].map(({ id, name }) => [id, name]));
  return {
    data: [...offered].map(([value, label]) => ({ value, label })),
    searchable: true,
    searchValue: typed,
    onSearchChange: setTyped,
    onDropdownOpen: () => setOpened(true),
    nothingFoundMessage: found.isPending ? undefined : t.noSuchSet,
    filter: asFound,
    maxDropdownHeight: 260,
  } as const;
};

interface SetsProps {
  readonly organization: string;
  readonly sets: SetsPath;
}

/** Chooses one group or department of however many. */
export const SetSelect = ({
  organization,
  sets,
  value,
  ...props
}: SetsProps & Omit<SelectProps, 'data' | 'value'> & { readonly value: string | null }) => (
  <Select clearable {...useOffered(organization, sets, value === null ? [] : [value])} value={value} {...props} />
);

/** Chooses several groups of however many. */
export const SetMultiSelect = ({
  organization,
  sets,
  value,
  ...props
}: SetsProps & Omit<MultiSelectProps, 'data' | 'value'> & { readonly value: string[] }) => (
  <MultiSelect {...useOffered(organization, sets, value)} value={value} {...props} />
);

/** Finds a user by what the name begins with; what is chosen is handed on, and the field is empty again. */
export const UserSearch = ({
  organization,
  onChoose,
  ...props
}: { readonly organization: string; readonly onChoose: (user: UserView) => void } & Omit<SelectProps, 'data' | 'value'>) => {
  const t = useTexts(texts);
  const [typed, setTyped] = useState('');
  const found = useSearch<UserView>(organization, usersPath(organization), typed, typed.trim() !== '');
  const users = typed.trim() === '' ? [] : (found.data?.items ?? []);
  return (
    <Select
      placeholder={t.searchUsers}
      data={users.map(({ id, userName, displayName }) => ({
        value: id,
        label: displayName === '' ? userName : `${displayName} · ${userName}`,
      }))}
      value={null}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={asFound}
      nothingFoundMessage={typed.trim() === '' ? t.typeToSearch : found.isPending ? undefined : t.noSuchSet}
      onChange={(id) => {
        const user = users.find((each) => each.id === id);
        setTyped('');
        if (user !== undefined) onChoose(user);
      }}
      {...props}
    />
  );
};
