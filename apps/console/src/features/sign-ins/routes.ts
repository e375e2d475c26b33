import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import { readSignInsSearch } from './sign-ins-search.ts';

export const signInRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/sign-ins',
    validateSearch: readSignInsSearch,
    component: lazyRouteComponent(() => import('./sign-ins-page.tsx'), 'SignInsPage'),
  }),
] as const;
