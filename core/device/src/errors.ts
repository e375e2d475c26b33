/**
 * Every way a device can be refused, with the one plain sentence the person at the device reads. The code is for log, audit and
 * the agent; the sentence never says more than a stranger may know.
 */
export const deviceErrorTexts = {
  token_malformed: 'The device token has a typing error: copy it again from the console.',
  token_unknown: 'This device token is not known here: check the token and the cloud name.',
  token_revoked: 'This device token was revoked: ask your administrator for a new one.',
  token_expired: 'This device token has expired: ask your administrator for a new one.',
  token_spent: 'This device token has reached its number of enrollments: ask your administrator for a new one.',
  token_domain: 'This device token is not meant for that user domain.',
  token_platform: 'This device token is not meant for this operating system.',
  token_network: 'This device token cannot be used from this network.',
  user_name_invalid: 'The user name must have the form name@domain.',
  domain_not_proved: 'The user domain does not belong to this organization.',
  organization_suspended: 'This organization is suspended.',
  idp_disabled: 'Silent sign-in is switched off for this domain.',
  not_activated: 'The authentication settings of this organization have not been activated yet.',
  external_idp: 'People of this domain sign in elsewhere: open the given address in a browser.',
  user_unknown: 'There is no account for this user: ask your administrator to create it.',
  user_disabled: 'The account of this user is disabled.',
  user_change: 'This device is bound to another user.',
  device_unknown: 'This device is not enrolled here.',
  device_pending: 'An administrator must approve this device first.',
  device_denied: 'An administrator has denied this device.',
  device_removed: 'This device was removed: it must be enrolled again.',
  device_unregistered: 'This device is signed out.',
  device_quarantined: 'This device is in quarantine: ask your administrator.',
  removed_needs_approval: 'This machine was removed earlier: an administrator must approve its return.',
  serial_claimed: 'Another device with this serial number is enrolled already: ask your administrator.',
  clone_suspected: 'This device identity is in use on another machine: it is in quarantine until an administrator has looked.',
  use_dpop_nonce: 'The proof needs a fresh nonce: try once more with the one given.',
  proof_malformed: 'The proof cannot be read.',
  proof_type: 'The proof is of another kind than the one that is due.',
  proof_signature: 'The proof is not signed by the key of this device.',
  proof_audience: 'The proof is made for another server.',
  proof_digest: 'The proof is made for another message.',
  proof_origin: 'The proof is made for another site.',
  proof_consumer: 'The proof is made for another assertion consumer service.',
  proof_device: 'The proof is made for another device.',
  proof_claim: 'The proof does not repeat what the device claimed.',
  proof_method: 'The proof is made for another HTTP method.',
  proof_target: 'The proof is made for another address.',
  proof_replayed: 'The proof was used before.',
  parameters_invalid: 'What the device says of itself cannot be read.',
  request_refused: 'The request was refused.',
  request_replayed: 'The sign-in request was used before.',
  response_refused: 'The sign-in response was refused.',
  evidence_too_low: 'This application asks for a device that is better proven.',
  session_unknown: 'There is no such session on this device.',
  session_ended: 'The session has ended: sign in again.',
  application_unknown: 'There is no such application.',
  application_disabled: 'This application is switched off.',
  bearer_refused: 'This application takes access tokens only with the proof of a device (DPoP).',
  rate_limited: 'Too many attempts: try again later.',
  unavailable: 'The service cannot answer now: try again later.',
} as const;

export type DeviceErrorCode = keyof typeof deviceErrorTexts;

/** True if `code` (from the wire) is one of ours. */
export const isDeviceErrorCode = (code: unknown): code is DeviceErrorCode =>
  typeof code === 'string' && Object.hasOwn(deviceErrorTexts, code);

/** A broken message. `detail` says where and why and is safe for the peer. */
export class DeviceError extends Error {
  readonly code: DeviceErrorCode;
  readonly detail: string;

  constructor(code: DeviceErrorCode, detail: string, options?: { cause?: unknown }) {
    super(`${code}: ${detail}`, options);
    this.name = 'DeviceError';
    this.code = code;
    this.detail = detail;
  }
}
