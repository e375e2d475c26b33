import type { Area, NewAuditEvent, Permission } from '@latchkey/contract';

/** A person who signs in to the console. Times are milliseconds since 1970, UTC. */
export interface Administrator {
  readonly id: string;
  /** null: an operator. */
  readonly organizationId: string | null;
  readonly userName: string;
  /** Folded; unique on the server. */
  readonly userNameKey: string;
  readonly displayName: string;
  /** `full`, `view` or the id of a role of the organization. */
  readonly roleId: string;
  readonly state: 'active' | 'disabled';
  /** As `hashPassword` writes it. */
  readonly password: string;
  /** The encrypted secret. */
  readonly totp: string | null;
  /** The step of the last code that was taken. */
  readonly totpStep: number;
  /** Keyed hashes. */
  readonly recoveryCodes: readonly string[];
  readonly createdAt: number;
  readonly lastSignedInAt: number | null;
}

/** What may change of an administrator. */
export type AdministratorChange = Partial<
  Pick<Administrator, 'displayName' | 'roleId' | 'state' | 'password' | 'totp' | 'recoveryCodes' | 'lastSignedInAt'>
>;

/** How far a browser is with signing in. */
export type SessionState = 'second_factor' | 'second_factor_enrolment' | 'signed_in';

export interface AdministratorSession {
  /** Keyed hash of the cookie's value. */
  readonly id: string;
  readonly administratorId: string;
  readonly organizationId: string | null;
  readonly state: SessionState;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastSeenAt: number;
  /** When both factors were last shown. */
  readonly reauthenticatedAt: number | null;
  /** What WebAuthn is to answer, and until when. */
  readonly challenge: string | null;
  /** The encrypted secret that waits for its first code. */
  readonly pendingTotp: string | null;
  /** Where it was signed in from. */
  readonly remoteAddress: string;
}

export type SessionChange = Partial<Pick<AdministratorSession, 'lastSeenAt' | 'challenge' | 'pendingTotp'>>;

export interface Passkey {
  readonly id: string;
  readonly administratorId: string;
  /** Base64url. */
  readonly credentialId: string;
  /** Base64url of the COSE key. */
  readonly publicKey: string;
  /** How often the authenticator says it was used (WebAuthn §6.1.1). */
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** What a role of an organization's own allows; what is not named it does not allow. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly permissions: Readonly<Partial<Record<Area, Permission>>>;
}

export interface Invitation {
  readonly id: string;
  readonly organizationId: string | null;
  readonly userName: string;
  readonly userNameKey: string;
  readonly roleId: string;
  /** Keyed hash of what the link carries. */
  readonly hash: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
}

/** Failed attempts under one name. */
export interface SignInFailures {
  readonly failures: number;
  readonly failedAt: number;
}

export interface Page {
  readonly after?: string;
  readonly limit: number;
}

/** The administrators of one holder: an organization, or (without one) the operators. */
export interface AdministratorsPort {
  /** False if the name is taken on this server. */
  readonly insertAdministrator: (administrator: Administrator) => Promise<boolean>;
  readonly findAdministrator: (id: string) => Promise<Administrator | undefined>;
  readonly listAdministrators: (page: Page) => Promise<readonly Administrator[]>;
  readonly changeAdministrator: (id: string, change: AdministratorChange) => Promise<boolean>;
  /** True if the step is later than every one before. */
  readonly takeTotpStep: (id: string, step: number) => Promise<boolean>;
  /** With passkeys and sessions. */
  readonly deleteAdministrator: (id: string) => Promise<boolean>;
  /** Active ones with the built-in role `full`. */
  readonly countFullAdministrators: () => Promise<number>;

  /** False if it is known, of whomever. */
  readonly insertPasskey: (passkey: Passkey) => Promise<boolean>;
  readonly listPasskeys: (administratorIds: readonly string[]) => Promise<readonly Passkey[]>;
  readonly usePasskey: (id: string, use: { readonly counter: number; readonly at: number }) => Promise<boolean>;
  readonly deletePasskey: (administratorId: string, id: string) => Promise<boolean>;

  /** In the place of one for the same name. */
  readonly insertInvitation: (invitation: Invitation) => Promise<void>;
  readonly listInvitations: (page: Page) => Promise<readonly Invitation[]>;
  /** Undefined if there is none (any more). */
  readonly deleteInvitation: (id: string) => Promise<Invitation | undefined>;

  /** Of the holder's own; operators have none. */
  readonly findRole: (id: string) => Promise<Role | undefined>;

  readonly insertAdministratorSession: (session: AdministratorSession) => Promise<void>;
  readonly changeAdministratorSession: (id: string, change: SessionChange) => Promise<boolean>;
  /** The challenge, which is gone afterwards. */
  readonly takeChallenge: (id: string) => Promise<string | undefined>;
  readonly deleteAdministratorSession: (id: string) => Promise<boolean>;
  /** The newest first; those that are over may be among them. */
  readonly listSessionsOfAdministrator: (administratorId: string) => Promise<readonly AdministratorSession[]>;
  readonly deleteSessionsOfAdministrator: (administratorId: string) => Promise<void>;

  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

/** What only organizations have: roles of their own. */
export interface OrganizationAdministratorsPort extends AdministratorsPort {
  readonly listRoles: () => Promise<readonly Role[]>;
  /** How many administrators have each role that somebody has. */
  readonly countAdministratorsByRole: () => Promise<ReadonlyMap<string, number>>;
  /** False if another one has the name. */
  readonly saveRole: (role: Role) => Promise<boolean>;
  readonly deleteRole: (id: string) => Promise<void>;
  /** Whether an administrator or an invitation has it. */
  readonly isRoleUsed: (id: string) => Promise<boolean>;
}

/** Whatever the holder. */
export interface AdministratorsServerPort extends AdministratorsPort {
  /** Whether there is one, of whatever holder. */
  readonly hasAdministrators: () => Promise<boolean>;
  readonly findAdministratorByName: (userNameKey: string) => Promise<Administrator | undefined>;
  readonly findAdministratorSession: (id: string) => Promise<AdministratorSession | undefined>;
  readonly findInvitation: (hash: string) => Promise<Invitation | undefined>;
  readonly findSignInFailures: (name: string) => Promise<SignInFailures | undefined>;
  readonly saveSignInFailures: (name: string, failures: SignInFailures | undefined) => Promise<void>;
  readonly findFact: (name: string) => Promise<string | undefined>;
  readonly saveFact: (name: string, value: string) => Promise<void>;
  readonly takeFact: (name: string, value: string) => Promise<boolean>;
  readonly findOrganization: (
    id: string,
  ) => Promise<{ readonly id: string; readonly name: string; readonly state: 'active' | 'suspended' } | undefined>;
}

interface Holder<Port> {
  readonly read: Port;
  readonly transaction: <T>(work: (store: Port) => Promise<T>) => Promise<T>;
}

export interface AdministratorsStorage {
  readonly server: AdministratorsServerPort;
  readonly serverTransaction: <T>(work: (store: AdministratorsServerPort) => Promise<T>) => Promise<T>;
  readonly organization: (id: string) => Holder<OrganizationAdministratorsPort>;
}

/** The storage of a holder: of an organization, or (null) of the operators. */
export const holderOf = (storage: AdministratorsStorage, organizationId: string | null): Holder<AdministratorsPort> =>
  organizationId === null
    ? { read: storage.server, transaction: storage.serverTransaction }
    : storage.organization(organizationId);
