import { useOrganization } from '../../app/use-open.ts';
import { areasOf, withoutScope } from '../../components/areas.ts';

/** Whose keys the page is about: an organization's, or the operators'. */
export const useHolder = () => {
  const organization = useOrganization();
  const areas = areasOf[organization === undefined ? 'operator' : 'organization'];
  return {
    organization,
    /** Of the API. */
    path: organization === undefined ? '/api-keys' : `/organizations/${organization}/api-keys`,
    /** The second part of query keys. */
    key: organization ?? 'operator',
    /** What a key may be narrowed to. */
    areas: areas.filter((area) => !withoutScope.includes(area)),
  };
};
