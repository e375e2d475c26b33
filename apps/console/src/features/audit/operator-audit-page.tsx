import { getRouteApi } from '@tanstack/react-router';
import { useTexts } from '../../app/language.tsx';
import { AuditList } from './audit-list.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/signed-in/operator/audit');

/** What operators have done to the server and to organizations. */
export const OperatorAuditPage = () => {
  const navigate = route.useNavigate();
  return (
    <AuditList
      organization={undefined}
      search={route.useSearch()}
      onSearch={(search) => void navigate({ search })}
      description={useTexts(texts).operatorDescription}
    />
  );
};
