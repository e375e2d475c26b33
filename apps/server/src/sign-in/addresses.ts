/** The SAML names and addresses of an organization (docs/architecture.md). */
export const idpEntityId = (origin: string, organizationId: string): string => `${origin}/saml/${organizationId}/idp/metadata`;
export const idpSsoUrl = (origin: string, organizationId: string): string => `${origin}/saml/${organizationId}/idp/sso`;
export const spEntityId = (origin: string, organizationId: string, idp: string): string =>
  `${origin}/saml/${organizationId}/sp/${idp}/metadata`;
export const spAcsUrl = (origin: string, organizationId: string, idp: string): string =>
  `${origin}/saml/${organizationId}/sp/${idp}/acs`;

/** The id of Latchkey's own portal IdP. */
export const DEVICE_IDP = 'device';
