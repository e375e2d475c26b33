export type UserState = 'active' | 'disabled' | 'deleted';

/** `console`, `api`, `csv`, `scim:<idp>` or `jit:<idp>`: who made the user and owns it. */
export type UserSource = 'console' | 'api' | 'csv' | `scim:${string}` | `jit:${string}`;

/** A person in the organization's directory. Times are milliseconds since 1970, UTC. */
export interface User {
  readonly id: string;
  /** `user@domain` as its source wrote it. */
  readonly userName: string;
  readonly displayName: string;
  readonly state: UserState;
  readonly source: UserSource;
  readonly createdAt: number;
  readonly updatedAt: number;
}
