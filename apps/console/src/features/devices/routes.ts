import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import { deviceStates } from './acts.ts';
import type { DevicesSearch } from './devices-search.ts';

export const deviceRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/devices',
    validateSearch: ({ state, q, open }: Record<string, unknown>): DevicesSearch => {
      const known = deviceStates.find((each) => each === state);
      return {
        ...(known === undefined ? {} : { state: known }),
        ...(typeof q === 'string' && q !== '' ? { q } : {}),
        ...(typeof open === 'string' ? { open } : {}),
      };
    },
    component: lazyRouteComponent(() => import('./devices-page.tsx'), 'DevicesPage'),
  }),
] as const;
