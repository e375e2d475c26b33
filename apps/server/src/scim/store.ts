import type { NewAuditEvent } from '@latchkey/contract';
import type { NewUser, Source, User, UserSet, UserState } from '@latchkey/directory';
import type { JsonObject } from '@latchkey/scim';

/** What a provisioning source says of a user or group beside what the directory knows. */
export interface Provided {
  readonly externalId: string | undefined;
  /** All of its SCIM attributes, but for those the directory changes by itself: `active`, `groups`, `members`. */
  readonly attributes: JsonObject;
}

export interface ProvidedUser extends Provided {
  readonly user: User;
  /** When a deletion that can be undone becomes one. */
  readonly deleteAt: number | undefined;
}

export interface ProvidedGroup extends Provided {
  readonly group: UserSet;
}

/** A part of one index: what a filter is looked up by. Keys are folded (core/directory: foldText). */
export type UserRange =
  | { readonly by: 'all'; readonly order: 'userName' | 'displayName' | 'lastModified'; readonly descending: boolean }
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'userName' | 'displayName'; readonly key: string; readonly begins: boolean }
  | { readonly by: 'externalId'; readonly value: string }
  | { readonly by: 'email'; readonly key: string }
  | { readonly by: 'active'; readonly active: boolean }
  | { readonly by: 'lastModified'; readonly from: number; readonly to: number }
  | { readonly by: 'group'; readonly id: string };

export type GroupRange =
  | { readonly by: 'all'; readonly order: 'displayName' | 'lastModified'; readonly descending: boolean }
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'displayName'; readonly key: string; readonly begins: boolean }
  | { readonly by: 'externalId'; readonly value: string }
  | { readonly by: 'lastModified'; readonly from: number; readonly to: number }
  | { readonly by: 'member'; readonly id: string };

export type RangeKey = readonly (string | number)[];

/** What is cut from a range. */
export interface RangeCut {
  /** Behind the row with this key. */
  readonly after?: RangeKey | undefined;
  readonly skip?: number;
  readonly limit: number;
}

/** A row and where it stands in its range. */
export interface Placed<Row> {
  readonly row: Row;
  readonly key: RangeKey;
}

/** A member as it is shown. */
export interface Member {
  readonly id: string;
  readonly type: 'User' | 'Group';
  readonly display: string;
}

export interface ScimToken {
  readonly id: string;
  readonly idp: string;
  readonly description: string;
  readonly lookup: string;
  readonly hash: string;
  readonly hint: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** An entry of the sync log. */
export interface ScimExchange {
  readonly id: string;
  readonly idp: string;
  readonly at: number;
  readonly client: string;
  readonly tokenId: string;
  readonly entity: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly microseconds: number;
  readonly correlationId: string;
  readonly request: string;
  readonly response: string;
  readonly expiresAt: number;
}

export interface ScimLogFilter {
  readonly client?: string | undefined;
  readonly entity?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
  readonly failed?: boolean | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

interface Page {
  readonly after?: string;
  readonly limit: number;
}

export interface ScimPort {
  readonly groups: {
    readonly insert: (set: UserSet) => Promise<boolean>;
    readonly findByName: (name: string) => Promise<UserSet | undefined>;
    readonly save: (set: UserSet, from: number) => Promise<boolean>;
    readonly count: (most: number) => Promise<number>;
    readonly delete: (id: string, at: number) => Promise<void>;
  };
  readonly departments: {
    readonly insert: (set: UserSet) => Promise<boolean>;
    readonly findByName: (name: string) => Promise<UserSet | undefined>;
  };
  readonly insertUser: (user: NewUser, provided?: Provided) => Promise<boolean>;
  readonly findUserByName: (userNameKey: string) => Promise<User | undefined>;
  readonly saveUser: (user: User, from: number, provided?: Provided) => Promise<boolean>;
  readonly changeUserState: (
    id: string,
    from: UserState,
    to: { readonly state: UserState; readonly at: number; readonly by?: Source },
  ) => Promise<boolean>;
  readonly endUserSessions: (userId: string, at: number) => Promise<number>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;

  readonly findProvidedUser: (source: Source, id: string) => Promise<ProvidedUser | undefined>;
  readonly findProvidedUsers: (source: Source, ids: readonly string[]) => Promise<readonly ProvidedUser[]>;
  readonly listProvidedUsers: (source: Source, range: UserRange, cut: RangeCut) => Promise<readonly Placed<ProvidedUser>[]>;
  readonly countProvidedUsers: (source: Source, range: UserRange) => Promise<number>;
  /** Those of them that there are: what a membership is written by. */
  readonly listUserKeys: (
    source: Source,
    ids: readonly string[],
  ) => Promise<readonly { readonly id: string; readonly userNameKey: string }[]>;
  readonly saveUserEmails: (userId: string, keys: readonly string[]) => Promise<void>;
  readonly forgetProvidedUser: (id: string) => Promise<void>;
  readonly setUserDeletion: (id: string, at: number | null) => Promise<void>;

