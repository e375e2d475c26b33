import type { SettingsDocumentView, SettingsProblemView } from '@latchkey/contract';

type IdentityProviderView = SettingsDocumentView['identityProviders'][number];

/** The document with this identity provider in it, in the place of the one with its id; `isDefault` as it shall be. */
export const withIdentityProvider = (
  document: SettingsDocumentView,
  idp: IdentityProviderView,
  isDefault: boolean,
): SettingsDocumentView => {
  const { identityProviders: all } = document;
  const known = all.some(({ id }) => id === idp.id);
  const wasDefault = document.defaultIdp === idp.id;
  return {
    ...document,
    identityProviders: known ? all.map((each) => (each.id === idp.id ? idp : each)) : [...all, idp],
    defaultIdp: isDefault ? idp.id : wasDefault ? null : document.defaultIdp,
  };
};

export const withoutIdentityProvider = (document: SettingsDocumentView, id: string): SettingsDocumentView => ({
  ...document,
  identityProviders: document.identityProviders.filter((each) => each.id !== id),
  defaultIdp: document.defaultIdp === id ? null : document.defaultIdp,
});

/** The errors that a change brings: those the draft had before are not its fault. */
export const newErrors = (
  before: readonly SettingsProblemView[],
  after: readonly SettingsProblemView[],
): readonly SettingsProblemView[] =>
  after.filter(
    ({ severity, code, message }) =>
      severity === 'error' && !before.some((each) => each.code === code && each.message === message),
  );

/** Where a JSON Pointer into the document leads in the console. */
export type Place = { readonly page: 'identity-providers'; readonly open?: string } | { readonly page: 'profile' };

export const placeOf = (document: SettingsDocumentView, pointer: string): Place => {
  const [, member, index] = pointer.split('/');
  if (member === 'authenticationProfile') return { page: 'profile' };
  const open = member === 'identityProviders' ? document.identityProviders[Number(index)]?.id : undefined;
  return open === undefined ? { page: 'identity-providers' } : { page: 'identity-providers', open };
};

/** One line of the comparison: a member of something, before and after. */
export interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

interface Change {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The server's changes, a line each: what was added or removed as a whole is told member by member. */
export const differencesOf = (changes: readonly Change[]): readonly Difference[] =>
  changes.flatMap(({ path, before, after }): readonly Difference[] => {
    const names = path.split('/');
    const whole = isObject(before) ? before : after;
    if (!isObject(whole)) return [{ path: names, before: before ?? null, after: after ?? null }];
    return Object.keys(whole)
      .filter((name) => name !== 'id')
      .map((name) => ({
        path: [...names, name],
        before: isObject(before) ? before[name] : undefined,
        after: isObject(after) ? after[name] : undefined,
      }));
  });
