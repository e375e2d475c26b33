import type { EvidenceLevel } from '@latchkey/device';

/** What people sign in to. Times are milliseconds since 1970, UTC. */
export interface Application {
  readonly id: string;
  readonly name: string;
  /** `saml`: a service provider by its metadata; `api`: an audience of access tokens; `gateway`: a site behind forward-auth. */
  readonly kind: 'saml' | 'api' | 'gateway';
  /** SAML entityID, the audience, or the site's origin, which is its audience too; unique in the organization. */
  readonly identifier: string;
  /** The metadata as it was registered; '' for the others. */
  readonly metadata: string;
  readonly enabled: boolean;
  /** How well device and user must be proven to get in. */
  readonly minEvidence: EvidenceLevel;
  /** Behind the gateway: tokens that are not bound to a device's key get in too. */
  readonly allowBearer: boolean;
  readonly createdAt: number;
}
