import type { DeviceErrorCode } from './errors.ts';

const update =
  'Update the agent. If it happens again, look at what stands between the device and the server: it changes messages.';
const repeated =
  'Nothing, if it happens once: the agent tries again. Often and from one device: put it in quarantine and look at it.';
const wrongServer = 'Look at the cloud name that the MDM hands to the agent: it must be the name that this server is reached by.';

/** What an administrator does about each refusal; the sentence of errors.ts is for the person at the device. */
export const deviceErrorRemedies: Readonly<Record<DeviceErrorCode, string>> = {
  token_malformed: 'Copy the token from where you stored it into the MDM again, or rotate it and deploy the new one.',
  token_unknown: 'Look whether the MDM hands out a token of this organization and the cloud name of this server.',
  token_revoked: 'Create a new device token and deploy it with the MDM.',
  token_expired: 'Create a new device token, or rotate the old one before its end the next time, and deploy it with the MDM.',
  token_spent: 'Create a device token with more enrollments, and deploy it with the MDM.',
  token_domain: 'Use a device token for this domain, or look at the user domain that the MDM hands to the agent.',
  token_platform: 'Use a device token for this operating system.',
  token_network: 'Use a device token for this network, or look at which address the device comes from.',
  user_name_invalid: 'Look at the user name and user domain that the MDM hands to the agent.',
  domain_not_proved: 'Claim the domain under Domains and prove it, or look at the user domain that the MDM hands to the agent.',
  organization_suspended: 'An operator of the server has suspended this organization: ask there.',
  idp_disabled: 'Enable the identity provider that has this domain, and activate the change.',
  not_activated: 'Add Latchkey as identity provider for this domain, and activate the change.',
  external_idp: 'Nothing, if that is meant. Else give the domain to Latchkey under Identity providers, and activate the change.',
  user_unknown: 'Create the user, or turn auto-provisioning on at the identity provider and activate the change.',
  user_disabled: 'Enable the user, if that person may sign in.',
  user_change: 'Remove the device and have it enrolled again by the person who uses it now.',
  device_unknown: 'Have the device enrolled again; after a restored backup that is to be expected.',
  device_pending: 'Approve or deny the device.',
  device_denied: 'Nothing, if that is meant. Else remove the device and have it enrolled again.',
  device_removed: 'Nothing, if that is meant. Else have the device enrolled again and approve its return.',
  device_unregistered: 'Nothing: the next sign-in registers the device again.',
  device_quarantined: 'Look why it is in quarantine; then release it, or remove it.',
  removed_needs_approval: 'Have the machine enrolled with a device token that asks for approval, and approve it.',
  serial_claimed: 'If it is the same machine, remove its old device first; then have it enrolled again.',
  clone_suspected: 'Find out which of the two machines is the right one. Wipe the other, and release the device.',
  use_dpop_nonce: 'Nothing: the agent tries again by itself.',
  proof_malformed: update,
  proof_type: update,
  proof_signature:
    'Look whether somebody else uses the id of this device. If it happens again, remove the device and have it enrolled anew.',
  proof_audience: wrongServer,
  proof_digest: update,
  proof_origin: wrongServer,
  proof_consumer: wrongServer,
  proof_device: update,
  proof_claim: 'Look whether user name or host name have just changed on the device; its next sign-in is then right.',
  proof_method: update,
  proof_target: wrongServer,
  proof_replayed: repeated,
  parameters_invalid: update,
  request_refused: 'Look at the log line with this id: it says which check has failed.',
  request_replayed: repeated,
  response_refused: 'Look at the log line with this id: it says which check has failed.',
  evidence_too_low: 'Lower the evidence level that the application asks for, or use a device that is better proven.',
  session_unknown: 'Nothing: the agent signs in again by itself.',
  session_ended: 'Nothing: the agent signs in again by itself.',
  application_unknown: 'Register the application, or look at the address that the agent is asked for.',
  application_disabled: 'Enable the application, if it may be signed in to.',
  bearer_refused: 'Let the application take bearer tokens, or have the agent ask for a token with a proof.',
  rate_limited: 'Nothing, if it happens once. If a whole fleet meets it, raise the limits in the configuration of the server.',
  unavailable: 'Look at the health of the server and its database.',
};
