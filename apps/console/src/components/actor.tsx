import type { AdministratorView } from '@latchkey/contract';
import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call, type Page } from '../app/api.ts';
import { useMay, useSession } from '../app/session.ts';

/** Who did something: an administrator by name where that is known, anybody else as the audit has it. */
export const Actor = ({ organization, actor }: { readonly organization: string; readonly actor: string }) => {
  const { administrator } = useSession();
  const may = useMay('administrators');
  const { data } = useQuery({
    queryKey: ['administrators', organization],
    queryFn: ({ signal }) =>
      call<Page<AdministratorView>>('GET', `/organizations/${organization}/administrators?limit=200`, { signal }),
    enabled: may !== 'none',
    staleTime: 60_000,
  });
  const id = actor.replace(/^administrator:/, '');
  const found = id === administrator?.id ? administrator : data?.items.find((each) => each.id === id);
  return (
    <Tooltip label={actor} withArrow>
      <span>{found?.displayName ?? actor}</span>
    </Tooltip>
  );
};
