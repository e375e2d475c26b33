/** Which client speaks: a setting of the endpoint, never a header. */
export type DialectName = 'standard' | 'entra' | 'entra-reference' | 'okta' | 'onelogin';
