import type { DomainView } from '@latchkey/contract';
import { queryOptions } from '@tanstack/react-query';
import { call, type Page } from '../app/api.ts';

export const domainsKey = (organization: string) => ['domains', organization] as const;

/** The domains of an organization: device tokens and identity providers choose among them. */
export const domainsQuery = (organization: string) =>
  queryOptions({
    queryKey: domainsKey(organization),
    queryFn: async ({ signal }) =>
      (await call<Page<DomainView>>('GET', `/organizations/${organization}/domains`, { signal })).items,
  });

/** Users of a domain sign in while it is proved, and in the grace after its record was lost. */
export const isProved = ({ state }: DomainView): boolean => state === 'proved' || state === 'failing';
