import type { RoleView } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call, type Page } from '../../../app/api.ts';
import { useTexts } from '../../../app/language.tsx';
import { texts } from './texts.ts';
import { useHolder } from './use-holder.ts';

/** The roles that may be given here, built-in ones first, by the name a person reads. Operators have the built-in ones. */
export const useRoles = (): {
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  readonly nameOf: (roleId: string) => string;
} => {
  const t = useTexts(texts);
  const { organization, path, may } = useHolder();
  const { data } = useQuery({
    queryKey: ['administrators', organization, 'roles', 'all'],
    queryFn: ({ signal }) => call<Page<RoleView>>('GET', `${path}/roles`, { signal }),
    enabled: organization !== undefined && may !== 'none',
  });
  return useMemo(() => {
    const own = (data?.items ?? []).filter(({ builtIn }) => !builtIn);
    const roles = [...(['full', 'view'] as const).map((id) => ({ id, name: t.builtIn[id] })), ...own];
    return { roles, nameOf: (roleId: string) => roles.find(({ id }) => id === roleId)?.name ?? roleId };
  }, [data, t]);
};
