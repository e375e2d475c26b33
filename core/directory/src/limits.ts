/** How much an organization may have. */
export interface DirectoryLimits {
  /** Groups that one user is in. */
  readonly groupsPerUser: number;
  readonly groups: number;
  readonly departments: number;
  /** Rows of one CSV file. */
  readonly importRows: number;
}

/** The reference system's (§3.4), but for the rows of a CSV file: 3,000 there. */
export const defaultLimits: DirectoryLimits = {
  groupsPerUser: 128,
  groups: 140_000,
  departments: 140_000,
  importRows: 1_000_000,
};
