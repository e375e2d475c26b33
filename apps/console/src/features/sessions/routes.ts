import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';

export interface SessionsSearch {
  /** Beginning of a user name, host name or serial number. */
  readonly q?: string;
  /** A device's id. */
  readonly device?: string;
}

export const sessionRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/sign-in/sessions',
    validateSearch: ({ q, device }: Record<string, unknown>): SessionsSearch => ({
      ...(typeof q === 'string' && q !== '' ? { q } : {}),
      ...(typeof device === 'string' && device !== '' ? { device } : {}),
    }),
    component: lazyRouteComponent(() => import('./sessions-page.tsx'), 'SessionsPage'),
  }),
] as const;
