import { type AuthenticationProfileInput, canonicalProfile } from './authentication-profile.ts';
import type { IdentityProvider, SettingsDocument } from './document.ts';

/** A settings document as it may come in: one from before there was an authentication profile has none. */
export interface SettingsInput {
  readonly authenticationProfile?: AuthenticationProfileInput | undefined;
  readonly identityProviders: readonly IdentityProvider[];
  readonly defaultIdp: string | null;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
// The device IdP first, then by id.
const byId = (a: IdentityProvider, b: IdentityProvider): number =>
  Number(b.kind === 'device') - Number(a.kind === 'device') || byText(a.id, b.id);

const canonicalIdp = (idp: IdentityProvider): IdentityProvider => {
  const { id, name, status, autoProvisioning } = idp;
  const domains = idp.domains === 'any' ? idp.domains : idp.domains.toSorted(byText);
  return idp.kind === 'device'
    ? { kind: idp.kind, id, name, status, domains, autoProvisioning }
    : { kind: idp.kind, id, name, status, domains, autoProvisioning, signInUrl: idp.signInUrl };
};

/** A document as it came in, with everything that was left out. The order stays, so that paths point into what was sent. */
export const readSettings = (input: SettingsInput): SettingsDocument => ({
  authenticationProfile: canonicalProfile(input.authenticationProfile ?? {}),
  identityProviders: input.identityProviders,
  defaultIdp: input.defaultIdp,
});

/**
 * The one way to write down these settings: everything is there, in one order and spelling. Two documents that mean the same are equal.
 *
 * @example canonicalSettings({ identityProviders: [], defaultIdp: null }) // emptySettings
 */
export const canonicalSettings = (input: SettingsInput): SettingsDocument => {
  const document = readSettings(input);
  return { ...document, identityProviders: document.identityProviders.map(canonicalIdp).toSorted(byId) };
};
