import { getRouteApi } from '@tanstack/react-router';
import { SetsPage } from './sets-page.tsx';

const route = getRouteApi('/signed-in/o/$organization/directory/departments');

/** The departments of an organization. */
export const DepartmentsPage = () => {
  const { organization } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <SetsPage
      organization={organization}
      sets="departments"
      search={search}
      onSearch={(next, replace) => void navigate({ search: next, replace })}
    />
  );
};
