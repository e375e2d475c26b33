import type { SettingsDocumentView, SettingsDraftView, SettingsValidationView, SettingsVersionView } from '@latchkey/contract';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiProblem, call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { useNotify } from '../../components/use-notify.ts';
import { texts } from './texts.ts';

export type IdentityProviderView = SettingsDocumentView['identityProviders'][number];

const keyOf = (organization: string) => ['settings', organization] as const;
const pathOf = (organization: string): string => `/organizations/${organization}/settings`;
/** RFC 9110 §8.8.3: the revision is what the server gives as ETag. */
export const etagOf = ({ revision }: { readonly revision: number }): string => `"${revision}"`;

export const draftQuery = (organization: string) =>
  queryOptions({
    queryKey: [...keyOf(organization), 'draft'],
    queryFn: ({ signal }) => call<SettingsDraftView>('GET', `${pathOf(organization)}/draft`, { signal }),
  });

/** What is live; null before the first activation. */
export const activeQuery = (organization: string) =>
  queryOptions({
    queryKey: [...keyOf(organization), 'active'],
    queryFn: async ({ signal }) => {
      try {
        return await call<SettingsVersionView>('GET', `${pathOf(organization)}/active`, { signal });
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'not_activated') return null;
        throw error;
      }
    },
  });

export const validateDocument = (organization: string, body: SettingsDocumentView): Promise<SettingsValidationView> =>
  call('POST', `${pathOf(organization)}/validate`, { body });

/** Saves the draft, if it is still the one that was seen. Everything that shows settings follows. */
export const useSaveDraft = (organization: string, seen: SettingsDraftView | undefined) => {
  const t = useTexts(texts);
  const notify = useNotify();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: SettingsDocumentView) =>
      call<SettingsDraftView>('PUT', `${pathOf(organization)}/draft`, {
        body,
        ...(seen === undefined ? {} : { ifMatch: etagOf(seen) }),
      }),
    onSuccess: async (draft) => {
      queryClient.setQueryData(draftQuery(organization).queryKey, draft);
      notify(t.saved);
      await queryClient.invalidateQueries({ queryKey: keyOf(organization) });
    },
  });
};

/** Activates the draft that was reviewed, or an older version; `body` and `ifMatch` as the route takes them. */
export const useActivate = (organization: string) => {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ path, comment, ifMatch }: { readonly path: string; readonly comment: string; readonly ifMatch?: string }) =>
      call<SettingsVersionView>('POST', `${pathOf(organization)}/${path}`, {
        body: { comment },
        ...(ifMatch === undefined ? {} : { ifMatch }),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keyOf(organization) }),
  });
};

export const settingsKey = keyOf;
export const settingsPath = pathOf;
