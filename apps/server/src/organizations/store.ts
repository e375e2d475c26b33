import type { NewAuditEvent } from '@latchkey/contract';
import type { UserSet } from '@latchkey/directory';

/** A tenant. Times are milliseconds since 1970, UTC. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly createdAt: number;
  /** When everything of it is removed; null: it stays. */
  readonly deleteAt: number | null;
}

export type NewOrganization = Omit<Organization, 'deleteAt'>;

/** An authentication domain of an organization; `none` is a claim, which reserves nothing. */
export interface Domain {
  readonly id: string;
  /** Folded. */
  readonly name: string;
  readonly proof: 'granted' | 'dns' | 'none';
  readonly createdAt: number;
  /** When its DNS record was last looked up. */
  readonly checkedAt: number | null;
  /** Since when the record of a proved domain is gone. */
  readonly failingSince: number | null;
  /** Since when this claim has a proof beside that of another organization. */
  readonly contestedAt: number | null;
  /** When it is to be looked up again; null: when somebody asks. */
  readonly nextCheckAt: number | null;
}

type DomainCheck = Pick<Domain, 'checkedAt' | 'failingSince' | 'contestedAt' | 'nextCheckAt'>;

export type NewDomain = Omit<Domain, keyof DomainCheck> & Partial<DomainCheck>;

/** What may change of a domain that stays what it is, or is no longer proved. */
export type DomainChange = Partial<DomainCheck> & { readonly proof?: 'none' };

/** A signing key of a new organization, its private part encrypted. */
export interface NewSigningKey {
  readonly id: string;
  readonly purpose: 'idp-ec' | 'idp-rsa' | 'sp-ec' | 'token';
  readonly privateKey: string;
  readonly certificate: string;
  readonly createdAt: number;
  readonly state: 'next' | 'active' | 'retiring';
  readonly stateSince: number;
}

/** What a page is cut from: at most `limit`, behind the id `after`. */
export interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** What the organization itself reads and writes. */
export interface OrganizationPort {
  readonly insertOrganization: (organization: NewOrganization) => Promise<void>;
  readonly groups: { readonly insert: (group: UserSet) => Promise<boolean> };
  readonly insertSigningKeys: (keys: readonly NewSigningKey[]) => Promise<void>;
  readonly readOrganization: () => Promise<Organization | undefined>;
  readonly setOrganizationState: (state: Organization['state']) => Promise<boolean>;
  readonly setDeletion: (from: number | null, to: number | null) => Promise<boolean>;
  readonly removeSomeRows: (limit: number) => Promise<boolean>;
  readonly removeOrganization: () => Promise<boolean>;
  readonly insertDomain: (domain: NewDomain) => Promise<boolean>;
  readonly changeDomain: (name: string, change: DomainChange) => Promise<boolean>;
  readonly claimDomainCheck: (name: string, from: number, to: number) => Promise<boolean>;
  readonly removeDomain: (name: string) => Promise<boolean>;
  readonly findOwnDomain: (name: string) => Promise<Domain | undefined>;
  readonly listDomains: () => Promise<readonly Domain[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

/** What is asked across organizations. */
export interface OrganizationServerPort {
  readonly findOrganization: (id: string) => Promise<Organization | undefined>;
  readonly listOrganizations: (page: Page) => Promise<readonly Organization[]>;
  readonly listDueDeletions: (at: number) => Promise<readonly Organization[]>;
  /** Who has proved this name. */
  readonly findDomain: (name: string) => Promise<{ readonly organizationId: string } | undefined>;
  readonly listDueDomains: (at: number, limit: number) => Promise<readonly DueDomain[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

/** A domain that is to be looked up again. */
export interface DueDomain {
  readonly organizationId: string;
  readonly name: string;
  readonly nextCheckAt: number;
}

export interface OrganizationStorage {
  readonly server: OrganizationServerPort;
  readonly serverTransaction: <T>(work: (store: OrganizationServerPort) => Promise<T>) => Promise<T>;
  readonly organization: (id: string) => {
    readonly read: OrganizationPort;
    readonly transaction: <T>(work: (store: OrganizationPort) => Promise<T>) => Promise<T>;
  };
}
