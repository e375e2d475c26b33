import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import type { ReadinessSearch } from './readiness-search.ts';

export const readinessRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/readiness',
    validateSearch: ({ domain, newly }: Record<string, unknown>): ReadinessSearch => ({
      ...(typeof domain === 'string' && domain !== '' ? { domain } : {}),
      ...(newly === true ? { newly } : {}),
    }),
    component: lazyRouteComponent(() => import('./readiness-page.tsx'), 'ReadinessPage'),
  }),
] as const;
