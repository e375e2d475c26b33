import type { NewAuditEvent } from '@latchkey/contract';
import type { NewUser, Source, User, UserSet, UserState } from '@latchkey/directory';
import type { Cut, Found, Total } from '../found.ts';

/** Which users are meant; all that is given must match. Deleted ones never do. */
export interface UserFilter extends Cut {
  /** Beginning of a user name or display name, in any case. */
  readonly q?: string;
  readonly state?: UserState;
  readonly departmentId?: string;
  readonly groupId?: string;
  readonly source?: string;
}

export interface UserSetFilter extends Cut {
  /** Beginning of a name, in any case. */
  readonly q?: string;
  readonly source?: string;
}

/** What a group or department is called elsewhere. */
export interface GroupName {
  readonly id: string;
  readonly name: string;
}

export type UserSetKind = 'group' | 'department';

/** Groups, or departments. */
export interface UserSetPort {
  /** False if there is one of this name. */
  readonly insert: (set: UserSet) => Promise<boolean>;
  readonly find: (id: string) => Promise<UserSet | undefined>;
  readonly findByName: (name: string) => Promise<UserSet | undefined>;
  readonly findAll: (ids: readonly string[]) => Promise<readonly UserSet[]>;
  readonly search: (filter: UserSetFilter) => Promise<Found<UserSet>>;
  readonly total: (filter: Omit<UserSetFilter, keyof Cut>) => Promise<Total>;
  readonly count: (most: number) => Promise<number>;
  readonly save: (set: UserSet, from: number) => Promise<boolean>;
  readonly delete: (id: string, at: number) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export interface DirectoryPort {
  readonly groups: UserSetPort;
  readonly departments: UserSetPort;
  readonly insertUser: (user: NewUser) => Promise<boolean>;
  readonly findUser: (id: string) => Promise<User | undefined>;
  readonly findUserByName: (userNameKey: string) => Promise<User | undefined>;
  readonly searchUsers: (filter: UserFilter) => Promise<Found<User>>;
  readonly totalUsers: (filter: Omit<UserFilter, keyof Cut>) => Promise<Total>;
  readonly saveUser: (user: User, from: number) => Promise<boolean>;
  readonly touchUser: (id: string, at: number) => Promise<void>;
  readonly changeUserState: (
    id: string,
    from: UserState,
    to: { readonly state: UserState; readonly at: number; readonly by?: Source },
  ) => Promise<boolean>;
  readonly listGroupsOfUser: (userId: string) => Promise<readonly GroupName[]>;
  readonly joinGroups: (
    user: { readonly id: string; readonly userNameKey: string },
    groupIds: readonly string[],
  ) => Promise<number>;
  readonly leaveGroup: (userId: string, groupId: string) => Promise<boolean>;
  readonly emptyGroup: (id: string, limit: number) => Promise<number>;
  readonly leaveDepartment: (id: string, limit: number) => Promise<number>;
  readonly endUserSessions: (userId: string, at: number) => Promise<number>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface DirectoryServerPort {
  readonly listDeletedUserSets: (
    limit: number,
  ) => Promise<readonly { readonly kind: UserSetKind; readonly id: string; readonly organizationId: string }[]>;
}

export interface DirectoryStorage {
  readonly server: DirectoryServerPort;
  readonly organization: (id: string) => {
    readonly read: DirectoryPort;
    readonly transaction: <T>(work: (store: DirectoryPort) => Promise<T>) => Promise<T>;
  };
}

/** The groups, or the departments, of a store. */
export const setsOf = (store: Pick<DirectoryPort, 'groups' | 'departments'>, kind: UserSetKind): UserSetPort =>
  kind === 'group' ? store.groups : store.departments;
