import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import { openSearch } from '../../app/use-open.ts';

export const signingKeyRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/administration/keys',
    validateSearch: openSearch,
    component: lazyRouteComponent(() => import('./signing-keys-page.tsx'), 'SigningKeysPage'),
  }),
] as const;
