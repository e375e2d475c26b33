import type { AuthenticationProfile } from './authentication-profile.ts';
import type { DeviceIdp, IdentityProvider, SamlIdp, SettingsDocument, SettingsFacts } from './document.ts';

/** Where the users of a domain sign in. */
export type Route =
  | { readonly kind: 'device'; readonly idp: DeviceIdp }
  | { readonly kind: 'external'; readonly idp: SamlIdp }
  | { readonly kind: 'none'; readonly reason: 'domain_unknown' | 'idp_disabled' | 'not_activated' };

/** Activated settings as the data plane reads them. */
export interface CompiledSettings {
  readonly authenticationProfile: AuthenticationProfile;
  readonly identityProviders: ReadonlyMap<string, IdentityProvider>;
  /** One route for each proved domain. */
  readonly routes: ReadonlyMap<string, Route>;
}

const unknown: Route = { kind: 'none', reason: 'domain_unknown' };
const disabled: Route = { kind: 'none', reason: 'idp_disabled' };
const notActivated: Route = { kind: 'none', reason: 'not_activated' };

const routeTo = (idp: IdentityProvider | undefined): Route => {
  if (idp === undefined) return unknown;
  // A disabled IdP keeps its domains: they do not fall to another one (fail closed).
  if (idp.status === 'disabled') return disabled;
  return idp.kind === 'device' ? { kind: 'device', idp } : { kind: 'external', idp };
};

/**
 * Settles every proved domain's route. Explicit beats Any, Any beats the default IdP (seed 000: unselected domains are mapped to the
 * default). A domain that is no longer proved has no route, whatever the document says.
 *
 * @example route(compile(document, { provedDomains: ['acme.com'] }), 'acme.com') // { kind: 'device', idp: ... }
 */
export const compile = (document: SettingsDocument, facts: SettingsFacts): CompiledSettings => {
  const { authenticationProfile, identityProviders, defaultIdp } = document;
  const any = identityProviders.find((idp) => idp.domains === 'any');
  const rest = any ?? identityProviders.find((idp) => idp.id === defaultIdp);
  const routes = facts.provedDomains.map((domain): readonly [string, Route] => {
    const named = identityProviders.find((idp) => idp.domains !== 'any' && idp.domains.includes(domain));
    return [domain, routeTo(named ?? rest)];
  });
  return {
    authenticationProfile,
    identityProviders: new Map(identityProviders.map((idp) => [idp.id, idp])),
    routes: new Map(routes),
  };
};

/** Where the users of a (folded) domain sign in by these settings; `undefined` settings were never activated. */
export const route = (settings: CompiledSettings | undefined, domain: string): Route =>
  settings === undefined ? notActivated : (settings.routes.get(domain) ?? unknown);

/**
 * When a device's session is over by these settings (milliseconds since 1970). A version that allows less ends sessions that began under
 * one that allowed more; none is prolonged.
 *
 * @example sessionEnd(compiled, session) <= session.expiresAt // true
 */
export const sessionEnd = (
  settings: CompiledSettings | undefined,
  session: { readonly createdAt: number; readonly expiresAt: number },
): number => Math.min(session.expiresAt, session.createdAt + (settings?.authenticationProfile.deviceSessionSeconds ?? 0) * 1000);

/** Whether an identity provider may vouch for the users of a domain, and if not, why. */
export type Vouching =
  | { readonly kind: 'may'; readonly idp: IdentityProvider }
  | { readonly kind: 'may_not'; readonly reason: 'domain_unknown' | 'idp_disabled' | 'not_activated' | 'another_idp' };

/**
 * May this identity provider assert a user of the domain, or be linked to one? Only the one the domain is routed to: the users of a
 * device-IdP domain are hosted here and not federated with another one (seed 000), as long as the domain is routed to the device.
 *
 * @example vouching(compiled, 'okta', 'acme.com') // { kind: 'may_not', reason: 'another_idp' }
 */
export const vouching = (settings: CompiledSettings | undefined, idpId: string, domain: string): Vouching => {
  const target = route(settings, domain);
  if (target.kind === 'none') return { kind: 'may_not', reason: target.reason };
  return target.idp.id === idpId ? { kind: 'may', idp: target.idp } : { kind: 'may_not', reason: 'another_idp' };
};
