import type { EvidenceLevel } from '@latchkey/device';

/** What people sign in to. Times are milliseconds since 1970, UTC. */
export interface Application {
  readonly id: string;
  readonly name: string;
  /** `saml`: a service provider by its metadata; `api`: an audience of access tokens. */
  readonly kind: 'saml' | 'api';
  /** SAML entityID, or the audience; unique in the organization. */
  readonly identifier: string;
  /** The metadata as it was registered; '' for an API. */
  readonly metadata: string;
  readonly enabled: boolean;
  /** How well device and user must be proven to get in. */
  readonly minEvidence: EvidenceLevel;
  readonly createdAt: number;
}
