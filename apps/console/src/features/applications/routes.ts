import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';

export interface ApplicationsSearch {
  /** The id of the one that is open, or `new`. */
  readonly open?: string;
}

export const applicationRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/applications',
    validateSearch: ({ open }: Record<string, unknown>): ApplicationsSearch => (typeof open === 'string' ? { open } : {}),
    component: lazyRouteComponent(() => import('./applications-page.tsx'), 'ApplicationsPage'),
  }),
] as const;
