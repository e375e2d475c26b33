import { getRouteApi } from '@tanstack/react-router';
import { useTexts } from '../../app/language.tsx';
import { AuditList } from './audit-list.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/o/$organization/audit');

/** Who did what in the organization. */
export const AuditPage = () => {
  const { organization } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <AuditList
      organization={organization}
      search={route.useSearch()}
      onSearch={(search) => void navigate({ search })}
      description={useTexts(texts).description}
    />
  );
};
