import type { Source } from './source.ts';

/** A named set of users: a group, of which a user may have many, or a department, of which a user has one at most. */
export interface UserSet {
  readonly id: string;
  /** Unique in the organization, in any case. */
  readonly name: string;
  readonly comments: string;
  readonly source: Source;
  /** Made with the organization: it keeps its name and stays. */
  readonly system: boolean;
  /** Grows with each change but of its members: the ETag. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The system group that each organization has (reference system §3.4). */
export const SERVICE_ADMIN = 'Service Admin';

/** Its id follows from the organization's, so that every node and the migration of older databases make the same one. */
export const serviceAdminId = (organizationId: string): string => `grp_${organizationId.replace(/^org_/, '')}`;
