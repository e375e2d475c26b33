import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';

export interface IdentityProvidersSearch {
  /** The id of the one that is open, or `add-device`, `add-saml`. */
  readonly open?: string;
}

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/identity-providers',
    validateSearch: ({ open }: Record<string, unknown>): IdentityProvidersSearch => (typeof open === 'string' ? { open } : {}),
    component: lazyRouteComponent(() => import('./identity-providers-page.tsx'), 'IdentityProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/profile',
    component: lazyRouteComponent(() => import('./profile-page.tsx'), 'ProfilePage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/administration/data',
    component: lazyRouteComponent(() => import('./data-page.tsx'), 'DataPage'),
  }),
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/changes',
    component: lazyRouteComponent(() => import('./changes-page.tsx'), 'ChangesPage'),
  }),
] as const;
