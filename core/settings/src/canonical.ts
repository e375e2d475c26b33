import { type AuthenticationProfileInput, canonicalProfile } from './authentication-profile.ts';
import type { DeviceIdp, IdentityProvider, SamlIdp, SettingsDocument } from './document.ts';
import { canonicalScim, type ScimSettingsInput } from './scim-settings.ts';

type Incoming<Idp> = Omit<Idp, 'scim'> & { readonly scim?: ScimSettingsInput | undefined };

/** An identity provider as it may come in. */
export type IdentityProviderInput = Incoming<DeviceIdp> | Incoming<SamlIdp>;

/** A settings document as it may come in: one from before there was an authentication profile has none. */
export interface SettingsInput {
  readonly authenticationProfile?: AuthenticationProfileInput | undefined;
  readonly identityProviders: readonly IdentityProviderInput[];
  readonly defaultIdp: string | null;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
// The device IdP first, then by id.
const byId = (a: IdentityProvider, b: IdentityProvider): number =>
  Number(b.kind === 'device') - Number(a.kind === 'device') || byText(a.id, b.id);

const canonicalIdp = (idp: IdentityProvider): IdentityProvider => {
  const { id, name, status, autoProvisioning } = idp;
  const scim = idp.scim === undefined ? {} : { scim: idp.scim };
  const domains = idp.domains === 'any' ? idp.domains : idp.domains.toSorted(byText);
  return idp.kind === 'device'
    ? { kind: idp.kind, id, name, status, domains, autoProvisioning, ...scim }
    : { kind: idp.kind, id, name, status, domains, autoProvisioning, ...scim, signInUrl: idp.signInUrl };
};

/** What SCIM leaves out is filled in; and it takes auto-provisioning off: of two that make accounts, one would undo the other. */
const readIdp = ({ scim: given, ...idp }: IdentityProviderInput): IdentityProvider => {
  if (given === undefined) return idp;
  const scim = canonicalScim(given);
  return { ...idp, scim, autoProvisioning: idp.autoProvisioning && !scim.enabled };
};

/** A document as it came in, with everything that was left out. The order stays, so that paths point into what was sent. */
export const readSettings = (input: SettingsInput): SettingsDocument => ({
  authenticationProfile: canonicalProfile(input.authenticationProfile ?? {}),
  identityProviders: input.identityProviders.map(readIdp),
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
