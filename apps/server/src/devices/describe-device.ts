import type { AgentDevice, AgentIdp } from '@latchkey/contract';
import type { Device } from '@latchkey/device';

/** How often agents come back, in seconds (device-binding §6). */
export const RENEW_AFTER = 900;
export const KEEPALIVE_AFTER = 300;
export const RETRY_AFTER = 30;

export const describeDevice = (device: Device): AgentDevice => ({
  id: device.id,
  jkt: device.jkt,
  userName: device.userName,
  evidence: device.evidence,
  state: device.state,
});

/** What an agent must know of its IdP: the certificates it pins are all that assertions are signed with. */
export const describeIdp = (
  origin: string,
  organizationId: string,
  keys: { readonly idpCertificates: readonly string[] },
): AgentIdp => ({
  entityId: `${origin}/saml/${organizationId}/idp/metadata`,
  ssoUrl: `${origin}/saml/${organizationId}/idp/sso`,
  certificates: [...keys.idpCertificates],
});
