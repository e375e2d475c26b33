import type { Source } from './source.ts';

export type UserState = 'active' | 'disabled' | 'deleted';

/** A person in the organization's directory. Times are milliseconds since 1970, UTC. */
export interface User {
  readonly id: string;
  /** `user@domain` as its source wrote it. */
  readonly userName: string;
  readonly displayName: string;
  /** Where to write to; '' if not known. The user name need not be a mailbox. */
  readonly email: string;
  /** One, or none. */
  readonly departmentId: string | undefined;
  readonly comments: string;
  readonly state: UserState;
  /** Who has disabled the user, while that is so. */
  readonly disabledBy: Source | undefined;
  readonly source: Source;
  /** Grows with each change: the ETag. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a new user has; the rest has its defaults. */
export type NewUser = Pick<User, 'id' | 'userName' | 'displayName' | 'state' | 'source' | 'createdAt' | 'updatedAt'> &
  Partial<Pick<User, 'email' | 'departmentId' | 'comments' | 'disabledBy'>>;

/** The user that comes of it. */
export const newUser = (given: NewUser): User => ({
  email: '',
  departmentId: undefined,
  comments: '',
  disabledBy: undefined,
  revision: 1,
  ...given,
});
