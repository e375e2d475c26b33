import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { organizationRoute } from '../../app/roots.ts';
import { type Period, periods } from './activity.ts';

export interface OverviewSearch {
  /** What the charts look back at; a day unless said. */
  readonly period?: Period;
}

export const overviewRoutes = [
  createRoute({
    getParentRoute: () => organizationRoute,
    path: '/',
    validateSearch: ({ period }: Record<string, unknown>): OverviewSearch =>
      // One of its own keys, as just asked.
      typeof period === 'string' && Object.hasOwn(periods, period) ? { period: period as Period } : {},
    component: lazyRouteComponent(() => import('./overview-page.tsx'), 'OverviewPage'),
  }),
] as const;
