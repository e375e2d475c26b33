import type { SettingsVersionView } from '@latchkey/contract';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiProblem, call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useMay } from '../../app/session.ts';
import { texts } from './texts.ts';

/** What a source is: the administrators, by one of their doors, or an identity provider. */
export type SourceKind = 'console' | 'api' | 'csv' | 'jit' | 'scim';

/** `jit:okta` in its two parts. What is not known is a provisioning source, as the server takes it. */
export const readSource = (source: string): { readonly kind: SourceKind; readonly idp: string } => {
  const [kind = '', ...idp] = source.split(':');
  const known = (['console', 'api', 'csv', 'jit'] as const).find((each) => each === kind);
  return { kind: known ?? 'scim', idp: idp.join(':') };
};

/** Whether administrators themselves own it. */
export const isHosted = (source: string): boolean => ['console', 'api', 'csv'].includes(readSource(source).kind);

const noProviders: SettingsVersionView['document']['identityProviders'] = [];

/** The identity providers that are live, for what they are called; nothing for whom settings are none of their business. */
const useIdentityProviders = (organization: string) => {
  const may = useMay('settings');
  const { data } = useQuery({
    queryKey: ['settings', organization, 'active'],
    queryFn: async ({ signal }) => {
      try {
        return await call<SettingsVersionView>('GET', `/organizations/${organization}/settings/active`, { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'not_activated') return null;
        throw error;
      }
    },
    enabled: may !== 'none',
  });
  return data?.document.identityProviders ?? noProviders;
};

/** Sources in words. */
export const useSources = (organization: string) => {
  const t = useTexts(texts);
  const providers = useIdentityProviders(organization);
  return useMemo(() => {
    const idpName = (idp: string): string => providers.find(({ id }) => id === idp)?.name ?? idp;
    const word = (names: typeof t.sources | typeof t.cameFrom, source: string): string => {
      const { kind, idp } = readSource(source);
      const name = names[kind];
      return typeof name === 'string' ? name : name(idpName(idp));
    };
    return {
      /** Who owns what it has made: an identity provider by its name. */
      ownerOf: (source: string): string => (isHosted(source) ? word(t.sources, source) : idpName(readSource(source).idp)),
      /** In a word or two. */
      nameOf: (source: string): string => word(t.sources, source),
      /** In a sentence. */
      cameFrom: (source: string): string => word(t.cameFrom, source),
      /** Those that something may have come from, to choose among; with the one that is chosen. */
      choices: (chosen: string | undefined): readonly string[] => [
        ...new Set([
          'console',
          'api',
          'csv',
          ...providers.flatMap(({ id }) => [`jit:${id}`, `scim:${id}`]),
          ...(chosen === undefined ? [] : [chosen]),
        ]),
      ],
    };
  }, [t, providers]);
};
