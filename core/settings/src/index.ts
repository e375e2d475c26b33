export { type AuthenticationProfile, collectableParameters } from './authentication-profile.ts';
export { canonicalSettings, type IdentityProviderInput, readSettings, type SettingsInput } from './canonical.ts';
export { type CompiledSettings, compile, type Route, route, sessionEnd, type Vouching, vouching } from './compile.ts';
export { type Change, diff } from './diff.ts';
export {
  type DeviceIdp,
  emptySettings,
  type IdentityProvider,
  type IdpDomains,
  maxIdentityProviders,
  type SamlIdp,
  type SettingsDocument,
  type SettingsFacts,
} from './document.ts';
export type { ProblemCode, SettingsProblem } from './problem.ts';
export { type ScimDialect, type ScimPreset, type ScimSettings, scimPresets } from './scim-settings.ts';
export { validate } from './validate.ts';
