import type { NewAuditEvent } from '@latchkey/contract';
import type { User, UserState } from '@latchkey/directory';

/** What a page of users is cut from; in the order of ids, which is that of creation. Deleted users are never listed. */
export interface UserFilter {
  readonly state?: UserState;
  /** Beginning of a folded user name. */
  readonly prefix?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface DirectoryPort {
  readonly insertUser: (user: User) => Promise<boolean>;
  readonly findUser: (id: string) => Promise<User | undefined>;
  readonly findUserByName: (userNameKey: string) => Promise<User | undefined>;
  readonly listUsers: (filter: UserFilter) => Promise<readonly User[]>;
  readonly changeUserState: (
    id: string,
    from: UserState,
    to: { readonly state: UserState; readonly at: number },
  ) => Promise<boolean>;
  readonly endUserSessions: (userId: string, at: number) => Promise<number>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface DirectoryStorage {
  readonly organization: (id: string) => {
    readonly read: DirectoryPort;
    readonly transaction: <T>(work: (store: DirectoryPort) => Promise<T>) => Promise<T>;
  };
}
