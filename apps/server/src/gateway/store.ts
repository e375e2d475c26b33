import type { NewAuditEvent } from '@latchkey/contract';
import type { DeviceState, EvidenceLevel, Parameters } from '@latchkey/device';

/** How a session and those behind it stand now. Times are milliseconds since 1970, UTC. */
export interface Standing {
  readonly session: {
    readonly id: string;
    readonly createdAt: number;
    readonly expiresAt: number;
    readonly endedAt: number | undefined;
  };
  readonly user: { readonly id: string; readonly userName: string; readonly state: 'active' | 'disabled' | 'deleted' };
  /** Those that the user is a member of itself, by name. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly device: {
    readonly id: string;
    readonly jkt: string;
    readonly state: DeviceState;
    readonly evidence: EvidenceLevel;
    readonly parameters: Parameters;
  };
}

/** The site that is asked for. */
export interface GatewayApplication {
  readonly id: string;
  readonly kind: 'saml' | 'api' | 'gateway';
  /** Its origin, and the audience of its access tokens. */
  readonly identifier: string;
  readonly enabled: boolean;
  readonly minEvidence: EvidenceLevel;
  readonly allowBearer: boolean;
}

/** What this slice needs of the store, within one organization. */
export interface GatewayStore {
  readonly findStanding: (sessionId: string) => Promise<Standing | undefined>;
  readonly findApplication: (id: string) => Promise<GatewayApplication | undefined>;
  readonly findApplicationByIdentifier: (identifier: string) => Promise<GatewayApplication | undefined>;
  readonly useOnce: (kind: 'jti', value: string, expiresAt: number) => Promise<boolean>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface GatewayStorage {
  /** `one`: no other process writes to this database. */
  readonly nodes: 'one' | 'many';
  readonly server: {
    readonly findApplicationOrganization: (id: string) => Promise<string | undefined>;
    readonly findOrganization: (id: string) => Promise<{ readonly state: 'active' | 'suspended' } | undefined>;
  };
  readonly organization: (id: string) => {
    readonly read: GatewayStore;
    readonly transaction: <T>(work: (store: GatewayStore) => Promise<T>) => Promise<T>;
  };
}
