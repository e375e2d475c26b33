/** The SAML 2.0 messages as data. Names are the specification's (saml-core-2.0-os). */

export interface NameID {
  readonly value: string;
  readonly format?: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
}

/** What an agent says of itself in step 1 of a sign-in; unproven until the proof repeats it. */
export interface Claim {
  /** `user@domain`. */
  readonly userName: string;
  readonly deviceId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface NameIDPolicy {
  readonly format?: string;
  readonly spNameQualifier?: string;
  readonly allowCreate?: boolean;
}

export interface RequestedAuthnContext {
  readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better';
  readonly classRefs: readonly string[];
}

export interface AuthnRequest {
  readonly id: string;
  readonly issueInstant: Date;
  readonly issuer: string;
  readonly destination?: string;
  readonly assertionConsumerServiceURL?: string;
  readonly assertionConsumerServiceIndex?: number;
  readonly protocolBinding?: string;
  readonly forceAuthn?: boolean;
  readonly isPassive?: boolean;
  readonly subject?: NameID;
  readonly nameIDPolicy?: NameIDPolicy;
  readonly requestedAuthnContext?: RequestedAuthnContext;
  /** Carried in Extensions as `lk:Claim`. */
  readonly claim?: Claim;
}

export interface Status {
  /** Top-level status code URI. */
  readonly code: string;
  readonly subCode?: string;
  readonly message?: string;
}

export interface SubjectConfirmation {
  readonly method: string;
  readonly inResponseTo?: string;
  readonly recipient?: string;
  readonly notBefore?: Date;
  readonly notOnOrAfter?: Date;
}

export interface Conditions {
  readonly notBefore?: Date;
  readonly notOnOrAfter?: Date;
  /** Each restriction is a list of which one must match; all restrictions must match (saml-core §2.5.1.4). */
  readonly audienceRestrictions: readonly (readonly string[])[];
  readonly oneTimeUse: boolean;
  readonly proxyRestriction: boolean;
}

export interface AuthnStatement {
  readonly authnInstant: Date;
  readonly sessionIndex?: string;
  readonly sessionNotOnOrAfter?: Date;
  readonly authnContextClassRef: string;
}

export interface Attribute {
  readonly name: string;
  readonly nameFormat?: string;
  readonly friendlyName?: string;
  readonly values: readonly string[];
}

export interface Assertion {
  readonly id: string;
  readonly issueInstant: Date;
  readonly issuer: string;
  readonly subject: NameID;
  readonly subjectConfirmations: readonly SubjectConfirmation[];
  readonly conditions: Conditions;
  readonly authnStatement: AuthnStatement;
  readonly attributes: readonly Attribute[];
}

export interface Response {
  readonly id: string;
  readonly issueInstant: Date;
  readonly issuer: string;
  readonly inResponseTo?: string;
  readonly destination?: string;
  readonly status: Status;
  /** Absent when the status is not Success. */
  readonly assertion?: Assertion;
}

/** A URL of a metadata document with the binding it is served by. */
export interface Endpoint {
  readonly binding: string;
  readonly location: string;
  readonly responseLocation?: string;
  readonly index?: number;
  readonly isDefault?: boolean;
}

export interface KeyDescriptor {
  /** Absent means both. */
  readonly use?: 'signing' | 'encryption';
  /** Base64 of the DER certificate, no white space. */
  readonly certificate: string;
}

export interface SPSSODescriptor {
  readonly authnRequestsSigned: boolean;
  readonly wantAssertionsSigned: boolean;
  readonly keys: readonly KeyDescriptor[];
  readonly nameIDFormats: readonly string[];
  readonly assertionConsumerServices: readonly Endpoint[];
  readonly singleLogoutServices: readonly Endpoint[];
}

export interface IDPSSODescriptor {
  readonly wantAuthnRequestsSigned: boolean;
  readonly keys: readonly KeyDescriptor[];
  readonly nameIDFormats: readonly string[];
  readonly singleSignOnServices: readonly Endpoint[];
  readonly singleLogoutServices: readonly Endpoint[];
}

/** One EntityDescriptor (saml-metadata §2.3.2). */
export interface EntityDescriptor {
  readonly entityID: string;
  readonly validUntil?: Date;
  readonly sp?: SPSSODescriptor;
  readonly idp?: IDPSSODescriptor;
}
