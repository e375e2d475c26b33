import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorRoute, organizationRoute } from '../../app/roots.ts';
import { readAuditSearch } from './audit-search.ts';

export const auditRoutes = {
  organization: [
    createRoute({
      getParentRoute: () => organizationRoute,
      path: '/audit',
      validateSearch: readAuditSearch,
      component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
    }),
  ],
  operator: [
    createRoute({
      getParentRoute: () => operatorRoute,
      path: '/audit',
      validateSearch: readAuditSearch,
      component: lazyRouteComponent(() => import('./operator-audit-page.tsx'), 'OperatorAuditPage'),
    }),
  ],
} as const;
