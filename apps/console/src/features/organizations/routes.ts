import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { operatorRoute, organizationRoute } from '../../app/roots.ts';

const openSearch = ({ open }: Record<string, unknown>): { readonly open?: string } => (typeof open === 'string' ? { open } : {});

export const organizationRoutes = {
  operator: [
    createRoute({
      getParentRoute: () => operatorRoute,
      path: '/',
      component: lazyRouteComponent(() => import('./organizations-page.tsx'), 'OrganizationsPage'),
    }),
    createRoute({
      getParentRoute: () => operatorRoute,
      path: '/organizations/new',
      component: lazyRouteComponent(() => import('./new-organization-page.tsx'), 'NewOrganizationPage'),
    }),
    createRoute({
      getParentRoute: () => operatorRoute,
      path: '/organizations/$id',
      validateSearch: openSearch,
      component: lazyRouteComponent(() => import('./organization-page.tsx'), 'OrganizationPage'),
    }),
  ],
  organization: [
    createRoute({
      getParentRoute: () => organizationRoute,
      path: '/sign-in/domains',
      validateSearch: openSearch,
      component: lazyRouteComponent(() => import('./domains-page.tsx'), 'DomainsPage'),
    }),
  ],
} as const;
