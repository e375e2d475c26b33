import type { IdentityProvider, SettingsDocument } from './document.ts';

/** One difference between two settings documents. `path` names identity providers by id: `identityProviders/device/status`. */
export type Change =
  | { readonly kind: 'added'; readonly path: string; readonly after: unknown }
  | { readonly kind: 'removed'; readonly path: string; readonly before: unknown }
  | { readonly kind: 'changed'; readonly path: string; readonly before: unknown; readonly after: unknown };

// The order of domains means nothing.
const comparable = (value: unknown): string => JSON.stringify(Array.isArray(value) ? value.toSorted() : (value ?? null));

const changesOf = (path: string, before: object, after: object): readonly Change[] => {
  const old: ReadonlyMap<string, unknown> = new Map(Object.entries(before));
  const now: ReadonlyMap<string, unknown> = new Map(Object.entries(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((member) => comparable(old.get(member)) !== comparable(now.get(member)))
    .map((member) => ({
      kind: 'changed',
      path: `${path}/${member}`,
      before: old.get(member) ?? null,
      after: now.get(member) ?? null,
    }));
};

/**
 * What would change from one document to the other.
 *
 * @example diff(active, draft) // [{ kind: 'changed', path: 'identityProviders/device/status', before: 'enabled', after: 'disabled' }]
 */
export const diff = (before: SettingsDocument, after: SettingsDocument): readonly Change[] => {
  const old = new Map(before.identityProviders.map((idp) => [idp.id, idp]));
  const now = new Map(after.identityProviders.map((idp) => [idp.id, idp]));
  const ids = [...new Set([...old.keys(), ...now.keys()])];
  const idps = ids.flatMap((id): readonly Change[] => {
    const path = `identityProviders/${id}`;
    const was: IdentityProvider | undefined = old.get(id);
    const is: IdentityProvider | undefined = now.get(id);
    if (was === undefined) return [{ kind: 'added', path, after: is }];
    if (is === undefined) return [{ kind: 'removed', path, before: was }];
    return changesOf(path, was, is);
  });
  const profile = changesOf('authenticationProfile', before.authenticationProfile, after.authenticationProfile);
  return before.defaultIdp === after.defaultIdp
    ? [...profile, ...idps]
    : [...profile, ...idps, { kind: 'changed', path: 'defaultIdp', before: before.defaultIdp, after: after.defaultIdp }];
};
