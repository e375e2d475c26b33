import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import type { SessionsSearch } from './sessions-search.ts';

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
