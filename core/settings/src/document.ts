import { type AuthenticationProfile, defaultAuthenticationProfile } from './authentication-profile.ts';
import type { ScimSettings } from './scim-settings.ts';

/** The authentication domains of an identity provider: every one nobody else names, or these. */
export type IdpDomains = 'any' | readonly string[];

interface IdpBase {
  /** Names it in URLs; chosen once. */
  readonly id: string;
  readonly name: string;
  readonly status: 'enabled' | 'disabled';
  readonly domains: IdpDomains;
  /** SAML auto-provisioning (JIT): make the account at the first valid assertion. */
  readonly autoProvisioning: boolean;
  /** Missing: never switched on. While it is enabled, SCIM makes the accounts and auto-provisioning is off. */
  readonly scim?: ScimSettings | undefined;
}

/** Latchkey's own portal IdP: devices vouch for their users. There is one at most, and its id is `device`. */
export interface DeviceIdp extends IdpBase {
  readonly kind: 'device';
}

/** Another IdP, which people reach with a browser. */
export interface SamlIdp extends IdpBase {
  readonly kind: 'saml';
  /** Where the sign-in page of this IdP is. */
  readonly signInUrl: string;
}

export type IdentityProvider = DeviceIdp | SamlIdp;

/** The authentication settings of an organization, as drafted and as activated. */
export interface SettingsDocument {
  readonly authenticationProfile: AuthenticationProfile;
  readonly identityProviders: readonly IdentityProvider[];
  /** Takes the domains nobody names; null: they cannot sign in. */
  readonly defaultIdp: string | null;
}

/** What the settings are judged against: facts of the organization that live outside the document and are always current. */
export interface SettingsFacts {
  /** Folded names of the proved domains. */
  readonly provedDomains: readonly string[];
}

export const emptySettings: SettingsDocument = {
  authenticationProfile: defaultAuthenticationProfile,
  identityProviders: [],
  defaultIdp: null,
};

/** reference system §3.2 (ranges): identity providers of one organization. */
export const maxIdentityProviders = 64;
