/** Begun by one verified assertion and bound to the key of its device. Times are milliseconds since 1970, UTC. */
export interface Session {
  readonly id: string;
  readonly deviceId: string;
  readonly userId: string;
  /** Id of the identity provider that vouched. */
  readonly idp: string;
  readonly assertionId: string;
  readonly sessionIndex: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | undefined;
}

/** Which sessions run: not over at `at`, and begun after `since`. */
export interface Running {
  readonly at: number;
  readonly since: number;
}
