import { getRouteApi } from '@tanstack/react-router';
import { SetsPage } from './sets-page.tsx';

const route = getRouteApi('/signed-in/o/$organization/directory/groups');

/** The groups of an organization. */
export const GroupsPage = () => {
  const { organization } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <SetsPage
      organization={organization}
      sets="groups"
      search={search}
      onSearch={(next, replace) => void navigate({ search: next, replace })}
    />
  );
};