  readonly findProvidedGroup: (source: Source, id: string) => Promise<ProvidedGroup | undefined>;
  readonly findProvidedGroups: (source: Source, ids: readonly string[]) => Promise<readonly ProvidedGroup[]>;
  readonly listProvidedGroups: (source: Source, range: GroupRange, cut: RangeCut) => Promise<readonly Placed<ProvidedGroup>[]>;
  readonly countProvidedGroups: (source: Source, range: GroupRange) => Promise<number>;
  readonly saveProvidedGroup: (id: string, provided: Provided) => Promise<void>;
  readonly touchGroup: (id: string, at: number) => Promise<void>;
  readonly touchGroupsOf: (memberId: string, at: number) => Promise<void>;
  /** By user name, nested groups last. */
  readonly listMembers: (
    source: Source,
    groupId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ) => Promise<{ readonly members: readonly Member[]; readonly next: string | undefined }>;
  readonly listMemberIds: (groupId: string) => Promise<ReadonlySet<string>>;
  readonly joinGroup: (
    groupId: string,
    users: readonly { readonly id: string; readonly userNameKey: string }[],
  ) => Promise<number>;
  readonly nestGroups: (groupId: string, memberIds: readonly string[]) => Promise<number>;
  readonly removeMembers: (groupId: string, ids: readonly string[]) => Promise<number>;
  readonly listGroupsOfUsers: (
    source: Source,
    userIds: readonly string[],
  ) => Promise<readonly { readonly userId: string; readonly groupId: string; readonly name: string }[]>;
  /** Which groups these are in, themselves. */
  readonly listParents: (
    source: Source,
    groupIds: readonly string[],
  ) => Promise<readonly { readonly memberId: string; readonly groupId: string; readonly name: string }[]>;
  /** The groups in these, themselves. */
  readonly listNested: (groupIds: readonly string[]) => Promise<readonly string[]>;
  /** How many groups each is in, if so many at least. */
  readonly countGroupsOfUsers: (userIds: readonly string[], atLeast: number) => Promise<readonly string[]>;
  readonly removeNesting: (groupId: string) => Promise<void>;

  readonly countProvided: (source: Source, resource: 'User' | 'Group') => Promise<number>;
  readonly addToCount: (source: Source, resource: 'User' | 'Group', id: string, by: 1 | -1) => Promise<void>;

  readonly insertScimToken: (token: ScimToken) => Promise<void>;
  readonly findScimToken: (lookup: string) => Promise<ScimToken | undefined>;
  readonly findScimTokenById: (idp: string, id: string) => Promise<ScimToken | undefined>;
  readonly listScimTokens: (idp: string, page: Page) => Promise<readonly ScimToken[]>;
  readonly countLiveScimTokens: (idp: string, at: number) => Promise<number>;
  readonly revokeScimToken: (id: string, at: number) => Promise<boolean>;
  readonly touchScimToken: (id: string, at: number) => Promise<void>;

  readonly insertScimExchange: (exchange: ScimExchange) => Promise<void>;
  readonly findScimExchange: (idp: string, id: string) => Promise<ScimExchange | undefined>;
  /** Newest first. */
  readonly listScimExchanges: (idp: string, filter: ScimLogFilter, page: Page) => Promise<readonly ScimExchange[]>;

  readonly findDraft: () => Promise<
    { readonly document: { readonly identityProviders: readonly { readonly id: string }[] } } | undefined
  >;
  readonly findActiveVersionNumber: () => Promise<number | undefined>;
}

export interface ScimStorage {
  readonly server: {
    readonly findOrganization: (id: string) => Promise<{ readonly state: 'active' | 'suspended' } | undefined>;
    /** Users whose deletion can no longer be undone. */
    readonly listDueDeletionsOfUsers: (
      at: number,
      limit: number,
    ) => Promise<readonly { readonly id: string; readonly organizationId: string; readonly source: Source }[]>;
  };
  readonly organization: (id: string) => {
    readonly read: ScimPort;
    readonly transaction: <T>(
      work: (store: ScimPort) => Promise<T>,
      options?: { readonly turn?: string | undefined },
    ) => Promise<T>;
  };
}
