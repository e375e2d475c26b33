import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';

export interface DeviceTokensSearch {
  /** The id of the one that is open, or `new`. */
  readonly open?: string;
}

export const deviceTokenRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/devices/tokens',
    validateSearch: ({ open }: Record<string, unknown>): DeviceTokensSearch => (typeof open === 'string' ? { open } : {}),
    component: lazyRouteComponent(() => import('./device-tokens-page.tsx'), 'DeviceTokensPage'),
  }),
] as const;
