import type { SettingsDocument, SettingsFacts } from './document.ts';

export type ProblemCode =
  | 'too_many_identity_providers'
  | 'id_invalid'
  | 'id_taken'
  | 'name_invalid'
  | 'device_idp_id'
  | 'sign_in_url_invalid'
  | 'any_taken'
  | 'domains_missing'
  | 'domain_taken'
  | 'default_unknown'
  | 'frequency_days_invalid'
  | 'frequency_without_effect'
  | 'device_session_invalid'
  | 'auto_provisioning_elsewhere'
  | 'auto_provisioning_twice'
  | 'scim_invalid'
  | 'scim_in_directory'
  | 'domain_not_proved'
  | 'no_domains'
  | 'no_identity_provider'
  | 'default_missing'
  | 'default_disabled'
  | 'default_unreachable';

/** What is wrong with a settings document, where, and how to mend it. */
export interface SettingsProblem {
  /** JSON Pointer (RFC 6901) into the document. */
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
  /** An `error` forbids activation; a `warning` is worth a look. */
  readonly severity: 'error' | 'warning';
  /** `document`: it contradicts itself and is not even saved. `facts`: it can be drafted, but not activated as things stand. */
  readonly cause: 'document' | 'facts';
}

/** One rule: reads the document and says what is wrong. */
export type Rule = (document: SettingsDocument, facts: SettingsFacts) => readonly SettingsProblem[];
