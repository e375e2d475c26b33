import type { NewAuditEvent } from '@latchkey/contract';

/** A tenant. Times are milliseconds since 1970, UTC. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly createdAt: number;
  /** When everything of it is removed; null or left out: it stays. */
  readonly deleteAt?: number | null;
}

/** An authentication domain of an organization; `none` is a claim, which reserves nothing. */
export interface Domain {
  readonly id: string;
  /** Folded. */
  readonly name: string;
  readonly proof: 'granted' | 'dns' | 'none';
  readonly createdAt: number;
}

/** A signing key of a new organization, its private part encrypted. */
export interface NewSigningKey {
  readonly id: string;
  readonly purpose: 'idp-ec' | 'idp-rsa' | 'sp-ec' | 'token';
  readonly privateKey: string;
  readonly certificate: string;
  readonly createdAt: number;
}

/** What a page is cut from: at most `limit`, behind the id `after`. */
export interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** What the organization itself reads and writes. */
export interface OrganizationPort {
  readonly insertOrganization: (organization: Organization) => Promise<void>;
  readonly insertSigningKeys: (keys: readonly NewSigningKey[]) => Promise<void>;
  readonly readOrganization: () => Promise<Organization | undefined>;
  readonly setOrganizationState: (state: Organization['state']) => Promise<boolean>;
  readonly insertDomain: (domain: Domain) => Promise<boolean>;
  readonly removeDomain: (name: string) => Promise<boolean>;
  readonly findOwnDomain: (name: string) => Promise<Domain | undefined>;
  readonly listDomains: () => Promise<readonly Domain[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

/** What is asked across organizations. */
export interface OrganizationServerPort {
  readonly findOrganization: (id: string) => Promise<Organization | undefined>;
  readonly listOrganizations: (page: Page) => Promise<readonly Organization[]>;
}

export interface OrganizationStorage {
  readonly server: OrganizationServerPort;
  readonly organization: (id: string) => {
    readonly read: OrganizationPort;
    readonly transaction: <T>(work: (store: OrganizationPort) => Promise<T>) => Promise<T>;
  };
}
