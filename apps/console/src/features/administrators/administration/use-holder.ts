import type { Permission } from '@latchkey/contract';
import { useMay } from '../../../app/session.ts';
import { useOrganization } from '../../../app/use-open.ts';

/** Whose administrators the page is about: an organization's, or the operators. */
export const useHolder = (): {
  readonly organization: string | undefined;
  /** Of the API, for what belongs to the holder. */
  readonly path: string;
  /** The second part of query keys. */
  readonly key: string;
  readonly may: Permission;
} => {
  const organization = useOrganization();
  const may = useMay(organization === undefined ? 'operator' : 'administrators');
  return organization === undefined
    ? { organization, path: '/operator', key: 'operator', may }
    : { organization, path: `/organizations/${organization}`, key: organization, may };
};
